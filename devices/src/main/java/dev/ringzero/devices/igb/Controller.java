package dev.ringzero.devices.igb;

import dev.ringzero.engine.Clock;
import dev.ringzero.engine.state.StateException;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import dev.ringzero.engine.state.Stateful;
import dev.ringzero.engine.wire.Packet;
import dev.ringzero.engine.wire.Wire;
import dev.ringzero.memory.DmaMemory;
import java.util.Arrays;

/**
 * The controller behind the functions: sixteen pairs of queues, of which pool p has p and p + 8.
 * The first pools belong to the virtual functions that are there, the others to the physical one.
 *
 * <p>Not modelled: management, wake-up, flow control by pause frames, IPsec, DCA, rate limits.
 *
 * @spec Intel 82576EB Gigabit Ethernet Controller Datasheet
 */
public final class Controller implements Stateful {
  /** The number of the physical function, behind those of the virtual ones. */
  public static final int PHYSICAL = 8;

  static final int POOLS = 8;
  static final int QUEUES = 16;
  private static final int PACKETS_A_STEP = 64;
  private static final int ETHERNET_BYTES = 18;

  private final String name;
  private final long mac;
  private final int mtu;
  private final Wire wire;
  private final PacketFinisher finisher;
  private final RegisterFile registers = new RegisterFile();
  private final Interrupts interrupts;
  private final Link link;
  private final Nvm nvm;
  private final Mailbox mailbox;
  private final Statistics statistics = new Statistics(registers);
  private final ReceiveFilter filter = new ReceiveFilter(registers);
  private final TransmitQueue[] transmitters = new TransmitQueue[QUEUES];
  private final ReceiveQueue[] receivers = new ReceiveQueue[QUEUES];
  private final PacketSwitch[] switches = new PacketSwitch[PHYSICAL + 1];
  private final FunctionSide[] sides = new FunctionSide[PHYSICAL + 1];
  private final PhysicalRegisters access;
  private volatile int virtualFunctions;
  private volatile boolean resend;

  /** A packet for which its queue had no room, or null; of the physical function's agent. */
  private Packet held;

  /**
   * Makes a controller.
   *
   * @param name of its state
   * @param mac the address in its EEPROM, as a number of 48 bits
   * @param mtu the longest packet that goes to the wire
   */
  public Controller(
      String name, long mac, int mtu, Wire wire, PacketFinisher finisher, Clock clock) {
    this.name = name;
    this.mac = mac;
    this.mtu = mtu;
    this.wire = wire;
    this.finisher = finisher;
    Arrays.fill(sides, FunctionSide.NOBODY);
    interrupts = new Interrupts(registers, clock, this::signal, this::followPin);
    link = new Link(registers, interrupts);
    nvm = new Nvm(registers, mac);
    mailbox = new Mailbox(registers, interrupts);
    for (int i = 0; i < QUEUES; i++) {
      transmitters[i] = new TransmitQueue(i, registers, filter, statistics);
      receivers[i] = new ReceiveQueue(i, registers, filter, statistics);
    }
    Arrays.setAll(switches, i -> new PacketSwitch(this, registers, filter));
    access = new PhysicalRegisters(this, clock);
    reset();
    wire.onCarrier(link::cable);
    wire.onArrival(() -> sides[PHYSICAL].wakeReceiver());
  }

  // Units, for those that work on them

  RegisterFile registers() {
    return registers;
  }

  Interrupts interrupts() {
    return interrupts;
  }

  Link link() {
    return link;
  }

  Nvm nvm() {
    return nvm;
  }

  Mailbox mailbox() {
    return mailbox;
  }

  Statistics statistics() {
    return statistics;
  }

  PacketFinisher finisher() {
    return finisher;
  }

  TransmitQueue transmitQueue(int queue) {
    return transmitters[queue];
  }

  ReceiveQueue receiveQueue(int queue) {
    return receivers[queue];
  }

  /** The address that the physical function has now. */
  public long mac() {
    long low = Integer.reverseBytes(registers.get(Register.RA)) & 0xFFFF_FFFFL;
    int high = Short.reverseBytes((short) registers.get(Register.RA + 4)) & 0xFFFF;
    return low << 16 | high;
  }

  public Totals totals() {
    return statistics.totals();
  }

  // Functions

  /** Says who a function is. */
  void connect(int function, FunctionSide side) {
    sides[function] = side;
  }

  /** How many virtual functions are there. */
  public int virtualFunctions() {
    return virtualFunctions;
  }

  /** Makes the first pools those of virtual functions; queues that change hands are stopped. */
  public void virtualFunctions(int count) {
    int before = virtualFunctions;
    for (int pool = Math.min(before, count); pool < Math.max(before, count); pool++) {
      stopPool(pool);
    }
    virtualFunctions = count;
    interrupts.virtualFunctions(count);
  }

  private int ownerOf(int pool) {
    return pool < virtualFunctions ? pool : PHYSICAL;
  }

  FunctionSide owner(int pool) {
    return sides[ownerOf(pool)];
  }

  private void signal(int vector) {
    int function = (Interrupts.VECTORS - 1 - vector) / Interrupts.VECTORS_A_FUNCTION;
    if (function < virtualFunctions) {
      sides[function].signal(vector - Interrupts.firstVector(function));
    } else {
      sides[PHYSICAL].signal(vector);
    }
  }

  private void followPin() {
    if (virtualFunctions == 0) {
      sides[PHYSICAL].followPin();
    }
  }

  /** Reads a register of the physical function; the offset is that of a word. */
  public int read(int offset) {
    return access.read(offset);
  }

  /** Writes a register of the physical function; the offset is that of a word. */
  public void write(int offset, int value) {
    access.write(offset, value);
  }

  // Resets

  /** What a reset of the physical function does, or CTRL.RST. */
  void reset() {
    for (int pool = 0; pool < POOLS; pool++) {
      stopPool(pool);
    }
    interrupts.reset();
    access.reset(mac);
    nvm.reset();
    mailbox.reset();
    link.control(registers.get(Register.CTRL));
  }

  private void stopPool(int pool) {
    for (int queue = pool; queue < QUEUES; queue += POOLS) {
      transmitters[queue].reset();
      receivers[queue].reset();
    }
  }

  /** Resets what a virtual function has; the driver of the physical one is told. */
  void resetFunction(int function) {
    stopPool(function);
    registers.clearBits(Register.VFRE, 1 << function);
    registers.clearBits(Register.VFTE, 1 << function);
    if (function < virtualFunctions) {
      interrupts.forget(function);
      mailbox.functionReset(function);
    }
  }

  // Agents

  void sendOutside(Packet packet) {
    int longest =
        packet.segmentation() == Packet.SEGMENTATION_NONE ? mtu + ETHERNET_BYTES : packet.length();
    if (packet.length() > longest || !link.isUp()) {
      packet.release();
      return;
    }
    wire.send(packet);
  }

  /** Sends what a function's driver gave; returns whether there may be more. */
  boolean transmit(int function) {
    boolean more = false;
    for (int queue = 0; queue < QUEUES; queue++) {
      if (ownerOf(queue % POOLS) == function) {
        more |= transmit(function, transmitters[queue], queue);
      }
    }
    return more;
  }

  private boolean transmit(int function, TransmitQueue queue, int number) {
    DmaMemory memory = sides[function].memory();
    int done = 0;
    while (memory != null && done < PACKETS_A_STEP && queue.step(memory)) {
      for (Packet packet = queue.fetched(); packet != null; packet = queue.fetched()) {
        switches[function].transmit(queue.pool(), packet);
      }
      done++;
    }
    if (done > 0) {
      interrupts.queue(number, true);
    }
    return done == PACKETS_A_STEP;
  }

  /** Gives a function's driver what has arrived; returns whether there may be more. */
  boolean receive(int function) {
    boolean more = function == PHYSICAL && takeFromWire();
    for (int queue = 0; queue < QUEUES; queue++) {
      if (ownerOf(queue % POOLS) == function) {
        more |= receive(function, receivers[queue], queue);
      }
    }
    return more;
  }

  private boolean takeFromWire() {
    if (resend) {
      resend = false;
      interrupts.resend();
    }
    for (int i = 0; i < PACKETS_A_STEP; i++) {
      Packet packet = held != null ? held : wire.receive();
      held = null;
      if (packet == null) {
        return false;
      }
      if (!switches[PHYSICAL].receive(packet)) {
        held = packet;
        return false;
      }
    }
    return true;
  }

  private boolean receive(int function, ReceiveQueue queue, int number) {
    DmaMemory memory = sides[function].memory();
    int done = 0;
    while (memory != null && done < PACKETS_A_STEP && queue.step(memory)) {
      done++;
    }
    if (done > 0) {
      interrupts.queue(number, false);
    }
    return done == PACKETS_A_STEP || done > 0 && held != null;
  }

  @Override
  public String stateName() {
    return name;
  }

  @Override
  public int stateVersion() {
    return 1;
  }

  @Override
  public void save(StateWriter out) {
    registers.save(out);
    interrupts.save(out);
    link.save(out);
    for (TransmitQueue queue : transmitters) {
      queue.save(out);
    }
  }

  /** To be restored after its functions. Packets that were on their way inside are lost. */
  @Override
  public void restore(StateReader in, int version) {
    if (version != 1) {
      throw new StateException("82576 state of version " + version);
    }
    registers.restore(in);
    interrupts.restore(in);
    link.restore(in);
    for (TransmitQueue queue : transmitters) {
      queue.restore(in);
    }
    resend = true;
    for (FunctionSide side : sides) {
      side.wakeTransmitter();
      side.wakeReceiver();
    }
  }
}

package dev.ringzero.devices.igb;

import dev.ringzero.devices.pci.PciExpress;
import dev.ringzero.devices.pci.PciRegister;
import dev.ringzero.engine.wire.Packet;
import dev.ringzero.engine.wire.Wire;
import dev.ringzero.memory.GuestMemory;
import dev.ringzero.testkit.FakeClock;
import dev.ringzero.testkit.StepRunner;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/** A controller with its functions, and what a driver does with it. */
final class TestCard implements AutoCloseable {
  static final long MAC = 0x52_54_00_12_34_56L;
  static final int BUFFER_BYTES = 2048;
  private static final int RING = 0x1_0000;
  private static final int RING_BYTES = 0x8000;
  private static final int DESCRIPTORS = 64;
  private static final int ENABLE = 1 << 25;
  private static final int BUFFERS = 0x20_0000;

  final FakeClock clock = new FakeClock();
  final StepRunner runner = new StepRunner();
  final TestWire wire = new TestWire();
  final List<Integer> messages = new ArrayList<>();
  final Controller controller;
  final PhysicalFunction physical;
  final Function pf;
  final List<Function> functions = new ArrayList<>();

  /** A card with so many virtual functions, each with memory of its own. */
  TestCard(int virtualFunctions) {
    controller =
        new Controller("82576-test", MAC, 1500, wire, (packet, sink) -> sink.accept(packet), clock);
    GuestMemory memory = GuestMemory.ofPc(16 << 20);
    physical =
        new PhysicalFunction(
            "pf",
            PciExpress.Type.ENDPOINT,
            controller,
            memory,
            (address, data) -> messages.add(data),
            runner);
    physical.function().writeConfig(PciRegister.COMMAND, 2, PciRegister.COMMAND_MASTER);
    pf = new Function(memory, controller::read, controller::write, virtualFunctions);
    for (int i = 0; i < virtualFunctions; i++) {
      functions.add(virtual(i));
    }
    controller.virtualFunctions(virtualFunctions);
  }

  private Function virtual(int number) {
    GuestMemory memory = GuestMemory.ofPc(16 << 20);
    VirtualFunction function =
        new VirtualFunction(
            "vf" + number,
            PciExpress.Type.ENDPOINT,
            controller,
            number,
            memory,
            (address, data) -> messages.add(100 * (number + 1) + data),
            runner);
    function.function().writeConfig(PciRegister.COMMAND, 2, PciRegister.COMMAND_MASTER);
    VirtualRegisters registers = new VirtualRegisters(controller, number);
    return new Function(memory, registers::read, registers::write, 0);
  }

  /** What a driver turns on without virtualization: all frames to everybody's address. */
  void start() {
    pf.write(Register.CTRL, 1 << 6);
    pf.write(Register.RCTL, 1 << 1 | 1 << 5 | 1 << 15 | 1 << 26);
    pf.write(Register.TCTL, 1 << 1);
  }

  /** Pools by address, as igb sets them up; function n has the address {@code address(n)}. */
  void startPools() {
    start();
    pf.write(Register.MRQC, 3);
    pf.write(Register.VT_CTL, 1 << 30 | functions.size() << 7);
    pf.write(Register.DTXSWC, 1 << 31);
    pf.write(Register.RCTL, pf.read(Register.RCTL) | 1 << 18);
    for (int word = 0; word < 128; word++) {
      pf.write(Register.VFTA + 4 * word, -1);
    }
    for (int pool = 0; pool <= functions.size(); pool++) {
      address(1 + pool, address(pool), pool);
      pf.write(Register.VMOLR + 4 * pool, 1 << 27 | 1 << 24 | 1 << 16 | 9000);
    }
    pf.write(Register.RA + 4, 0);
  }

  static long address(int pool) {
    return 0x02_00_00_00_00_10L + pool;
  }

  void address(int entry, long mac, int pool) {
    pf.write(Register.RA + 8 * entry, Integer.reverseBytes((int) (mac >>> 16)));
    int high = Short.reverseBytes((short) mac) & 0xFFFF;
    pf.write(Register.RA + 8 * entry + 4, 1 << 31 | 1 << 18 + pool | high);
  }

  /** Lets frames come from outside. */
  void arrives(byte[] frame) {
    wire.waiting.add(Packet.of(frame, 0, frame.length));
    wire.arrival.run();
    runner.run();
  }

  @Override
  public void close() {
    pf.memory.close();
    functions.forEach(function -> function.memory.close());
  }

  static byte[] frame(long destination, long source, int type, byte[] payload) {
    byte[] frame = new byte[Math.max(60, 14 + payload.length)];
    for (int i = 0; i < 6; i++) {
      frame[i] = (byte) (destination >>> 40 - 8 * i);
      frame[6 + i] = (byte) (source >>> 40 - 8 * i);
    }
    frame[12] = (byte) (type >>> 8);
    frame[13] = (byte) type;
    System.arraycopy(payload, 0, frame, 14, payload.length);
    return frame;
  }

  /** A function as its driver sees it, with the first of its queues. */
  static final class Function {
    final GuestMemory memory;
    private final RegisterWindow.WordReader reader;
    private final RegisterWindow.WordWriter writer;
    private final int queue;
    private int sent;
    private int received;

    Function(
        GuestMemory memory,
        RegisterWindow.WordReader reader,
        RegisterWindow.WordWriter writer,
        int queue) {
      this.memory = memory;
      this.reader = reader;
      this.writer = writer;
      this.queue = queue;
    }

    int read(int register) {
      return reader.read(register);
    }

    void write(int register, int value) {
      writer.write(register, value);
    }

    private int at(boolean transmits, int register) {
      if (queue < Register.ALIASES) {
        return (transmits ? Register.TX_QUEUE : Register.RX_QUEUE)
            + Register.ALIAS_BYTES * queue
            + register;
      }
      return (transmits ? Register.TX_QUEUES : Register.RX_QUEUES)
          + Register.QUEUE_BYTES * queue
          + register;
    }

    void openTransmitQueue() {
      open(true, RING);
    }

    /** Opens the queue and gives it that many buffers. */
    void openReceiveQueue(int buffers) {
      for (int i = 0; i < DESCRIPTORS; i++) {
        memory.write64(RING + RING_BYTES + 16 * i, BUFFERS + (long) BUFFER_BYTES * i);
        memory.write64(RING + RING_BYTES + 16 * i + 8, 0);
      }
      write(at(false, Register.SRRCTL), 2 | 1 << 25);
      open(false, RING + RING_BYTES);
      write(at(false, Register.TAIL), buffers);
    }

    private void open(boolean transmits, int base) {
      write(at(transmits, Register.BAL), base);
      write(at(transmits, Register.BAH), 0);
      write(at(transmits, Register.LEN), 16 * DESCRIPTORS);
      write(at(transmits, Register.HEAD), 0);
      write(at(transmits, Register.TAIL), 0);
      write(at(transmits, Register.DCTL), ENABLE);
    }

    void closeReceiveQueue() {
      write(at(false, Register.DCTL), 0);
    }

    void context(long low, long high) {
      descriptor(low, high | 2L << 20 | 1L << 29);
    }

    private void descriptor(long low, long high) {
      memory.write64(RING + 16L * sent, low);
      memory.write64(RING + 16L * sent + 8, high);
      sent = (sent + 1) % DESCRIPTORS;
    }

    /** Adds a frame in one descriptor, with further bits of command and options. */
    void frame(byte[] frame, int command, int options) {
      long address = 0x10_0000 + 0x4000L * sent;
      memory.write(address, frame);
      int word = frame.length | 3 << 20 | 1 << 24 | 1 << 27 | 1 << 29 | command;
      descriptor(address, word & 0xFFFF_FFFFL | (long) options << 32);
    }

    /** Rings the doorbell. */
    void send() {
      write(at(true, Register.TAIL), sent);
    }

    boolean isDone(int descriptor) {
      return (memory.read32(RING + 16 * descriptor + 12) & 1) != 0;
    }

    /** The upper half of the next receive descriptor, as it was written back. */
    long status() {
      return memory.read64(RING + RING_BYTES + 16 * received + 8);
    }

    long lower() {
      return memory.read64(RING + RING_BYTES + 16 * received);
    }

    /** The frame in the next buffers; null if none was written. */
    byte[] receive() {
      byte[] frame = new byte[0];
      while ((status() & 1) != 0) {
        int length = (int) (status() >>> 32) & 0xFFFF;
        byte[] longer = Arrays.copyOf(frame, frame.length + length);
        memory.read(BUFFERS + (long) BUFFER_BYTES * received, longer, frame.length, length);
        frame = longer;
        boolean last = (status() & 2) != 0;
        received = (received + 1) % DESCRIPTORS;
        if (last) {
          return frame;
        }
      }
      return null;
    }
  }

  static final class TestWire implements Wire {
    final List<byte[]> sent = new ArrayList<>();
    final List<Packet> packets = new ArrayList<>();
    final Deque<Packet> waiting = new ArrayDeque<>();
    Runnable arrival = () -> {};
    CarrierListener carrier;

    @Override
    public void send(Packet packet) {
      sent.add(Arrays.copyOfRange(packet.bytes(), Packet.FRAME, Packet.FRAME + packet.length()));
      packets.add(packet);
    }

    @Override
    public Packet receive() {
      return waiting.poll();
    }

    @Override
    public void onArrival(Runnable listener) {
      arrival = listener;
    }

    @Override
    public void onCarrier(CarrierListener listener) {
      carrier = listener;
    }
  }
}

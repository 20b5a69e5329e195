package dev.ringzero.devices.lapic;

import dev.ringzero.engine.Clock;
import dev.ringzero.engine.CpuSignals;
import dev.ringzero.engine.InterruptLine;
import dev.ringzero.engine.InterruptSource;
import dev.ringzero.engine.state.StateException;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import dev.ringzero.engine.state.Stateful;
import dev.ringzero.memory.MmioDevice;
import dev.ringzero.x86.AddressWidth;
import java.util.function.IntSupplier;

/**
 * The local APIC of one processor, in xAPIC and x2APIC mode: priorities, interprocessor interrupts,
 * local interrupts and the timer. Its processor reads registers and acknowledges; anybody may send
 * to it. Messages to others leave only after its lock is released.
 *
 * <p>Not modelled: writing the APIC ID, CMCI, thermal and performance interrupts, suppression of
 * EOI broadcasts, ExtINT by message.
 *
 * @spec Intel SDM Vol. 3A, "Advanced Programmable Interrupt Controller (APIC)"
 */
public final class LocalApic implements InterruptSource, MmioDevice, Stateful {
  /** Frequency of the timer's input clock; CPUID leaf 0x15 must give it as the crystal's. */
  public static final long TIMER_HERTZ = 1_000_000_000;

  /** Guest-physical address of the registers after reset. */
  public static final long DEFAULT_BASE = 0xFEE0_0000L;

  private static final long BASE_BSP = 1 << 8; // Bootstrap Processor
  private static final long BASE_EXTD = 1 << 10; // x2APIC mode
  private static final long BASE_EN = 1 << 11; // APIC global enable
  private static final long BASE_ADDRESS = (1L << AddressWidth.PHYSICAL_BITS) - 0x1000;

  private static final int VERSION = 0x0005_0014; // six LVT entries

  private static final int SVR_ENABLE = 1 << 8;

  private static final int ESR_SEND_ILLEGAL_VECTOR = 1 << 5;
  private static final int ESR_RECEIVE_ILLEGAL_VECTOR = 1 << 6;
  private static final int ESR_ILLEGAL_REGISTER = 1 << 7;

  private final int id;
  private final ApicBus bus;
  private final ApicTimer timer;
  private volatile CpuSignals signals = new Unconnected();
  private volatile IntSupplier externalController = () -> -1;

  private final InterruptRequests requests = new InterruptRequests();
  private final LocalVectorTable lvt = new LocalVectorTable(new Local());
  private final ApicMsrs msrs = new ApicMsrs(this);
  private volatile long apicBase;
  private boolean x2ApicKnown = true;
  private volatile int logicalDestination;
  private volatile int destinationFormat;
  private volatile int spurious;
  private long interruptCommand;
  private int errors;
  private int errorStatus;

  /** Whether the external controller's request passes LINT0. */
  private volatile boolean externalRequest;

  /**
   * Makes the APIC of a processor and puts it on the bus.
   *
   * @param id APIC ID; 0 is the bootstrap processor
   */
  public LocalApic(int id, Clock clock, ApicBus bus) {
    this.id = id;
    this.bus = bus;
    this.timer = new ApicTimer(clock, this::timerAlarm);
    reset();
    bus.attach(this);
  }

  /** The APIC ID. */
  public int id() {
    return id;
  }

  /** Connects the processor; until then signals go nowhere. */
  public synchronized void connect(CpuSignals processor) {
    signals = processor;
    updateAndSignal();
  }

  /** Where ExtINT interrupts get their vector: acknowledges the 8259s. */
  public void externalController(IntSupplier acknowledge) {
    externalController = acknowledge;
  }

  /** The state after RESET. */
  public synchronized void reset() {
    apicBase = DEFAULT_BASE | BASE_EN | (id == 0 ? BASE_BSP : 0);
    init();
  }

  /** The state after INIT: as after reset, but the mode and the address stay. */
  private void init() {
    requests.clear();
    lvt.reset();
    destinationFormat = -1;
    spurious = 0xFF;
    interruptCommand = 0;
    errors = 0;
    errorStatus = 0;
    timer.reset();
    resetLogicalDestination();
    update();
  }

  private void resetLogicalDestination() {
    logicalDestination = isX2Apic() ? id >>> 4 << 16 | 1 << (id & 15) : 0;
  }

  /**
   * Sets the APIC as firmware leaves it to an operating system: enabled, the 8259s on LINT0 by
   * virtual wire, NMI on LINT1.
   */
  public synchronized void enterVirtualWireMode() {
    spurious = SVR_ENABLE | 0xFF;
    lvt.enterVirtualWireMode(id == 0);
    update();
  }

  @Override
  public boolean pending() {
    return requests.isDeliverable() || externalRequest;
  }

  @Override
  public int acknowledge() {
    if (externalRequest) {
      return externalController.getAsInt();
    }
    synchronized (this) {
      return requests.acknowledge();
    }
  }

  @Override
  public synchronized int taskPriority() {
    return requests.taskPriority() >>> 4;
  }

  @Override
  public void taskPriority(int priorityClass) {
    writeTaskPriority((priorityClass & 0xF) << 4);
  }

  private synchronized void writeTaskPriority(int value) {
    requests.taskPriority(value);
    updateAndSignal();
  }

  @Override
  public void endOfInterrupt() {
    int vector;
    boolean level;
    synchronized (this) {
      vector = requests.end();
      if (vector == VectorSet.NONE) {
        return;
      }
      level = requests.isLevelTriggered(vector);
      lvt.endOfInterrupt(vector);
      updateAndSignal();
    }
    if (level) {
      bus.endOfInterrupt(vector);
    }
  }

  /** Follows a change of what LINT0 lets pass. */
  private void update() {
    externalRequest = lvt.externalRequest(isEnabled());
  }

  private void updateAndSignal() {
    update();
    if (pending()) {
      signals.interrupt();
    }
  }

  /** Whether a message to logical destination {@code destination} is for this APIC. */
  boolean matchesLogical(int destination) {
    int mine = logicalDestination;
    if (isX2Apic()) {
      return mine >>> 16 == destination >>> 16 && (mine & destination & 0xFFFF) != 0;
    }
    int shortMine = mine >>> 24;
    if (destinationFormat >>> 28 == 0xF) {
      return (shortMine & destination) != 0;
    }
    return shortMine >>> 4 == (destination >>> 4 & 0xF) && (shortMine & destination & 0xF) != 0;
  }

  boolean acceptsFixed() {
    return isEnabled() && (spurious & SVR_ENABLE) != 0;
  }

  int processorPriority() {
    return requests.processorPriority();
  }

  /** Takes a message that is addressed to this APIC. */
  void accept(long message) {
    if (!isEnabled()) {
      return;
    }
    switch (ApicMessage.deliveryMode(message)) {
      case DeliveryMode.FIXED, DeliveryMode.LOWEST_PRIORITY ->
          acceptFixed(ApicMessage.vector(message), ApicMessage.isLevelTriggered(message));
      case DeliveryMode.SMI -> signals.systemManagementInterrupt();
      case DeliveryMode.NMI -> signals.nonMaskableInterrupt();
      case DeliveryMode.INIT -> {
        if (!ApicMessage.isInitDeassert(message)) {
          acceptInit();
        }
      }
      case DeliveryMode.STARTUP -> signals.startup(ApicMessage.vector(message));
      default -> {}
    }
  }

  private void acceptInit() {
    synchronized (this) {
      init();
    }
    signals.init();
  }

  private synchronized void acceptFixed(int vector, boolean level) {
    if ((spurious & SVR_ENABLE) == 0) {
      return;
    }
    if (vector < 16) {
      error(ESR_RECEIVE_ILLEGAL_VECTOR);
      return;
    }
    requests.add(vector, level);
    updateAndSignal();
  }

  private void error(int bit) {
    errors |= bit;
    lvt.trigger(LocalVectorTable.ERROR);
  }

  /** The wire at LINT0: the output of the 8259s. */
  public InterruptLine lint0() {
    return asserted -> drive(LocalVectorTable.LINT0, asserted);
  }

  /** The wire at LINT1, by custom NMI. */
  public InterruptLine lint1() {
    return asserted -> drive(LocalVectorTable.LINT1, asserted);
  }

  private synchronized void drive(int pin, boolean asserted) {
    lvt.drive(pin, asserted, isEnabled());
    updateAndSignal();
  }

  /** What the local vector table asks for; called under the lock. */
  private final class Local implements LocalVectorTable.Target {
    @Override
    public void fixed(int vector) {
      if (vector < 16) {
        errors |= ESR_RECEIVE_ILLEGAL_VECTOR;
        return;
      }
      requests.add(vector, false);
      updateAndSignal();
    }

    @Override
    public void nonMaskable() {
      signals.nonMaskableInterrupt();
    }
  }

  private synchronized void timerAlarm() {
    if (timer.alarmCame()) {
      lvt.trigger(LocalVectorTable.TIMER);
    }
  }

  synchronized long tscDeadline() {
    return timer.tscDeadline();
  }

  synchronized void tscDeadline(long deadline) {
    timer.tscDeadline(deadline);
    if (timer.expire()) {
      lvt.trigger(LocalVectorTable.TIMER);
    }
  }

  synchronized long interruptCommand() {
    return interruptCommand;
  }

  /** The registers as MSRs. */
  public ApicMsrs msrs() {
    return msrs;
  }

  /**
   * What the guest's time-stamp counter is ahead of the clock's, for the TSC deadline. To be told
   * when the guest writes IA32_TIME_STAMP_COUNTER or IA32_TSC_ADJUST.
   */
  public synchronized void tscOffset(long offset) {
    timer.tscOffset(offset);
  }

  boolean isEnabled() {
    return (apicBase & BASE_EN) != 0;
  }

  boolean isX2Apic() {
    return (apicBase & BASE_EXTD) != 0;
  }

  /** Whether the register page lies at this address now. */
  boolean answersAt(long gpa) {
    long base = apicBase;
    return ((gpa ^ base) & BASE_ADDRESS) == 0 && (base & (BASE_EN | BASE_EXTD)) == BASE_EN;
  }

  @Override
  public long read(long offset, int sizeBytes) {
    int within = (int) offset & 0xF;
    if (within >= 4) {
      return 0;
    }
    long value = readRegister((int) (offset >>> 4) & 0xFF) & 0xFFFF_FFFFL;
    long mask = sizeBytes >= 8 ? -1 : (1L << 8 * sizeBytes) - 1;
    return value >>> (8 * within) & mask;
  }

  @Override
  public void write(long offset, int sizeBytes, long value) {
    if ((offset & 0xF) == 0 && sizeBytes >= 4) {
      writeXApic((int) (offset >>> 4) & 0xFF, (int) value);
    }
  }

  synchronized int readRegister(int register) {
    if (register >= ApicRegister.LVT_TIMER && register <= ApicRegister.LVT_ERROR) {
      return lvt.read(register - ApicRegister.LVT_TIMER);
    }
    return switch (register) {
      case ApicRegister.ID -> isX2Apic() ? id : id << 24;
      case ApicRegister.VERSION -> VERSION;
      case ApicRegister.TPR -> requests.taskPriority();
      case ApicRegister.APR, ApicRegister.PPR -> requests.processorPriority();
      case ApicRegister.LDR -> logicalDestination;
      case ApicRegister.DFR -> destinationFormat;
      case ApicRegister.SVR -> spurious;
      case ApicRegister.ESR -> errorStatus;
      case ApicRegister.ICR_LOW -> (int) interruptCommand;
      case ApicRegister.ICR_HIGH -> (int) (interruptCommand >>> 32);
      case ApicRegister.INITIAL_COUNT -> (int) timer.initialCount();
      case ApicRegister.CURRENT_COUNT -> (int) timer.currentCount();
      case ApicRegister.DIVIDE -> timer.divideConfiguration();
      default -> readVectorSet(register);
    };
  }

  private int readVectorSet(int register) {
    return switch (register & ~7) {
      case ApicRegister.ISR -> requests.isrWord(register & 7);
      case ApicRegister.TMR -> requests.tmrWord(register & 7);
      case ApicRegister.IRR -> requests.irrWord(register & 7);
      default -> {
        if (register != ApicRegister.EOI) {
          error(ESR_ILLEGAL_REGISTER);
        }
        yield 0;
      }
    };
  }

  private void writeXApic(int register, int value) {
    switch (register) {
      case ApicRegister.LDR -> logicalDestination = value & 0xFF00_0000;
      case ApicRegister.DFR -> destinationFormat = value | 0x0FFF_FFFF;
      case ApicRegister.ICR_HIGH -> commandDestination(value);
      case ApicRegister.ICR_LOW -> sendXApic(value);
      default -> writeCommon(register, value);
    }
  }

  private synchronized void commandDestination(int value) {
    interruptCommand = (value & 0xFF00_0000L) << 32 | interruptCommand & 0xFFFF_FFFFL;
  }

  private void sendXApic(int value) {
    long message;
    synchronized (this) {
      interruptCommand = interruptCommand & ~0xFFFF_FFFFL | value & 0xC_CFFFL;
      message = ApicMessage.withShortDestination(interruptCommand, (int) (interruptCommand >>> 56));
    }
    send(message);
  }

  /** Writes a register that is the same in both modes. */
  void writeCommon(int register, int value) {
    switch (register) {
      case ApicRegister.EOI -> endOfInterrupt();
      case ApicRegister.TPR -> writeTaskPriority(value);
      default -> writeLocked(register, value);
    }
  }

  private synchronized void writeLocked(int register, int value) {
    if (register >= ApicRegister.LVT_TIMER && register <= ApicRegister.LVT_ERROR) {
      writeLvt(register - ApicRegister.LVT_TIMER, value);
      return;
    }
    switch (register) {
      case ApicRegister.SVR -> writeSpurious(value);
      case ApicRegister.ESR -> {
        errorStatus = errors;
        errors = 0;
      }
      case ApicRegister.INITIAL_COUNT -> timer.initialCount(value & 0xFFFF_FFFFL);
      case ApicRegister.DIVIDE -> timer.divideConfiguration(value);
      default -> {
        if (!isReadOnly(register)) {
          error(ESR_ILLEGAL_REGISTER);
        }
      }
    }
  }

  private static boolean isReadOnly(int register) {
    return register == ApicRegister.ID
        || register == ApicRegister.VERSION
        || register == ApicRegister.APR
        || register == ApicRegister.PPR
        || register == ApicRegister.CURRENT_COUNT
        || register >= ApicRegister.ISR && register < ApicRegister.ESR;
  }

  private void writeSpurious(int value) {
    spurious = value & 0x1FF;
    if ((spurious & SVR_ENABLE) == 0) {
      lvt.maskAll();
    }
    updateAndSignal();
  }

  private void writeLvt(int entry, int value) {
    lvt.write(entry, value);
    if ((spurious & SVR_ENABLE) == 0) {
      lvt.maskAll();
    }
    if (entry == LocalVectorTable.TIMER) {
      timer.mode(value >>> 17 & 3);
    }
    updateAndSignal();
  }

  void send(long message) {
    int mode = ApicMessage.deliveryMode(message);
    boolean hasVector = mode == DeliveryMode.FIXED || mode == DeliveryMode.LOWEST_PRIORITY;
    if (hasVector && ApicMessage.vector(message) < 16) {
      synchronized (this) {
        error(ESR_SEND_ILLEGAL_VECTOR);
      }
      return;
    }
    switch ((int) (message >>> 18) & 3) {
      case 0 -> bus.deliver(message);
      case 1 -> accept(message);
      case 2 -> {
        accept(message);
        bus.deliverToOthers(this, message);
      }
      default -> bus.deliverToOthers(this, message);
    }
  }

  long base() {
    return apicBase;
  }

  /** Makes it one of a processor that has no x2APIC mode; once, before it is used. */
  public void forgetX2Apic() {
    x2ApicKnown = false;
  }

  /**
   * Writes IA32_APIC_BASE.
   *
   * @return false if that raises #GP
   */
  synchronized boolean writeBase(long value) {
    long mode = value & (BASE_EN | BASE_EXTD);
    boolean reserved = (value & ~(BASE_ADDRESS | BASE_EN | BASE_EXTD | BASE_BSP)) != 0;
    boolean invalid = mode == BASE_EXTD || isX2Apic() && mode == BASE_EN;
    boolean unknown = !x2ApicKnown && (value & BASE_EXTD) != 0;
    boolean skipsXApic = !isEnabled() && mode == (BASE_EN | BASE_EXTD);
    if (reserved || unknown || invalid || skipsXApic) {
      return false;
    }
    long before = apicBase & (BASE_EN | BASE_EXTD);
    apicBase = value;
    if (mode != before) {
      enterMode(mode);
    }
    return true;
  }

  private void enterMode(long mode) {
    if (mode == 0) {
      init();
    } else {
      interruptCommand &= 0xFFFF_FFFFL;
      resetLogicalDestination();
    }
    updateAndSignal();
  }

  /** Sends what a 64-bit interrupt command says. */
  void sendX2Apic(long command) {
    synchronized (this) {
      interruptCommand = command;
    }
    send(command);
  }

  @Override
  public String stateName() {
    return "lapic" + id;
  }

  @Override
  public int stateVersion() {
    return 1;
  }

  @Override
  public synchronized void save(StateWriter out) {
    out.writeLong(apicBase);
    requests.save(out);
    lvt.save(out);
    out.writeInt(logicalDestination);
    out.writeInt(destinationFormat);
    out.writeInt(spurious);
    out.writeLong(interruptCommand);
    out.writeInt(errors);
    out.writeInt(errorStatus);
    timer.save(out);
  }

  @Override
  public synchronized void restore(StateReader in, int version) {
    if (version != 1) {
      throw new StateException("local APIC state of version " + version);
    }
    apicBase = in.readLong();
    requests.restore(in);
    lvt.restore(in);
    logicalDestination = in.readInt();
    destinationFormat = in.readInt();
    spurious = in.readInt();
    interruptCommand = in.readLong();
    errors = in.readInt();
    errorStatus = in.readInt();
    timer.restore(in);
    updateAndSignal();
  }

  /** In place of a processor that is not there yet. */
  private static final class Unconnected implements CpuSignals {
    @Override
    public void interrupt() {}

    @Override
    public void nonMaskableInterrupt() {}

    @Override
    public void init() {}

    @Override
    public void startup(int vector) {}
  }
}

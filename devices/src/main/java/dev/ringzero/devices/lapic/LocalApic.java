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
import java.util.function.IntSupplier;

/**
 * The local APIC of one processor, in xAPIC and x2APIC mode: priorities, interprocessor interrupts,
 * local interrupts and the timer. Its processor reads registers and acknowledges; anybody may send to
 * it. Messages to others leave only after its lock is released.
 *
 * <p>Not modelled: writing the APIC ID, SMI, CMCI, thermal and performance interrupts, suppression
 * of EOI broadcasts, ExtINT by message.
 *
 * @spec Intel SDM Vol. 3A, "Advanced Programmable Interrupt Controller (APIC)"
 */
public final class LocalApic implements InterruptSource, MmioDevice, Stateful {
  /** Frequency of the timer's input clock; CPUID leaf 0x15 must give it as the crystal's. */
  public static final long TIMER_HERTZ = 1_000_000_000;

  /** Guest-physical address of the registers after reset. */
  public static final long DEFAULT_BASE = 0xFEE0_0000L;

  public static final int IA32_APIC_BASE = 0x1B;
  public static final int IA32_TSC_DEADLINE = 0x6E0;

  private static final long BASE_BSP = 1 << 8; // Bootstrap Processor
  private static final long BASE_EXTD = 1 << 10; // x2APIC mode
  private static final long BASE_EN = 1 << 11; // APIC global enable
  private static final long BASE_ADDRESS = 0xF_FFFF_FFFF_F000L;

  private static final int VERSION = 0x0005_0014; // six LVT entries

  private static final int SVR_ENABLE = 1 << 8;
  private static final int LVT_MASKED = 1 << 16;
  private static final int LVT_LEVEL = 1 << 15;
  private static final int LVT_REMOTE_IRR = 1 << 14;

  private static final int ESR_SEND_ILLEGAL_VECTOR = 1 << 5;
  private static final int ESR_RECEIVE_ILLEGAL_VECTOR = 1 << 6;
  private static final int ESR_ILLEGAL_REGISTER = 1 << 7;

  /** Writable bits of LVT entries, from LVT_TIMER on. */
  private static final int[] LVT_WRITABLE = {
    0x7_00FF, 0x1_07FF, 0x1_07FF, 0x1_A7FF, 0x1_A7FF, 0x1_00FF
  };

  private static final int TIMER = 0, LINT0 = 3, LINT1 = 4, ERROR = 5;

  private final int id;
  private final ApicBus bus;
  private final ApicTimer timer;
  private volatile CpuSignals signals = new Unconnected();
  private volatile IntSupplier externalController = () -> -1;

  private final VectorSet irr = new VectorSet();
  private final VectorSet isr = new VectorSet();
  private final VectorSet tmr = new VectorSet();
  private final int[] lvt = new int[LVT_WRITABLE.length];
  private volatile long apicBase;
  private int tpr;
  private volatile int ppr;
  private volatile int logicalDestination;
  private volatile int destinationFormat;
  private volatile int spurious;
  private long interruptCommand;
  private int errors;
  private int errorStatus;
  private boolean lint0Asserted;
  private boolean lint1Asserted;

  /** Whether an interrupt in IRR may be taken; follows every change of IRR, ISR and TPR. */
  private volatile boolean deliverable;

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
    irr.clear();
    isr.clear();
    tmr.clear();
    for (int i = 0; i < lvt.length; i++) {
      lvt[i] = LVT_MASKED;
    }
    tpr = 0;
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
    lvt[LINT0] = id == 0 ? DeliveryMode.EXTINT << 8 : LVT_MASKED;
    lvt[LINT1] = DeliveryMode.NMI << 8;
    update();
  }

  // The processor's side.

  @Override
  public boolean pending() {
    return deliverable || externalRequest;
  }

  @Override
  public int acknowledge() {
    if (externalRequest) {
      return externalController.getAsInt();
    }
    synchronized (this) {
      int vector = irr.highest();
      if (!deliverable) {
        return -1;
      }
      irr.remove(vector);
      isr.add(vector);
      update();
      return vector;
    }
  }

  @Override
  public synchronized int taskPriority() {
    return tpr >>> 4;
  }

  @Override
  public void taskPriority(int priorityClass) {
    writeTaskPriority((priorityClass & 0xF) << 4);
  }

  private synchronized void writeTaskPriority(int value) {
    tpr = value & 0xFF;
    updateAndSignal();
  }

  private void endOfInterrupt() {
    int vector;
    boolean level;
    synchronized (this) {
      vector = isr.highest();
      if (vector == VectorSet.NONE) {
        return;
      }
      isr.remove(vector);
      level = tmr.contains(vector);
      endLocalLevel(LINT0, vector, lint0Asserted);
      endLocalLevel(LINT1, vector, lint1Asserted);
      updateAndSignal();
    }
    if (level) {
      bus.endOfInterrupt(vector);
    }
  }

  private void endLocalLevel(int entry, int vector, boolean asserted) {
    if ((lvt[entry] & LVT_REMOTE_IRR) != 0 && (lvt[entry] & 0xFF) == vector) {
      lvt[entry] &= ~LVT_REMOTE_IRR;
      if (asserted) {
        triggerLocal(entry);
      }
    }
  }

  /** Follows a change of IRR, ISR, TPR or of what LINT0 lets pass. */
  private void update() {
    int inService = isr.highest();
    int inServiceClass = inService == VectorSet.NONE ? 0 : inService & 0xF0;
    ppr = (tpr & 0xF0) >= inServiceClass ? tpr : inServiceClass;
    int requested = irr.highest();
    deliverable = requested != VectorSet.NONE && requested >>> 4 > ppr >>> 4;
    externalRequest = lint0Asserted && (!isEnabled() || lint0PassesExternal());
  }

  private boolean lint0PassesExternal() {
    return (lvt[LINT0] & LVT_MASKED) == 0 && deliveryMode(lvt[LINT0]) == DeliveryMode.EXTINT;
  }

  private void updateAndSignal() {
    update();
    if (deliverable || externalRequest) {
      signals.interrupt();
    }
  }

  // The senders' side.

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
    return ppr;
  }

  /** Takes a message that is addressed to this APIC. */
  void accept(long message) {
    if (!isEnabled()) {
      return;
    }
    switch (ApicMessage.deliveryMode(message)) {
      case DeliveryMode.FIXED, DeliveryMode.LOWEST_PRIORITY ->
          acceptFixed(ApicMessage.vector(message), ApicMessage.isLevelTriggered(message));
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
    irr.add(vector);
    tmr.put(vector, level);
    updateAndSignal();
  }

  private void error(int bit) {
    errors |= bit;
    triggerLocal(ERROR);
  }

  // Local interrupts.

  /** The wire at LINT0: the output of the 8259s. */
  public InterruptLine lint0() {
    return this::lint0;
  }

  private synchronized void lint0(boolean asserted) {
    boolean rising = asserted && !lint0Asserted;
    lint0Asserted = asserted;
    if (rising && isEnabled()) {
      triggerLocal(LINT0);
    }
    updateAndSignal();
  }

  /** The wire at LINT1, by custom NMI. */
  public InterruptLine lint1() {
    return this::lint1;
  }

  private synchronized void lint1(boolean asserted) {
    boolean rising = asserted && !lint1Asserted;
    lint1Asserted = asserted;
    if (rising && isEnabled()) {
      triggerLocal(LINT1);
    }
  }

  private void triggerLocal(int entry) {
    int value = lvt[entry];
    if ((value & LVT_MASKED) != 0) {
      return;
    }
    int mode = entry == TIMER || entry == ERROR ? DeliveryMode.FIXED : deliveryMode(value);
    switch (mode) {
      case DeliveryMode.FIXED -> {
        boolean level = (entry == LINT0 || entry == LINT1) && (value & LVT_LEVEL) != 0;
        if (level) {
          lvt[entry] |= LVT_REMOTE_IRR;
        }
        raiseLocal(value & 0xFF);
      }
      case DeliveryMode.NMI -> signals.nonMaskableInterrupt();
      default -> {}
    }
  }

  private void raiseLocal(int vector) {
    if (vector < 16) {
      errors |= ESR_RECEIVE_ILLEGAL_VECTOR;
      return;
    }
    irr.add(vector);
    tmr.remove(vector);
    updateAndSignal();
  }

  private static int deliveryMode(int lvtEntry) {
    return lvtEntry >>> 8 & 7;
  }

  private synchronized void timerAlarm() {
    if (timer.alarmCame()) {
      triggerLocal(TIMER);
    }
  }

  /**
   * What the guest's time-stamp counter is ahead of the clock's, for the TSC deadline. To be told
   * when the guest writes IA32_TIME_STAMP_COUNTER or IA32_TSC_ADJUST.
   */
  public synchronized void tscOffset(long offset) {
    timer.tscOffset(offset);
  }

  // Registers as memory.

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

  private synchronized int readRegister(int register) {
    if (register >= ApicRegister.LVT_TIMER && register <= ApicRegister.LVT_ERROR) {
      return lvt[register - ApicRegister.LVT_TIMER];
    }
    return switch (register) {
      case ApicRegister.ID -> isX2Apic() ? id : id << 24;
      case ApicRegister.VERSION -> VERSION;
      case ApicRegister.TPR -> tpr;
      case ApicRegister.APR, ApicRegister.PPR -> ppr;
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
      case ApicRegister.ISR -> isr.word(register & 7);
      case ApicRegister.TMR -> tmr.word(register & 7);
      case ApicRegister.IRR -> irr.word(register & 7);
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
      message =
          ApicMessage.withShortDestination(interruptCommand, (int) (interruptCommand >>> 56));
    }
    send(message);
  }

  /** Writes a register that is the same in both modes. */
  private void writeCommon(int register, int value) {
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
      for (int i = 0; i < lvt.length; i++) {
        lvt[i] |= LVT_MASKED;
      }
    }
    updateAndSignal();
  }

  private void writeLvt(int entry, int value) {
    lvt[entry] = value & LVT_WRITABLE[entry] | lvt[entry] & LVT_REMOTE_IRR;
    if ((spurious & SVR_ENABLE) == 0) {
      lvt[entry] |= LVT_MASKED;
    }
    if (entry == TIMER) {
      timer.mode(value >>> 17 & 3);
    }
    updateAndSignal();
  }

  private void send(long message) {
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

  // Registers as MSRs.

  /** Whether this MSR is the APIC's to answer, be it with #GP. */
  public static boolean ownsMsr(int index) {
    return index == IA32_APIC_BASE || index == IA32_TSC_DEADLINE || (index & ~0xFF) == 0x800;
  }

  /** Whether the MSR can be read now; else RDMSR raises #GP. */
  public boolean canReadMsr(int index) {
    if ((index & ~0xFF) != ApicRegister.X2APIC_MSR) {
      return index == IA32_APIC_BASE || index == IA32_TSC_DEADLINE;
    }
    int register = index & 0xFF;
    return isX2Apic()
        && switch (register) {
          case ApicRegister.ID,
              ApicRegister.VERSION,
              ApicRegister.TPR,
              ApicRegister.PPR,
              ApicRegister.LDR,
              ApicRegister.SVR,
              ApicRegister.ESR,
              ApicRegister.ICR_LOW,
              ApicRegister.INITIAL_COUNT,
              ApicRegister.CURRENT_COUNT,
              ApicRegister.DIVIDE ->
              true;
          default ->
              register >= ApicRegister.ISR && register < ApicRegister.ESR
                  || register >= ApicRegister.LVT_TIMER && register <= ApicRegister.LVT_ERROR;
        };
  }

  /** Reads an MSR for which {@link #canReadMsr} holds. */
  public long readMsr(int index) {
    return switch (index) {
      case IA32_APIC_BASE -> apicBase;
      case IA32_TSC_DEADLINE -> readTscDeadline();
      case ApicRegister.X2APIC_MSR + ApicRegister.ICR_LOW -> readInterruptCommand();
      default -> readRegister(index & 0xFF) & 0xFFFF_FFFFL;
    };
  }

  private synchronized long readTscDeadline() {
    return timer.tscDeadline();
  }

  private synchronized long readInterruptCommand() {
    return interruptCommand;
  }

  /**
   * Writes an MSR.
   *
   * @return false if WRMSR raises #GP
   */
  public boolean writeMsr(int index, long value) {
    return switch (index) {
      case IA32_APIC_BASE -> writeBase(value);
      case IA32_TSC_DEADLINE -> writeTscDeadline(value);
      default -> isX2Apic() && ownsMsr(index) && writeX2Apic(index & 0xFF, value);
    };
  }

  private synchronized boolean writeTscDeadline(long value) {
    timer.tscDeadline(value);
    if (timer.expire()) {
      triggerLocal(TIMER);
    }
    return true;
  }

  private synchronized boolean writeBase(long value) {
    long mode = value & (BASE_EN | BASE_EXTD);
    boolean reserved = (value & ~(BASE_ADDRESS | BASE_EN | BASE_EXTD | BASE_BSP)) != 0;
    boolean invalid = mode == BASE_EXTD || isX2Apic() && mode == BASE_EN;
    boolean skipsXApic = !isEnabled() && mode == (BASE_EN | BASE_EXTD);
    if (reserved || invalid || skipsXApic) {
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

  private boolean writeX2Apic(int register, long value) {
    if (register == ApicRegister.ICR_LOW) {
      return sendX2Apic(value);
    }
    if (value >>> 32 != 0) {
      return false;
    }
    switch (register) {
      case ApicRegister.SELF_IPI -> {
        if (value > 0xFF) {
          return false;
        }
        send(1L << 18 | ApicMessage.ASSERT | value);
      }
      case ApicRegister.EOI, ApicRegister.ESR -> {
        if (value != 0) {
          return false;
        }
        writeCommon(register, 0);
      }
      case ApicRegister.TPR -> {
        return value <= 0xFF && writeAllowed(register, (int) value);
      }
      case ApicRegister.SVR, ApicRegister.INITIAL_COUNT, ApicRegister.DIVIDE ->
          writeCommon(register, (int) value);
      default -> {
        int entry = register - ApicRegister.LVT_TIMER;
        return entry >= 0
            && entry < lvt.length
            && (value & ~(LVT_WRITABLE[entry] | 0x5000)) == 0
            && writeAllowed(register, (int) value);
      }
    }
    return true;
  }

  private boolean writeAllowed(int register, int value) {
    writeCommon(register, value);
    return true;
  }

  private boolean sendX2Apic(long value) {
    if ((value & 0xFFF3_2000L) != 0) {
      return false;
    }
    synchronized (this) {
      interruptCommand = value;
    }
    send(value);
    return true;
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
    irr.save(out);
    isr.save(out);
    tmr.save(out);
    out.writeInts(lvt);
    out.writeInt(tpr);
    out.writeInt(logicalDestination);
    out.writeInt(destinationFormat);
    out.writeInt(spurious);
    out.writeLong(interruptCommand);
    out.writeInt(errors);
    out.writeInt(errorStatus);
    out.writeBoolean(lint0Asserted);
    out.writeBoolean(lint1Asserted);
    timer.save(out);
  }

  @Override
  public synchronized void restore(StateReader in, int version) {
    if (version != 1) {
      throw new StateException("local APIC state of version " + version);
    }
    apicBase = in.readLong();
    irr.restore(in);
    isr.restore(in);
    tmr.restore(in);
    in.readInts(lvt);
    tpr = in.readInt() & 0xFF;
    logicalDestination = in.readInt();
    destinationFormat = in.readInt();
    spurious = in.readInt();
    interruptCommand = in.readLong();
    errors = in.readInt();
    errorStatus = in.readInt();
    lint0Asserted = in.readBoolean();
    lint1Asserted = in.readBoolean();
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

package dev.ringzero.cpu.system;

import dev.ringzero.engine.state.StateException;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import dev.ringzero.engine.state.Stateful;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Efer;

/**
 * Registers that only system software sees: descriptor tables, local descriptor table and task,
 * model-specific registers, and the states that hold interrupts and debug traps back.
 *
 * @spec Intel SDM Vol. 3A, "System Architecture Overview"
 */
public final class SystemRegisters implements Stateful {
  private static final long ALL_CR4 =
      Cr4.PKE
          | Cr4.PKS
          | Cr4.VME
          | Cr4.PVI
          | Cr4.TSD
          | Cr4.DE
          | Cr4.PSE
          | Cr4.PAE
          | Cr4.MCE
          | Cr4.PGE
          | Cr4.PCE
          | Cr4.OSFXSR
          | Cr4.OSXMMEXCPT
          | Cr4.UMIP
          | Cr4.FSGSBASE
          | Cr4.PCIDE
          | Cr4.OSXSAVE
          | Cr4.SMEP
          | Cr4.SMAP;

  public long gdtrBase;
  public int gdtrLimit = 0xFFFF;
  public long idtrBase;
  public int idtrLimit = 0xFFFF;

  public int ldtrSelector;
  public long ldtrBase;
  public long ldtrLimit = 0xFFFF;
  public int ldtrAccess = 0x82;

  public int trSelector;
  public long trBase;
  public long trLimit = 0xFFFF;
  public int trAccess = 0x8B;

  /**
   * Interrupts are held back until the instruction after the next has begun: STI, MOV SS or POP SS
   * has just run. The run loop clears it after one instruction.
   */
  public boolean interruptShadow;

  /** The shadow is that of MOV SS or POP SS, which holds NMIs and debug traps back too. */
  public boolean stackShadow;

  /** An NMI was delivered and no IRET has run since. */
  public boolean nmiBlocked;

  /** The running instruction was in the shadow of MOV SS or POP SS when it began. */
  public boolean stackShadowed;

  /** What only AMD's processors have. */
  public final AmdRegisters amd = new AmdRegisters();

  /** An event is being delivered. */
  public boolean delivering;

  /** What CR2 was before the page fault that is being raised. */
  public long previousCr2;

  public long sysenterCs;
  public long sysenterEsp;
  public long sysenterEip;
  public long star;
  public long lstar;
  public long cstar;
  public long sfmask;
  public long kernelGsBase;
  public long pat = 0x0007_0406_0007_0406L;
  public long tscAdjust;

  /** Added to the clock's TSC: what writes to IA32_TIME_STAMP_COUNTER and IA32_TSC_ADJUST leave. */
  public long tscOffset;

  public long tscAux;
  public long debugctl;

  /** Protection keys: PKRU and IA32_PKRS. */
  public int pkru;

  public int pkrs;
  public final BranchRecord branches = new BranchRecord();
  public long xss;
  public long miscEnable = 0x1801; // fast strings; no branch trace, no precise event sampling
  public long specCtrl;
  long mcgStatus;
  final long[] machineCheck = new long[4 * ModelSpecificRegisters.MACHINE_CHECK_BANKS];
  final MemoryTypeRanges memoryTypes = new MemoryTypeRanges();

  // What the processor model has, as CPUID tells it; set once, before it runs.
  public long cr4Allowed = ALL_CR4;
  public long eferAllowed = Efer.SCE | Efer.LME | Efer.NXE;
  public long xcr0Allowed = 0x207; // x87, SSE, AVX, PKRU
  public long xssAllowed;

  /** SYSCALL outside 64-bit mode too, SYSENTER outside long mode only. */
  public boolean amdSystemCalls;

  /** IA32_ARCH_CAPABILITIES. */
  public long archCapabilities;

  /** Breakpoints hit by the running instruction, as DR6 bits: a trap at its end. */
  long debugTrapStatus;

  /** The instruction that just ran is a debug trap itself. */
  public boolean debugTrapTaken;

  // Of the #DB that is being raised: its causes, and the registers before it.
  long debugCauses;
  long previousDr6;
  long previousDr7;
  long previousDebugctl;

  /** How the exception that an inner guest's monitor is asked about came about. */
  public Events.Kind offeredKind = Events.Kind.EXCEPTION;

  /** DR6 bits of a #DB fault that is being thrown. */
  long debugFaultStatus;

  /** The running instruction loaded RF, so that its end does not clear it. */
  boolean resumeFlagLoaded;

  final byte[] randomBytes = new byte[8];

  void loadLdtr(int selector, long base, long limit, int access) {
    ldtrSelector = selector;
    ldtrBase = base;
    ldtrLimit = limit;
    ldtrAccess = access;
  }

  void loadTr(int selector, long base, long limit, int access) {
    trSelector = selector;
    trBase = base;
    trLimit = limit;
    trAccess = access;
  }

  // An event that waits for delivery: injected, or interrupted by a VM exit; no kind means none.
  public Events.Kind pendingKind;
  public int pendingVector;
  public boolean pendingHasErrorCode;
  public int pendingErrorCode;

  /** Length of the instruction that asked for a software event: its saved RIP is behind it. */
  public int pendingLength;

  /** The monitor made it: no attempt to deliver it was made, and none has been told. */
  boolean pendingNew;

  /** Makes an event wait. */
  public void pend(int vector, Events.Kind kind, boolean hasErrorCode, int errorCode) {
    pendingKind = kind;
    pendingNew = false;
    pendingLength = 0;
    pendingVector = vector;
    pendingHasErrorCode = hasErrorCode;
    pendingErrorCode = errorCode;
  }

  /** Whether {@link Events#deliverPending} has something to do. */
  public boolean eventPending() {
    return pendingKind != null;
  }

  /** Ends what STI, MOV SS or POP SS holds back. */
  public void endShadow() {
    interruptShadow = false;
    stackShadow = false;
  }

  // Saved state; the descriptor-table registers are saved with the segments.

  @Override
  public String stateName() {
    return "system";
  }

  @Override
  public int stateVersion() {
    return 2;
  }

  @Override
  public void save(StateWriter out) {
    out.writeLongs(modelSpecific());
    out.writeLongs(machineCheck);
    out.writeLongs(memoryTypes.variable);
    out.writeLongs(memoryTypes.fixed);
    out.writeLong(memoryTypes.defaultType);
    out.writeUnit(amd);
    out.writeUnit(branches);
    out.writeBoolean(interruptShadow);
    out.writeBoolean(stackShadow);
    out.writeBoolean(nmiBlocked);
    out.writeLong(debugTrapStatus);
    out.writeInt(pendingKind == null ? -1 : pendingKind.ordinal());
    out.writeInt(pendingVector);
    out.writeBoolean(pendingHasErrorCode);
    out.writeInt(pendingErrorCode);
  }

  private long[] modelSpecific() {
    return new long[] {
      sysenterCs,
      sysenterEsp,
      sysenterEip,
      star,
      lstar,
      cstar,
      sfmask,
      kernelGsBase,
      pat,
      tscAdjust,
      tscOffset,
      tscAux,
      debugctl,
      xss,
      miscEnable,
      specCtrl,
      mcgStatus,
      pkru,
      pkrs
    };
  }

  @Override
  public void restore(StateReader in, int version) {
    if (version != 2) {
      throw new StateException("system registers of version " + version);
    }
    long[] modelSpecific = modelSpecific();
    in.readLongs(modelSpecific);
    restoreModelSpecific(modelSpecific);
    in.readLongs(machineCheck);
    in.readLongs(memoryTypes.variable);
    in.readLongs(memoryTypes.fixed);
    memoryTypes.defaultType = in.readLong();
    in.readUnit(amd);
    in.readUnit(branches);
    interruptShadow = in.readBoolean();
    stackShadow = in.readBoolean();
    nmiBlocked = in.readBoolean();
    debugTrapStatus = in.readLong();
    pendingKind = kind(in.readInt());
    pendingVector = in.readInt() & 0xFF;
    pendingHasErrorCode = in.readBoolean();
    pendingErrorCode = in.readInt();
  }

  private void restoreModelSpecific(long[] saved) {
    int at = 0;
    sysenterCs = saved[at++];
    sysenterEsp = saved[at++];
    sysenterEip = saved[at++];
    star = saved[at++];
    lstar = saved[at++];
    cstar = saved[at++];
    sfmask = saved[at++];
    kernelGsBase = saved[at++];
    pat = saved[at++];
    tscAdjust = saved[at++];
    tscOffset = saved[at++];
    tscAux = saved[at++];
    debugctl = saved[at++];
    xss = saved[at++];
    miscEnable = saved[at++];
    specCtrl = saved[at++];
    mcgStatus = saved[at++];
    pkru = (int) saved[at++];
    pkrs = (int) saved[at];
  }

  private static Events.Kind kind(int ordinal) {
    Events.Kind[] kinds = Events.Kind.values();
    if (ordinal < -1 || ordinal >= kinds.length) {
      throw new StateException("an event of unknown kind " + ordinal);
    }
    return ordinal < 0 ? null : kinds[ordinal];
  }
}

package dev.ringzero.cpu.system;

/**
 * Registers that only system software sees: descriptor tables, local descriptor table and task,
 * model-specific registers, and the states that hold interrupts and debug traps back.
 *
 * @spec Intel SDM Vol. 3A, "System Architecture Overview"
 */
public final class SystemRegisters {
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
  public long xss;
  public long miscEnable = 1;
  public long specCtrl;
}

package dev.ringzero.cpu.svm;

import dev.ringzero.x86.Vmcb;

/**
 * What a VMCB's control area asks for, as VMRUN reads it; virtual interrupts and the interrupt
 * shadow change while the guest runs.
 */
final class Controls {
  int crIntercepts;
  int drIntercepts;
  int exceptionIntercepts;

  /** Intercepts of exit codes 60H to BFH. */
  final int[] intercepts = new int[3];

  int pauseThreshold;
  int pauseFilter;
  long ioMap;
  long msrMap;
  long tscOffset;
  int asid;
  int tlbControl;
  long virtualInterrupt;
  long nested;
  long eventInjection;
  long nestedCr3;
  long virtualized;
  boolean shadow;

  void read(ControlBlock block) {
    crIntercepts = block.read32(Vmcb.INTERCEPT_CR);
    drIntercepts = block.read32(Vmcb.INTERCEPT_DR);
    exceptionIntercepts = block.read32(Vmcb.INTERCEPT_EXCEPTIONS);
    intercepts[0] = block.read32(Vmcb.INTERCEPT_1);
    intercepts[1] = block.read32(Vmcb.INTERCEPT_2);
    intercepts[2] = block.read32(Vmcb.INTERCEPT_3);
    pauseThreshold = block.read16(Vmcb.PAUSE_FILTER_THRESHOLD);
    pauseFilter = block.read16(Vmcb.PAUSE_FILTER_COUNT);
    ioMap = block.read64(Vmcb.IOPM_BASE_PA) & -4096L;
    msrMap = block.read64(Vmcb.MSRPM_BASE_PA) & -4096L;
    tscOffset = block.read64(Vmcb.TSC_OFFSET);
    asid = block.read32(Vmcb.GUEST_ASID);
    tlbControl = block.read8(Vmcb.TLB_CONTROL);
    virtualInterrupt = block.read64(Vmcb.VIRTUAL_INTERRUPT);
    shadow = (block.read64(Vmcb.INTERRUPT_SHADOW) & 1) != 0;
    nested = block.read64(Vmcb.NESTED_CONTROL);
    eventInjection = block.read64(Vmcb.EVENTINJ);
    nestedCr3 = block.read64(Vmcb.N_CR3);
    virtualized = block.read64(Vmcb.VIRTUALIZED);
  }

  /** As state to save. */
  long[] toLongs() {
    return new long[] {
      crIntercepts,
      drIntercepts,
      exceptionIntercepts,
      intercepts[0],
      intercepts[1],
      intercepts[2],
      pauseThreshold,
      pauseFilter,
      ioMap,
      msrMap,
      tscOffset,
      asid,
      tlbControl,
      virtualInterrupt,
      nested,
      eventInjection,
      nestedCr3,
      virtualized,
      shadow ? 1 : 0
    };
  }

  void fromLongs(long[] saved) {
    crIntercepts = (int) saved[0];
    drIntercepts = (int) saved[1];
    exceptionIntercepts = (int) saved[2];
    intercepts[0] = (int) saved[3];
    intercepts[1] = (int) saved[4];
    intercepts[2] = (int) saved[5];
    pauseThreshold = (int) saved[6];
    pauseFilter = (int) saved[7];
    ioMap = saved[8];
    msrMap = saved[9];
    tscOffset = saved[10];
    asid = (int) saved[11];
    tlbControl = (int) saved[12];
    virtualInterrupt = saved[13];
    nested = saved[14];
    eventInjection = saved[15];
    nestedCr3 = saved[16];
    virtualized = saved[17];
    shadow = saved[18] != 0;
  }

  /** Whether the exit with this code, from 60H to BFH, is asked for. */
  boolean intercepts(int exitCode) {
    return (intercepts[(exitCode >>> 5) - 3] >>> (exitCode & 31) & 1) != 0;
  }

  boolean nestedPaging() {
    return (nested & Vmcb.NP_ENABLE) != 0;
  }

  boolean virtualBranches() {
    return (virtualized & Vmcb.VIRTUAL_BRANCHES) != 0;
  }

  boolean masksInterrupts() {
    return (virtualInterrupt & Vmcb.V_INTR_MASKING) != 0;
  }

  boolean virtualGif() {
    return (virtualInterrupt & Vmcb.V_GIF_ENABLE) != 0;
  }

  /** Whether a virtual interrupt has a higher priority than the virtual task priority. */
  boolean virtualInterruptPending() {
    int priority = (int) (virtualInterrupt >>> Vmcb.V_INTR_PRIO_SHIFT) & 15;
    boolean open =
        (virtualInterrupt & Vmcb.V_IGN_TPR) != 0 || priority > (virtualInterrupt & Vmcb.V_TPR & 15);
    boolean enabled = !virtualGif() || (virtualInterrupt & Vmcb.V_GIF) != 0;
    return (virtualInterrupt & Vmcb.V_IRQ) != 0 && open && enabled;
  }
}

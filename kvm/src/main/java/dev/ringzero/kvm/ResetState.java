package dev.ringzero.kvm;

import dev.ringzero.engine.Register;
import dev.ringzero.engine.SegmentState;
import dev.ringzero.x86.Cr0;

/**
 * Registers after RESET and INIT.
 *
 * @spec Intel SDM Vol. 3A, "Processor State After Reset"
 */
final class ResetState {
  private static final long CD = 1L << 30;
  private static final long NW = 1L << 29;

  /** What INIT leaves of CR0. */
  static final long CR0_KEPT = CD | NW;

  private static final long APIC_BASE = 0xFEE0_0000L;
  private static final long APIC_ENABLED = 1 << 11;
  private static final long BOOT_PROCESSOR = 1 << 8;
  private static final int DATA = 0x93;
  private static final int CODE = 0x9B;
  private static final int LDT = 0x82;
  private static final int BUSY_TSS = 0x8B;

  private ResetState() {}

  static void give(KvmRegisters registers, int id, int signature, long cr0Kept) {
    registers.clear();
    registers.write(Register.RIP, 0xFFF0);
    registers.write(Register.RFLAGS, 2);
    registers.write(Register.RDX, signature & 0xFFFF_FFFFL);
    registers.write(Register.CR0, Cr0.ET | cr0Kept);
    registers.apicBase(APIC_BASE | APIC_ENABLED | (id == 0 ? BOOT_PROCESSOR : 0));
    registers.segment(SegmentState.CS, new SegmentState(0xF000, 0xFFFF_0000L, 0xFFFF, CODE));
    for (int number : new int[] {0, 2, 3, 4, 5}) {
      registers.segment(number, new SegmentState(0, 0, 0xFFFF, DATA));
    }
    registers.segment(SegmentState.LDTR, new SegmentState(0, 0, 0xFFFF, LDT));
    registers.segment(SegmentState.TR, new SegmentState(0, 0, 0xFFFF, BUSY_TSS));
    registers.segment(SegmentState.GDTR, new SegmentState(0, 0, 0xFFFF, 0));
    registers.segment(SegmentState.IDTR, new SegmentState(0, 0, 0xFFFF, 0));
  }
}

package dev.ringzero.vmm.boot;

import dev.ringzero.engine.Register;
import dev.ringzero.engine.SegmentState;
import dev.ringzero.engine.VirtualCpu;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Efer;

/**
 * The state in which the boot processor starts.
 *
 * @param rip the first instruction
 * @param argument the register in which the kernel looks for its parameters
 * @param parametersGpa what that register holds
 * @param accumulator what RAX holds
 */
public record EntryState(
    Mode mode, long rip, Register argument, long parametersGpa, long accumulator) {
  private static final int IA32_EFER = 0xC000_0080;
  private static final long FLAGS_FIXED = 1L << 1;
  private static final long LIMIT = 0xFFFF_FFFFL;
  private static final int CODE_64 = 0xA09B;
  private static final int CODE_32 = 0xC09B;
  private static final int DATA = 0xC093;
  private static final int BUSY_TSS = 0x008B;
  private static final int LDT = 0x0082;
  private static final int TSS_LIMIT = 0x67;

  EntryState(Mode mode, long rip, Register argument, long parametersGpa) {
    this(mode, rip, argument, parametersGpa, 0);
  }

  /** The two modes in which a kernel may be entered. */
  public enum Mode {
    /** 32-bit protected mode, paging off. */
    PROTECTED_32,
    /** 64-bit mode, low memory mapped to itself. */
    LONG_64
  }

  /**
   * Enters a kernel by Linux's 64-bit boot protocol.
   *
   * @spec Linux Documentation/arch/x86/boot.rst, 64-bit Boot Protocol
   */
  static EntryState linux64(long rip) {
    return new EntryState(Mode.LONG_64, rip, Register.RSI, BootLayout.ZERO_PAGE);
  }

  /**
   * Enters a kernel by Linux's 32-bit boot protocol.
   *
   * @spec Linux Documentation/arch/x86/boot.rst, 32-bit Boot Protocol
   */
  static EntryState linux32(long rip) {
    return new EntryState(Mode.PROTECTED_32, rip, Register.RSI, BootLayout.ZERO_PAGE);
  }

  /**
   * Enters a kernel by Xen's boot protocol for fully virtualized guests without firmware.
   *
   * @spec Xen docs/misc/pvh.pandoc, Domain startup
   */
  static EntryState pvh(long rip) {
    return new EntryState(Mode.PROTECTED_32, rip, Register.RBX, BootLayout.START_INFO);
  }

  /**
   * Enters a kernel as a multiboot loader.
   *
   * @param loadedBy tells the kernel which version of the protocol it is
   * @spec Multiboot Specification 0.6.96, "Machine state"
   */
  static EntryState multiboot(long rip, long loadedBy, long informationGpa) {
    return new EntryState(Mode.PROTECTED_32, rip, Register.RBX, informationGpa, loadedBy);
  }

  void apply(VirtualCpu cpu) {
    for (int number = SegmentState.ES; number <= SegmentState.GS; number++) {
      cpu.segment(number, number == SegmentState.CS ? code() : data());
    }
    cpu.segment(SegmentState.LDTR, new SegmentState(0, 0, 0, LDT));
    cpu.segment(SegmentState.TR, new SegmentState(BootLayout.TSS_SELECTOR, 0, TSS_LIMIT, BUSY_TSS));
    cpu.segment(
        SegmentState.GDTR, new SegmentState(0, BootLayout.GDT, BootLayout.GDT_BYTES - 1, 0));
    cpu.segment(SegmentState.IDTR, new SegmentState(0, 0, 0, 0));
    switch (mode) {
      case PROTECTED_32 -> {
        cpu.register(Register.CR4, 0);
        cpu.register(Register.CR0, Cr0.PE | Cr0.ET);
      }
      case LONG_64 -> {
        cpu.register(Register.CR4, Cr4.PAE);
        cpu.register(Register.CR3, BootLayout.PAGE_TABLES);
        cpu.msr(IA32_EFER, Efer.LME | Efer.LMA);
        cpu.register(Register.CR0, Cr0.PG | Cr0.WP | Cr0.NE | Cr0.ET | Cr0.PE);
      }
    }
    cpu.register(Register.RFLAGS, FLAGS_FIXED);
    cpu.register(Register.RSP, BootLayout.STACK_TOP);
    cpu.register(Register.RAX, accumulator);
    cpu.register(argument, parametersGpa);
    cpu.register(Register.RIP, rip);
  }

  private SegmentState code() {
    return new SegmentState(
        BootLayout.CODE_SELECTOR, 0, LIMIT, mode == Mode.LONG_64 ? CODE_64 : CODE_32);
  }

  private static SegmentState data() {
    return new SegmentState(BootLayout.DATA_SELECTOR, 0, LIMIT, DATA);
  }
}

package dev.ringzero.cpu.translator;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.paging.Mmu;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Rflags;

/**
 * What of the CPU's mode translated code depends on. There is code for 64-bit mode at CPL 0 and 3
 * and for 32-bit code of programs in flat segments, and only while RFLAGS.DF is clear and alignment
 * is not checked.
 *
 * @param view whose eyes memory is seen with
 * @param vectors whether SSE and AVX instructions run natively: they are enabled, and no SIMD
 *     floating-point exception is unmasked
 * @param narrow 32-bit code
 */
record TranslationMode(View view, boolean vectors, boolean narrow) {
  private static final int WIDE = 2 * View.values().length;

  /** How many modes there are. */
  static final int COUNT = WIDE + 2;

  static final TranslationMode[] ALL = new TranslationMode[COUNT];

  private static final long XCR0_ALL = 7;
  private static final int MXCSR_MASKS = 0x1F80;

  static {
    for (boolean vectors : new boolean[] {false, true}) {
      for (View view : View.values()) {
        add(new TranslationMode(view, vectors, false));
      }
      add(new TranslationMode(View.USER, vectors, true));
    }
  }

  private static void add(TranslationMode mode) {
    ALL[mode.number()] = mode;
  }

  /** Whether there is translated code for the mode that a CPU is in. */
  static boolean exists(Cpu cpu) {
    return (cpu.codeSize == 64 && (cpu.cpl == 0 || cpu.cpl == 3)
            || cpu.codeSize == 32 && cpu.cpl == 3 && FlatSegments.of(cpu))
        && (cpu.systemFlags & Rflags.DF) == 0
        && !Mmu.alignmentChecked(cpu);
  }

  /** The mode of a CPU for which {@link #exists} holds. */
  static TranslationMode of(Cpu cpu) {
    View view =
        cpu.cpl == 3
            ? View.USER
            : (cpu.systemFlags & Rflags.AC) != 0 && (cpu.cr4 & Cr4.SMAP) != 0
                ? View.SUPERVISOR_WITH_USER
                : View.SUPERVISOR;
    return ALL[number(view, vectors(cpu), cpu.codeSize == 32)];
  }

  private static boolean vectors(Cpu cpu) {
    long enabled = Cr4.OSFXSR | Cr4.OSXSAVE;
    return (cpu.cr0 & (Cr0.TS | Cr0.EM)) == 0
        && (cpu.cr4 & enabled) == enabled
        && (cpu.xcr0 & XCR0_ALL) == XCR0_ALL
        && (cpu.mxcsr & MXCSR_MASKS) == MXCSR_MASKS;
  }

  /** The mode of 64-bit code with the same vectors and this view. */
  TranslationMode with(View other) {
    return ALL[number(other, vectors, false)];
  }

  /** The mode in words, for people. */
  String description() {
    String who =
        switch (view) {
          case USER -> "CPL 3";
          case SUPERVISOR -> "CPL 0";
          case SUPERVISOR_WITH_USER -> "CPL 0 with access to user pages";
        };
    if (narrow) {
      who += ", 32-bit code";
    }
    return vectors ? who + ", vector instructions native" : who;
  }

  /** Offset of its code TLB in the {@link StateBlock}. */
  int codeTlb() {
    return StateBlock.CODE_TLB + number() * StateBlock.CODE_TLB_BYTES;
  }

  /** A small number for the mode, below {@link #COUNT}. */
  int number() {
    return number(view, vectors, narrow);
  }

  private static int number(View view, boolean vectors, boolean narrow) {
    return (narrow ? WIDE : 2 * view.ordinal()) + (vectors ? 1 : 0);
  }

  /** Operand and address size of its code by default, in bits. */
  int codeSize() {
    return narrow ? 32 : 64;
  }

  /** Bytes of what PUSH, POP, CALL and RET move. */
  int slotBytes() {
    return narrow ? 4 : 8;
  }
}

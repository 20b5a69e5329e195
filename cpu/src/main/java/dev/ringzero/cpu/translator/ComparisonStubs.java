package dev.ringzero.cpu.translator;

import static dev.ringzero.cpu.translator.Assembler.R13;
import static dev.ringzero.cpu.translator.Assembler.R14;
import static dev.ringzero.cpu.translator.Assembler.R15;
import static dev.ringzero.cpu.translator.Assembler.RCX;
import static dev.ringzero.cpu.translator.Assembler.RDI;
import static dev.ringzero.cpu.translator.Assembler.RSI;

import java.util.HashSet;
import java.util.Set;

/**
 * REPE and REPNE CMPS and SCAS, in the manner of {@link StringStubs}: as many elements at a time as
 * lie within their pages. The flags of the last comparison are in the state block whenever the stub
 * is left or returns.
 */
final class ComparisonStubs {
  private static final int JE = 4;
  private static final int JNE = 5;
  private static final int SIZES = 4;
  private static final int REPNE = 0xF2, REPE = 0xF3;
  private static final int ZERO_FLAG = 0x40 << 8; // where FLAGS has it

  private final Assembler code;
  private final Stubs stubs;
  private final StringStubs strings;
  private final int[] entries = new int[View.values().length * SIZES * 4];

  ComparisonStubs(Assembler code, Stubs stubs, StringStubs strings) {
    this.code = code;
    this.stubs = stubs;
    this.strings = strings;
    for (View view : View.values()) {
      for (int log = 0; log < SIZES; log++) {
        for (boolean untilEqual : new boolean[] {false, true}) {
          entries[number(view, log, false, untilEqual)] = emit(view, log, false, untilEqual);
          entries[number(view, log, true, untilEqual)] = emit(view, log, true, untilEqual);
        }
      }
    }
  }

  private static int number(View view, int log, boolean scan, boolean untilEqual) {
    return ((view.ordinal() * SIZES + log) * 2 + (scan ? 1 : 0)) * 2 + (untilEqual ? 1 : 0);
  }

  /** CMPS of elements of this many bytes; {@code untilEqual} for REPNE. */
  int compare(View view, int elementBytes, boolean untilEqual) {
    return entries[number(view, Integer.numberOfTrailingZeros(elementBytes), false, untilEqual)];
  }

  /** SCAS. */
  int scan(View view, int elementBytes, boolean untilEqual) {
    return entries[number(view, Integer.numberOfTrailingZeros(elementBytes), true, untilEqual)];
  }

  Set<Integer> entries() {
    Set<Integer> set = new HashSet<>();
    for (int entry : entries) {
      set.add(entry);
    }
    return set;
  }

  private int emit(View view, int log, boolean scan, boolean untilEqual) {
    int start = code.position();
    final int nothing = strings.leaveIfNothingIsLeft();
    strings.checkedRun(RDI, view, false, log);
    strings.atMost(R13, RCX);
    if (!scan) {
      code.store(R13, StateBlock.SCRATCH + 8);
      code.store(R15, StateBlock.SCRATCH + 16);
      strings.checkedRun(RSI, view, false, log);
      code.load(R14, StateBlock.SCRATCH + 8);
      strings.atMost(R13, R14);
    }
    code.store(R13, StateBlock.SCRATCH + 8); // how many at most
    code.store(RDI, StateBlock.STRING_DESTINATION);
    if (scan) {
      code.move(RDI, R15);
    } else {
      code.store(RSI, StateBlock.STRING_SOURCE);
      code.move(RSI, R15);
      code.load(RDI, StateBlock.SCRATCH + 16);
    }
    code.move(R14, RCX);
    code.move(RCX, R13);
    strings.repeat(untilEqual ? REPNE : REPE, log, scan ? 0xAE : 0xA6);
    FlagTransfer.toState(code);
    code.load(R13, StateBlock.SCRATCH + 8);
    subtract(R13, RCX); // how many it were
    code.load(RDI, StateBlock.STRING_DESTINATION);
    code.lea(RDI, RDI, R13, log, 0);
    if (!scan) {
      code.load(RSI, StateBlock.STRING_SOURCE);
      code.lea(RSI, RSI, R13, log, 0);
    }
    code.move(RCX, R14);
    subtract(RCX, R13);
    next(start, nothing, untilEqual);
    return start;
  }

  private void subtract(int from, int what) {
    code.bytes(0x48 | (what >> 3) << 2 | from >> 3, 0x29, Assembler.modrm(3, what, from));
  }

  /** Returns where the last comparison ends it or nothing is left; else goes on, after a poll. */
  private void next(int start, int nothing, boolean untilEqual) {
    code.gs(0, 0xF7, 0, StateBlock.FLAGS); // test dword gs:[FLAGS], imm32
    code.dword(ZERO_FLAG);
    code.jumpIf(untilEqual ? JNE : JE, 0);
    final int ended = code.position() - 4;
    code.bytes(0x48, 0x85, Assembler.modrm(3, RCX, RCX)); // test rcx, rcx
    code.jumpIf(JE, 0);
    int done = code.position() - 4;
    code.compareWithZero32(StateBlock.ATTENTION);
    code.jumpIf(JE, start);
    stubs.leaveWith(ExitKind.POLL);
    code.patch(nothing, code.position());
    code.patch(ended, code.position());
    code.patch(done, code.position());
    code.bytes(0xC3);
  }
}

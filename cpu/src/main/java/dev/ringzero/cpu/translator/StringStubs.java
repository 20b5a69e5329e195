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
 * REP STOS and REP MOVS with 64-bit addresses, upwards: as many elements at a time as lie within
 * their pages, by the host's own instruction on host addresses. Called with RIP_OFFSET and SITE set
 * and status flags in the state block; flags are lost. RCX, RSI and RDI stand for what is still to
 * be done whenever the stub is left: for a page that is missing, for a poll, or for an element that
 * the interpreter must see to.
 */
final class StringStubs {
  private static final int PAGE = 4096;
  private static final int JE = 4;
  private static final int JA = 7;
  private static final int SIZES = 4;

  private final Assembler code;
  private final Stubs stubs;
  private final int[] store = new int[View.values().length * SIZES];
  private final int[] move = new int[View.values().length * SIZES];

  StringStubs(Assembler code, Stubs stubs) {
    this.code = code;
    this.stubs = stubs;
    for (View view : View.values()) {
      for (int log = 0; log < SIZES; log++) {
        store[number(view, log)] = emitStore(view, log);
        move[number(view, log)] = emitMove(view, log);
      }
    }
  }

  private static int number(View view, int log) {
    return view.ordinal() * SIZES + log;
  }

  /** REP STOS of elements of this many bytes. */
  int store(View view, int elementBytes) {
    return store[number(view, Integer.numberOfTrailingZeros(elementBytes))];
  }

  /** REP MOVS of elements of this many bytes. */
  int move(View view, int elementBytes) {
    return move[number(view, Integer.numberOfTrailingZeros(elementBytes))];
  }

  Set<Integer> entries() {
    Set<Integer> entries = new HashSet<>();
    for (int[] ofViews : new int[][] {store, move}) {
      for (int stub : ofViews) {
        entries.add(stub);
      }
    }
    return entries;
  }

  private int emitStore(View view, int log) {
    int start = code.position();
    int done = leaveIfNothingIsLeft();
    checkedRun(RDI, view, true, log);
    atMost(R13, RCX);
    code.move(R14, RDI);
    code.move(RDI, R15);
    code.move(R15, RCX);
    code.move(RCX, R13);
    repeat(0xF3, log, 0xAA);
    code.lea(RDI, R14, R13, log, 0);
    next(start, done);
    return start;
  }

  private int emitMove(View view, int log) {
    int start = code.position();
    int done = leaveIfNothingIsLeft();
    checkedRun(RDI, view, true, log);
    atMost(R13, RCX);
    code.store(R13, StateBlock.SCRATCH + 8);
    code.store(R15, StateBlock.SCRATCH + 16);
    checkedRun(RSI, view, false, log); // it may have the place of the other in the first level
    code.load(R14, StateBlock.SCRATCH + 8);
    atMost(R13, R14);
    code.lea(R14, RSI, R13, log, 0);
    code.store(R14, StateBlock.SCRATCH + 8);
    code.lea(R14, RDI, R13, log, 0);
    code.move(RSI, R15);
    code.load(RDI, StateBlock.SCRATCH + 16);
    code.move(R15, RCX);
    code.move(RCX, R13);
    repeat(0xF3, log, 0xA4);
    code.move(RDI, R14);
    code.load(RSI, StateBlock.SCRATCH + 8);
    next(start, done);
    return start;
  }

  int leaveIfNothingIsLeft() {
    code.bytes(0x48, 0x85, Assembler.modrm(3, RCX, RCX)); // test rcx, rcx
    code.jumpIf(JE, 0);
    return code.position() - 4;
  }

  /**
   * Puts the host address of an element into R15, and into R13 how many whole elements lie in its
   * page from there on: by the same check as for an ordinary access, masks included.
   */
  void checkedRun(int pointer, View view, boolean write, int log) {
    int again = code.position();
    code.move(R14, pointer);
    code.rotateRight32(R15, R14, 12 - StateBlock.ENTRY_SHIFT);
    code.andImmediate32(R15, StateBlock.TLB_INDEX_MASK);
    code.move(R13, R14);
    code.gsAt(0x03, R13, R15, view.tlb() + (write ? StateBlock.WRITE_TAG : StateBlock.READ_TAG));
    code.compareImmediate(R13, PAGE - (1 << log));
    code.bytes(0x70 | JA ^ 1, 10); // jbe over
    code.call(stubs.miss(view, write, false));
    code.jump(again);
    code.andImmediate32(R13, PAGE - 1);
    code.gsAt(0x8B, R15, R15, view.tlb() + StateBlock.HOST_PAGE);
    code.lea(R15, R15, R13, 0, 0);
    code.bytes(0x41, 0xF7, Assembler.modrm(3, 3, R13)); // neg r13d
    code.lea(R13, R13, Assembler.NONE, 0, PAGE);
    code.andImmediate32(R13, 2 * PAGE - 1);
    code.bytes(0x41, 0xC1, Assembler.modrm(3, 5, R13), log); // shr r13d
  }

  /** Unsigned minimum, into the first. */
  void atMost(int count, int limit) {
    int rex = 0x48 | limit >> 3 | (count >> 3) << 2;
    code.bytes(rex, 0x3B, Assembler.modrm(3, count, limit)); // cmp count, limit
    code.bytes(rex, 0x0F, 0x47, Assembler.modrm(3, count, limit)); // cmova count, limit
  }

  /** The host's own instruction with this prefix. */
  void repeat(int prefix, int log, int byteOpcode) {
    if (log == 1) {
      code.bytes(0x66);
    }
    code.bytes(prefix);
    if (log == 3) {
      code.bytes(0x48);
    }
    code.bytes(log == 0 ? byteOpcode : byteOpcode + 1);
  }

  /** R15 elements were to be done, R13 of them are: goes on, returns, or leaves for a poll. */
  private void next(int start, int done) {
    code.move(RCX, R15);
    code.bytes(0x4C, 0x29, Assembler.modrm(3, R13, RCX)); // sub rcx, r13
    code.jumpIf(JE, 0);
    int finished = code.position() - 4;
    code.compareWithZero32(StateBlock.ATTENTION);
    code.jumpIf(JE, start);
    stubs.leaveWith(ExitKind.POLL);
    code.patch(done, code.position());
    code.patch(finished, code.position());
    code.bytes(0xC3);
  }
}

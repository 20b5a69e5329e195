package dev.ringzero.cpu.translator;

import static dev.ringzero.cpu.translator.Assembler.NONE;
import static dev.ringzero.cpu.translator.Assembler.R13;
import static dev.ringzero.cpu.translator.Assembler.R14;
import static dev.ringzero.cpu.translator.Assembler.RAX;
import static dev.ringzero.cpu.translator.Assembler.RDX;

import dev.ringzero.x86.instruction.Instruction;
import java.util.ArrayList;
import java.util.List;

/**
 * Translates DIV and IDIV of 32 and 64 bits, with a guard before them: what might raise #DE goes to
 * the interpreter, so that the host never faults. The divisor is read once, into R13. IDIV runs
 * natively for a dividend that is a sign-extended register and a divisor other than 0 and -1.
 */
final class DivisionTranslator {
  private static final int JAE = 3;
  private static final int JNE = 5;
  private static final int JBE = 6;
  private static final int DIV = 6;
  private static final int IDIV = 7;

  private final Assembler code;
  private final CheckedAccess access;
  private final Stubs stubs;
  private final InstructionCount counter;

  /** Places of rel32s that leave for the interpreter, and the offsets of their instructions. */
  private final List<int[]> guards = new ArrayList<>();

  DivisionTranslator(Assembler code, CheckedAccess access, Stubs stubs, InstructionCount counter) {
    this.counter = counter;
    this.code = code;
    this.access = access;
    this.stubs = stubs;
  }

  /** Emits a division; false if it is for the interpreter. */
  boolean divide(Instruction i, PlainTranslator.Context context) {
    if (i.operandSize == 16 || i.width(i.operand(0)) == 8) {
      return false;
    }
    boolean wide = i.operandSize == 64;
    if (!loadDivisor(i, wide, context)) {
      return false;
    }
    int rex = wide ? 0x4D : 0x45;
    if (i.form.meaning.equals("DIV")) {
      code.bytes(wide ? 0x4C : 0x44, 0x39, Assembler.modrm(3, R13, RDX)); // cmp rdx, r13
      guard(JAE, context);
      code.bytes(wide ? 0x49 : 0x41, 0xF7, Assembler.modrm(3, DIV, R13));
    } else {
      code.lea(R14, R13, NONE, 0, 1);
      code.bytes(rex & 0x49, 0x83, Assembler.modrm(3, 7, R14), 1); // cmp r14, 1
      guard(JBE, context);
      code.move(R14, RAX);
      code.bytes(rex & 0x49, 0xC1, Assembler.modrm(3, 7, R14), wide ? 63 : 31); // sar
      code.bytes(wide ? 0x4C : 0x44, 0x39, Assembler.modrm(3, R14, RDX)); // cmp rdx, r14
      guard(JNE, context);
      code.bytes(rex & 0x49, 0xF7, Assembler.modrm(3, IDIV, R13));
    }
    return true;
  }

  private boolean loadDivisor(Instruction i, boolean wide, PlainTranslator.Context context) {
    if (!i.hasMemory()) {
      if (Displaced.inMemory(i.rm)) {
        code.load(R13, Displaced.slot(i.rm));
      } else {
        code.move(R13, Displaced.host(i.rm));
      }
      return true;
    }
    GuestAddress address = GuestAddress.of(i, context.offset() + i.length);
    if (address == null) {
      return false;
    }
    int bytes = wide ? 8 : 4;
    access.check(address, context.view(), false, bytes, false, context.care(), context.offset());
    code.bytes(wide ? 0x4F : 0x47, 0x8B, 0x2C, 0x3E); // mov r13, [r14 + r15]
    return true;
  }

  private void guard(int condition, PlainTranslator.Context context) {
    code.jumpIf(condition, 0);
    guards.add(new int[] {code.position() - 4, context.offset()});
  }

  /** Takes back what was emitted from this position on. */
  void forget(int position) {
    guards.removeIf(guard -> guard[0] >= position);
  }

  /** Emits where the guards lead; once, behind the block. */
  void emitCold() {
    for (int[] guard : guards) {
      code.patch(guard[0], code.position());
      counter.leave(guard[1]);
      code.storeImmediate32(guard[1], StateBlock.RIP_OFFSET);
      stubs.leaveWith(ExitKind.SPECIAL);
    }
    guards.clear();
  }
}

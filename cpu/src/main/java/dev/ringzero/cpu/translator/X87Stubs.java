package dev.ringzero.cpu.translator;

import static dev.ringzero.cpu.translator.Assembler.R13;
import static dev.ringzero.cpu.translator.Assembler.RAX;
import static dev.ringzero.cpu.translator.Assembler.RDX;

/**
 * What moves the x87 state between the state block and the host's unit, which is the JVM's before
 * and after: its control word comes back, its registers are empty, as at every call.
 */
final class X87Stubs {
  private static final int JE = 4;
  private static final int COMPONENT = 1;
  private static final int ALL_MASKED = 0x3F;

  private X87Stubs() {}

  /** Gives the unit to the guest if it has its state there; RAX, RDX and flags are lost. */
  static void emitEnter(Assembler code) {
    int over = unlessLoaded(code);
    code.gs(0, 0xD9, 7, StateBlock.HOST_X87_CONTROL); // fnstcw
    move(code, 5); // xrstor64
    code.patch(over, code.position());
  }

  /** Gives the unit back to the host; RAX, RDX and flags are lost. */
  static void emitLeave(Assembler code) {
    int over = unlessLoaded(code);
    move(code, 4); // xsave64
    code.bytes(0xDB, 0xE3); // fninit
    code.gs(0, 0xD9, 5, StateBlock.HOST_X87_CONTROL); // fldcw
    code.patch(over, code.position());
  }

  /**
   * FLDCW of the word in R13, for which the unit is loaded; leaves for the interpreter where that
   * would unmask an exception. Flags and R13 are lost.
   */
  static int emitLoadControl(Assembler code, Stubs stubs) {
    int start = code.position();
    code.gs(0, 0x89, R13, StateBlock.X87_CONTROL);
    code.bytes(0x41, 0xF7, Assembler.modrm(3, 2, R13)); // not r13d
    code.bytes(0x41, 0xF6, Assembler.modrm(3, 0, R13), ALL_MASKED); // test r13b, imm8
    code.jumpIf(JE, 0);
    int masked = code.position() - 4;
    stubs.leaveWith(ExitKind.SPECIAL);
    code.patch(masked, code.position());
    code.gs(0, 0xD9, 5, StateBlock.X87_CONTROL); // fldcw
    code.bytes(0xC3);
    return start;
  }

  private static int unlessLoaded(Assembler code) {
    code.compareWithZero32(StateBlock.X87_LOADED);
    code.jumpIf(JE, 0);
    return code.position() - 4;
  }

  private static void move(Assembler code, int operation) {
    code.moveImmediate32(RAX, COMPONENT);
    code.moveImmediate32(RDX, 0);
    code.gs(0x48, 0xAE0F, operation, StateBlock.X87_IMAGE);
  }
}

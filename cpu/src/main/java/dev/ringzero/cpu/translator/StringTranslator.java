package dev.ringzero.cpu.translator;

import static dev.ringzero.cpu.translator.Assembler.NONE;
import static dev.ringzero.cpu.translator.Assembler.R13;
import static dev.ringzero.cpu.translator.Assembler.R14;
import static dev.ringzero.cpu.translator.Assembler.R15;
import static dev.ringzero.cpu.translator.Assembler.RAX;
import static dev.ringzero.cpu.translator.Assembler.RBX;
import static dev.ringzero.cpu.translator.Assembler.RDI;
import static dev.ringzero.cpu.translator.Assembler.RSI;

import dev.ringzero.cpu.translator.PlainTranslator.Context;
import dev.ringzero.x86.instruction.Instruction;
import dev.ringzero.x86.instruction.Operand;

/**
 * Translates string instructions without REP, upwards and with addresses of the code's own size,
 * XLAT, and MOV of the accumulator at an offset: checked accesses and ordinary instructions on
 * them.
 */
final class StringTranslator {
  private static final int CS = 1, FS = 4;
  private static final int FIRST = StateBlock.SCRATCH + 16;
  private static final int STORE = 0x88, LOAD = 0x8A, COMPARE = 0x3A;

  private final Assembler code;
  private final CheckedAccess access;

  StringTranslator(Assembler code, CheckedAccess access) {
    this.code = code;
    this.access = access;
  }

  /** One element; false if it is for the interpreter. */
  boolean single(Instruction i, Context context) {
    if (i.addressSize != i.codeSize || i.codeSize == 32 && bySpecialSegment(i)) {
      return false;
    }
    int bytes = i.width(i.operand(0)) / 8;
    switch (i.form.meaning) {
      case "STOS" -> {
        check(destination(i), true, bytes, context);
        operate(STORE, RAX, bytes);
      }
      case "LODS" -> {
        check(source(i), false, bytes, context);
        operate(LOAD, RAX, bytes);
      }
      case "SCAS" -> {
        check(destination(i), false, bytes, context);
        operate(COMPARE, RAX, bytes);
      }
      case "MOVS" -> {
        readFirst(i, bytes, context);
        check(destination(i), true, bytes, context);
        code.load(R13, FIRST);
        operate(STORE, R13, bytes);
      }
      case "CMPS" -> {
        readFirst(i, bytes, context);
        check(destination(i), false, bytes, context);
        code.load(R13, FIRST);
        operate(COMPARE, R13, bytes);
      }
      default -> throw new IllegalStateException("no string instruction: " + i.form);
    }
    advance(i, bytes);
    return true;
  }

  /** XLAT; false if it is for the interpreter. */
  boolean translate(Instruction i, Context context) {
    if (i.addressSize != 64) {
      return false;
    }
    int restart = code.position();
    code.bytes(0x44, 0x0F, 0xB6, Assembler.modrm(3, R14, RAX)); // movzx r14d, al
    code.lea(R14, RBX, R14, 0, 0);
    if (i.segment >= FS) {
      code.load(R15, i.segment == FS ? StateBlock.FS_BASE : StateBlock.GS_BASE);
      code.lea(R14, R14, R15, 0, 0);
    }
    access.emit(context.view(), false, 1, false, context.care(), context.offset(), restart);
    operate(LOAD, RAX, 1);
    return true;
  }

  /** MOV between the accumulator and memory; false if it is for the interpreter. */
  boolean offset(Instruction i, Context context) {
    boolean stores = i.operand(0).place() == Operand.Place.MOFFS;
    long displacement = i.displacement;
    boolean fits = i.codeSize == 32 ? !bySpecialSegment(i) : displacement == (int) displacement;
    if (i.addressSize != i.codeSize || !fits) {
      return false;
    }
    int bytes = i.width(i.operand(stores ? 1 : 0)) / 8;
    int segment = i.segment >= FS ? i.segment : 0;
    GuestAddress address =
        new GuestAddress(
            Instruction.NONE, Instruction.NONE, 0, (int) displacement, segment, i.codeSize == 32);
    check(address, stores, bytes, context);
    operate(stores ? STORE : LOAD, RAX, bytes);
    return true;
  }

  private static boolean bySpecialSegment(Instruction i) {
    return i.segment == CS || i.segment == FS;
  }

  private static GuestAddress destination(Instruction i) {
    return GuestAddress.at(RDI, 0, i.codeSize == 32);
  }

  private static GuestAddress source(Instruction i) {
    int segment = i.segment >= FS ? i.segment : 0;
    return new GuestAddress(RSI, Instruction.NONE, 0, 0, segment, i.codeSize == 32);
  }

  private void readFirst(Instruction i, int bytes, Context context) {
    check(source(i), false, bytes, context);
    operate(LOAD, R13, bytes);
    code.store(R13, FIRST);
    access.known().forget();
  }

  private void check(GuestAddress address, boolean write, int bytes, Context context) {
    access.check(address, context.view(), write, bytes, false, context.care(), context.offset());
  }

  /** An operation between a register and {@code [r14 + r15]}. */
  private void operate(int byteOpcode, int register, int bytes) {
    if (bytes == 2) {
      code.bytes(0x66);
    }
    int rex = 0x43 | (register >> 3) << 2 | (bytes == 8 ? 8 : 0);
    code.bytes(rex, bytes == 1 ? byteOpcode : byteOpcode + 1);
    code.bytes(Assembler.modrm(0, register, 4), 0x3E);
  }

  private void advance(Instruction i, int bytes) {
    String meaning = i.form.meaning;
    if (!meaning.equals("STOS") && !meaning.equals("SCAS")) {
      advance(RSI, i, bytes);
    }
    if (!meaning.equals("LODS")) {
      advance(RDI, i, bytes);
    }
  }

  private void advance(int pointer, Instruction i, int bytes) {
    if (i.codeSize == 32) {
      code.lea32(pointer, pointer, NONE, 0, bytes);
    } else {
      code.lea(pointer, pointer, NONE, 0, bytes);
    }
  }
}

package dev.ringzero.cpu.translator;

import static dev.ringzero.cpu.translator.Assembler.NONE;
import static dev.ringzero.cpu.translator.Assembler.R12;
import static dev.ringzero.cpu.translator.Assembler.R13;
import static dev.ringzero.cpu.translator.Assembler.R14;
import static dev.ringzero.cpu.translator.Assembler.RBP;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.x86.instruction.Instruction;
import dev.ringzero.x86.instruction.Operand;

/**
 * Translates what moves the stack pointer by operands of the code's own size, 64 or 32 bits. Guest
 * RSP is R12.
 */
final class StackTranslator {
  private final Assembler code;
  private final CheckedAccess access;
  private final GuestBlock block;

  StackTranslator(Assembler code, CheckedAccess access, GuestBlock block) {
    this.block = block;
    this.code = code;
    this.access = access;
  }

  /** PUSH of a register or an immediate; false if it is for the interpreter. */
  boolean push(Instruction i, PlainTranslator.Context context) {
    if (i.operandSize != i.codeSize) {
      return false;
    }
    if (i.hasMemory()) {
      return pushMemory(i, context);
    }
    checkPush(context);
    Operand operand = i.form.operands[0];
    switch (operand.place()) {
      case IMMEDIATE -> {
        code.bytes(rex(0), 0xC7, 0x04, 0x3E); // mov [r14 + r15], imm32
        code.dword((int) i.immediate);
      }
      case OPCODE_REGISTER -> storeTop(source(i.opcodeRegister));
      case RM -> storeTop(source(i.rm));
      default -> {
        return false;
      }
    }
    move(R12, -slot());
    return true;
  }

  private boolean pushMemory(Instruction i, PlainTranslator.Context context) {
    GuestAddress address = GuestAddress.of(i, context.offset() + i.length);
    if (address == null) {
      return false;
    }
    check(address, false, context);
    loadTop(R13);
    code.store(R13, StateBlock.SCRATCH + 16);
    pushScratch(StateBlock.SCRATCH + 16, context);
    return true;
  }

  /** Pushes what the state block holds at a place. */
  void pushScratch(int displacement, PlainTranslator.Context context) {
    checkPush(context);
    code.load(R13, displacement);
    storeTop(R13);
    move(R12, -slot());
  }

  private int source(int guest) {
    if (!Displaced.inMemory(guest)) {
      return Displaced.host(guest);
    }
    code.load(R13, Displaced.slot(guest));
    return R13;
  }

  /** POP into a register; false if it is for the interpreter. */
  boolean pop(Instruction i, PlainTranslator.Context context) {
    if (i.operandSize != i.codeSize || i.hasMemory()) {
      return false;
    }
    int guest = popped(i);
    checkTop(context);
    int host = Displaced.inMemory(guest) ? R13 : Displaced.host(guest);
    if (host == R12) {
      loadTop(R12); // POP RSP: the value read, not the incremented pointer
      return true;
    }
    loadTop(host);
    move(R12, slot());
    if (host == R13) {
      code.store(R13, Displaced.slot(guest));
    }
    return true;
  }

  /** LEAVE; false if it is for the interpreter. */
  boolean leave(Instruction i, PlainTranslator.Context context) {
    if (i.operandSize != i.codeSize) {
      return false;
    }
    check(at(Cpu.RBP, 0), false, context);
    move(RBP, slot());
    loadTop(RBP);
    return true;
  }

  /** Pushes PAGE_BASE plus a constant, which is in R13 then. Flags are lost. */
  void pushAddress(int offset, PlainTranslator.Context context) {
    checkPush(context);
    code.load(R13, StateBlock.PAGE_BASE);
    code.lea(R13, R13, NONE, 0, offset);
    storeTop(R13);
    move(R12, -slot());
  }

  /** Reads what RET will pop into R14. Flags are lost. */
  void readTarget(PlainTranslator.Context context) {
    checkTop(context);
    loadTop(R14);
  }

  /** Reads what POPF will pop into R13. Flags are lost. */
  void readScratch(PlainTranslator.Context context) {
    checkTop(context);
    loadTop(R13);
  }

  /** Moves the stack pointer as RET does. */
  void release(int furtherBytes) {
    move(R12, slot() + furtherBytes);
  }

  /** Keeps what is known of the stack's page true behind PUSH or POP. */
  void keepTrack(Instruction i, boolean push) {
    if (push) {
      access.known().stackMoved(-slot());
      return;
    }
    int popped = popped(i);
    if (popped == Cpu.RSP) {
      access.known().forget();
    } else {
      access.known().stackMoved(slot()); // it is the stack's, whatever was popped
    }
  }

  private static int popped(Instruction i) {
    return i.form.operands[0].place() == Operand.Place.OPCODE_REGISTER ? i.opcodeRegister : i.rm;
  }

  private void checkPush(PlainTranslator.Context context) {
    check(at(Cpu.RSP, -slot()), true, context);
  }

  private void checkTop(PlainTranslator.Context context) {
    check(at(Cpu.RSP, 0), false, context);
  }

  private void check(GuestAddress address, boolean write, PlainTranslator.Context context) {
    access.check(address, context.view(), write, slot(), false, context.care(), context.offset());
  }

  private GuestAddress at(int register, int displacement) {
    return GuestAddress.at(register, displacement, block.narrow());
  }

  private int slot() {
    return block.page.mode.slotBytes();
  }

  /** Sets the stack pointer relative to a register. */
  private void move(int from, int bytes) {
    if (block.narrow()) {
      code.lea32(R12, from, NONE, 0, bytes);
    } else {
      code.lea(R12, from, NONE, 0, bytes);
    }
  }

  private int rex(int register) {
    return (block.narrow() ? 0x43 : 0x4B) | (register >> 3) << 2;
  }

  private void storeTop(int register) {
    code.bytes(rex(register), 0x89, (register & 7) << 3 | 4, 0x3E);
  }

  private void loadTop(int register) {
    code.bytes(rex(register), 0x8B, (register & 7) << 3 | 4, 0x3E);
  }
}

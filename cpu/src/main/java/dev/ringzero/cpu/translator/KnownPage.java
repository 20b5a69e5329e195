package dev.ringzero.cpu.translator;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.x86.instruction.Instruction;
import dev.ringzero.x86.instruction.Operand;

/**
 * What R14 and R15 still hold of the last checked access of a block: the offset of that address in
 * its page, and the page. An access near it needs no look-up, only that it stays within the page.
 */
final class KnownPage {
  private GuestAddress address;
  private int sizeBytes;
  private boolean write;

  /** R14 and R15 hold something else. */
  void forget() {
    address = null;
  }

  void set(GuestAddress checked, int bytes, boolean forWriting) {
    address = checked;
    sizeBytes = bytes;
    write = forWriting;
  }

  /** Whether an access to this address may go without a look-up. */
  boolean isNear(GuestAddress other, boolean forWriting) {
    return address != null && address.isNear(other) && (write || !forWriting);
  }

  int distance(GuestAddress other) {
    return other.displacement() - address.displacement();
  }

  int sizeBytes() {
    return sizeBytes;
  }

  boolean write() {
    return write;
  }

  /** RSP was moved by a constant. */
  void stackMoved(int bytes) {
    if (address == null || !address.uses(Cpu.RSP)) {
      return;
    }
    boolean plain = address.base() == Cpu.RSP && address.index() == Instruction.NONE;
    long displacement = (long) address.displacement() - bytes;
    address =
        plain && displacement == (int) displacement && address.segment() == 0
            ? GuestAddress.at(Cpu.RSP, (int) displacement, address.narrow())
            : null;
  }

  /** An instruction ran that wrote what its operands say. */
  void after(Instruction i) {
    if (address == null) {
      return;
    }
    if (movesStack(i)) {
      stackMoved((int) (i.form.meaning.equals("ADD") ? i.immediate : -i.immediate));
      return;
    }
    for (Operand operand : i.form.operands) {
      if (operand.written() && uses(register(operand, i))) {
        address = null;
        return;
      }
    }
    int implicit = i.form.implicitWritten;
    for (int register = 0; implicit != 0; register++, implicit >>>= 1) {
      if ((implicit & 1) != 0 && uses(register)) {
        address = null;
        return;
      }
    }
  }

  private boolean uses(int register) {
    return address != null && address.uses(register);
  }

  /** {@code add rsp, constant} or {@code sub rsp, constant}. */
  private static boolean movesStack(Instruction i) {
    return (i.form.meaning.equals("ADD") || i.form.meaning.equals("SUB"))
        && !i.hasMemory()
        && i.operandSize == i.codeSize
        && i.form.operands[0].place() == Operand.Place.RM
        && i.form.operands[1].place() == Operand.Place.IMMEDIATE
        && i.rm == Cpu.RSP
        && i.immediate == (int) i.immediate;
  }

  /** General register of an operand, or -1. */
  private static int register(Operand operand, Instruction i) {
    int register =
        switch (operand.place()) {
          case REG -> i.reg;
          case RM, RM_REGISTER -> i.hasMemory() ? -1 : i.rm;
          case OPCODE_REGISTER -> i.opcodeRegister;
          case VVVV_GPR -> i.vvvv;
          case FIXED_GPR -> operand.register();
          default -> -1;
        };
    return OperandSizes.highByte(operand, i) ? register - 4 : register;
  }
}

package dev.ringzero.cpu.translator;

import dev.ringzero.x86.instruction.Instruction;
import dev.ringzero.x86.instruction.Operand;

/** Facts about the operands of an instruction that its encoding does not tell by itself. */
final class OperandSizes {
  private OperandSizes() {}

  /** The memory operand, or null if it has none. */
  static Operand memory(Instruction i) {
    if (!i.hasMemory()) {
      return null;
    }
    for (Operand operand : i.form.operands) {
      switch (operand.place()) {
        case RM, MEMORY, VECTOR_RM, MMX_RM -> {
          return operand;
        }
        default -> {}
      }
    }
    return null;
  }

  /** Bytes of an operand; 0 where only the instruction's meaning tells. */
  static int bytes(Operand operand, Instruction i) {
    return switch (operand.size()) {
      case BYTE -> 1;
      case WORD -> 2;
      case DWORD -> 4;
      case QWORD, NATIVE -> 8;
      case DQWORD -> 16;
      case QQWORD -> 32;
      case OPERAND -> i.operandSize / 8;
      // of 16 bits, processors do not agree on how much MOVSXD reads
      case OPERAND_NOT_64 -> i.operandSize == 16 ? 0 : 4;
      case DWORD_OR_QWORD -> i.w ? 8 : 4;
      case VECTOR -> i.vectorLength / 8;
      case HALF_VECTOR -> i.vectorLength / 16;
      case QUARTER_VECTOR -> i.vectorLength / 32;
      case EIGHTH_VECTOR -> i.vectorLength / 64;
      case TBYTE -> 10;
      case FAR_POINTER, PSEUDO_DESCRIPTOR, BOUNDS, IMAGE, NONE -> 0;
    };
  }

  /** Whether an operand is one of AH, CH, DH, BH: they cannot be named beside a REX prefix. */
  static boolean highByte(Operand operand, Instruction i) {
    if (i.rex || i.vex || operand.registerSize() != Operand.Size.BYTE) {
      return false;
    }
    int register =
        switch (operand.place()) {
          case REG -> i.reg;
          case RM, RM_REGISTER -> i.hasMemory() ? -1 : i.rm;
          case OPCODE_REGISTER -> i.opcodeRegister;
          default -> -1;
        };
    return register >= 4 && register < 8;
  }
}

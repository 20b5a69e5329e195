package dev.ringzero.cpu.interpreter;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Operands;
import dev.ringzero.x86.Width;
import dev.ringzero.x86.instruction.Instruction;
import dev.ringzero.x86.instruction.Operand;

/**
 * What the instructions have in common that one {@link Specialized specialized} class executes.
 *
 * @param meaning its name in the instruction table
 * @param width of the operation, and of the destination
 * @param sourceWidth of the source, where that differs
 * @param destination where the first operand is
 * @param source where the second operand is
 * @param segmented whether the memory operand has a segment base to add
 * @param condition condition code, or -1
 */
record Shape(
    String meaning,
    int width,
    int sourceWidth,
    Place destination,
    Place source,
    boolean segmented,
    int condition) {

  /** Where an operand is. */
  enum Place {
    REGISTER,
    MEMORY,
    IMMEDIATE,
    NONE
  }

  /** The shape of an instruction in 64-bit mode, or null where only its generic form serves. */
  static Shape of(Instruction i) {
    Place destination = place(i, 0);
    Place source = place(i, 1);
    boolean memory = destination == Place.MEMORY || source == Place.MEMORY;
    if (i.lock || destination == null || source == null || memory && i.addressSize != 64) {
      return null;
    }
    return new Shape(
        i.form.meaning,
        width(i, 0),
        width(i, 1),
        destination,
        source,
        memory && i.segment >= Cpu.FS,
        i.form.condition);
  }

  private static int width(Instruction i, int place) {
    if (place >= i.form.operands.length) {
      return i.operandSize;
    }
    Operand operand = i.operand(place);
    return switch (i.mod == 3 ? operand.registerSize() : operand.size()) {
      case BYTE -> 8;
      case WORD -> 16;
      case DWORD -> 32;
      case QWORD -> 64;
      case OPERAND_NOT_64 -> Math.min(i.operandSize, 32);
      case DWORD_OR_QWORD -> i.w ? 64 : 32;
      default -> i.operandSize;
    };
  }

  /** Where an operand is; null where that is no place for a specialized class. */
  private static Place place(Instruction i, int place) {
    if (place >= i.form.operands.length) {
      return Place.NONE;
    }
    return switch (i.operand(place).place()) {
      case RM -> i.hasMemory() ? Place.MEMORY : register(i, place);
      case MEMORY -> Place.MEMORY;
      case REG, RM_REGISTER, OPCODE_REGISTER, FIXED_GPR -> register(i, place);
      case IMMEDIATE, ONE, RELATIVE -> Place.IMMEDIATE;
      default -> null;
    };
  }

  private static Place register(Instruction i, int place) {
    boolean high = width(i, place) == 8 && !i.rex && (number(i, place) & 12) == 4;
    return high ? null : Place.REGISTER;
  }

  private static int number(Instruction i, int place) {
    return Operands.register(i, place);
  }

  /** The shape of this instruction together with a conditional branch behind it. */
  Shape with(int branchCondition) {
    return new Shape(meaning, width, sourceWidth, destination, source, segmented, branchCondition);
  }

  /** Value of an immediate second operand, zero-extended from {@code width}. */
  static long immediate(Instruction i, int width) {
    boolean one = i.form.operands.length > 1 && i.operand(1).place() == Operand.Place.ONE;
    return one ? 1 : Width.truncate(width, i.immediate);
  }

  static boolean inRegister(Instruction i, int place) {
    return switch (i.operand(place).place()) {
      case RM -> !i.hasMemory();
      case REG, RM_REGISTER, OPCODE_REGISTER, FIXED_GPR -> true;
      default -> false;
    };
  }
}

package dev.ringzero.x86.instruction;

import dev.ringzero.x86.instruction.Operand.Place;
import dev.ringzero.x86.instruction.Operand.Size;

/**
 * Reads operand codes: an addressing letter and an operand type as in the manual's opcode maps, the
 * name of a fixed register, or two codes with a slash between, for register and memory.
 *
 * <p>The table adds to the manual's letters: K vector register in an immediate, T x87 register by
 * r/m, X and Y strings, Z register in the opcode, sIb sign-extended byte, VM memory by vector
 * index; and to its types: n the native size, i an image of state, hx, qx and ox a half, a quarter
 * and an eighth of the vector length.
 *
 * @spec Intel SDM Vol. 2D, "Key to Abbreviations"
 */
final class OperandCode {
  private OperandCode() {}

  static Operand parse(String code, boolean read, boolean written) {
    int slash = code.indexOf('/');
    if (slash < 0) {
      Place place = place(code);
      Size size = size(code, place);
      return new Operand(code, place, size, size, register(code), read, written);
    }
    String register = code.substring(0, slash);
    String memory = code.substring(slash + 1);
    Place place =
        switch (register.charAt(0)) {
          case 'R' -> Place.RM;
          case 'U' -> Place.VECTOR_RM;
          case 'N' -> Place.MMX_RM;
          default -> throw new IllegalArgumentException(code);
        };
    return new Operand(code, place, typeSize(memory, 1), typeSize(register, 1), -1, read, written);
  }

  private static Place place(String code) {
    Place fixed = fixedPlace(code);
    if (fixed != null) {
      return fixed;
    }
    return switch (code.charAt(0)) {
      case 'A' -> Place.FAR_POINTER;
      case 'B' -> Place.VVVV_GPR;
      case 'C' -> Place.CONTROL;
      case 'D' -> Place.DEBUG;
      case 'E' -> Place.RM;
      case 'G' -> Place.REG;
      case 'H' -> Place.VECTOR_VVVV;
      case 'I', 's' -> Place.IMMEDIATE;
      case 'J' -> Place.RELATIVE;
      case 'K' -> Place.VECTOR_IMMEDIATE;
      case 'M' -> Place.MEMORY;
      case 'N' -> Place.MMX_RM;
      case 'O' -> Place.MOFFS;
      case 'P' -> Place.MMX_REG;
      case 'Q' -> Place.MMX_RM;
      case 'R' -> Place.RM_REGISTER;
      case 'S' -> Place.SEGMENT;
      case 'T' -> Place.ST;
      case 'U' -> Place.VECTOR_RM;
      case 'V' -> code.charAt(1) == 'M' ? Place.VSIB : Place.VECTOR_REG;
      case 'W' -> Place.VECTOR_RM;
      case 'X' -> Place.STRING_SOURCE;
      case 'Y' -> Place.STRING_DESTINATION;
      case 'Z' -> Place.OPCODE_REGISTER;
      default -> throw new IllegalArgumentException(code);
    };
  }

  private static Place fixedPlace(String code) {
    return switch (code) {
      case "1" -> Place.ONE;
      case "AL", "CL", "AX", "DX", "eAX", "rAX" -> Place.FIXED_GPR;
      case "ES", "CS", "SS", "DS", "FS", "GS" -> Place.FIXED_SEGMENT;
      case "ST0" -> Place.FIXED_ST;
      case "XMM0" -> Place.FIXED_VECTOR;
      case "Ib2" -> Place.IMMEDIATE2;
      default -> null;
    };
  }

  private static int register(String code) {
    return switch (code) {
      case "AL", "AX", "eAX", "rAX", "ES", "ST0", "XMM0" -> 0;
      case "CL", "CS" -> 1;
      case "DX", "SS" -> 2;
      case "DS" -> 3;
      case "FS" -> 4;
      case "GS" -> 5;
      default -> -1;
    };
  }

  private static Size size(String code, Place place) {
    return switch (place) {
      case ONE, IMMEDIATE2 -> Size.BYTE;
      case FIXED_SEGMENT -> Size.WORD;
      case FIXED_ST, ST -> Size.TBYTE;
      case FIXED_VECTOR -> Size.DQWORD;
      case FIXED_GPR ->
          switch (code) {
            case "AL", "CL" -> Size.BYTE;
            case "AX", "DX" -> Size.WORD;
            case "eAX" -> Size.OPERAND_NOT_64;
            default -> Size.OPERAND;
          };
      case VSIB -> typeSize(code, 2);
      case IMMEDIATE -> code.equals("sIb") || code.equals("Iz") ? Size.OPERAND : typeSize(code, 1);
      case FAR_POINTER -> Size.FAR_POINTER;
      default -> typeSize(code, 1);
    };
  }

  private static Size typeSize(String code, int start) {
    return switch (code.substring(start)) {
      case "" -> Size.NONE;
      case "a" -> Size.BOUNDS;
      case "b" -> Size.BYTE;
      case "w" -> Size.WORD;
      case "d", "ss" -> Size.DWORD;
      case "q", "sd" -> Size.QWORD;
      case "dq" -> Size.DQWORD;
      case "qq" -> Size.QQWORD;
      case "v" -> Size.OPERAND;
      case "z" -> Size.OPERAND_NOT_64;
      case "y" -> Size.DWORD_OR_QWORD;
      case "n" -> Size.NATIVE;
      case "x", "ps", "pd" -> Size.VECTOR;
      case "hx" -> Size.HALF_VECTOR;
      case "qx" -> Size.QUARTER_VECTOR;
      case "ox" -> Size.EIGHTH_VECTOR;
      case "p" -> Size.FAR_POINTER;
      case "s" -> Size.PSEUDO_DESCRIPTOR;
      case "t" -> Size.TBYTE;
      case "i" -> Size.IMAGE;
      default -> throw new IllegalArgumentException(code);
    };
  }
}

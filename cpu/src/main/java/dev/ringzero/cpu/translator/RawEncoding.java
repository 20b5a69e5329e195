package dev.ringzero.cpu.translator;

import dev.ringzero.x86.instruction.Instruction;

/**
 * The bytes of an instruction, taken apart so that they can be put together again with other
 * registers. Reused for one instruction after the other.
 */
final class RawEncoding {
  boolean operandSizePrefix;
  boolean lock;

  /** F2, F3 or 0. */
  int repeatPrefix;

  /** W bit of REX or VEX. */
  boolean w;

  /** A REX prefix, or a VEX prefix. */
  boolean rex;

  /** The instruction has a VEX prefix; then map, pp and L follow the field names of the manual. */
  boolean vex;

  int vexPp;
  int vexL;

  /** Opcode map: 0 one byte, 1 0F, 2 0F38, 3 0F3A. */
  int map;

  int opcode;
  boolean hasModrm;

  /** Bytes after ModRM, SIB and displacement. */
  int immediateBytes;

  /** The immediate byte names one of eight vector registers, whatever its highest bit. */
  boolean immediateOfEight;

  /** Place of the first immediate byte in the given array. */
  int immediateAt;

  /**
   * Takes an instruction of 32- or 64-bit code apart; it must have been decoded from these bytes.
   */
  void parse(byte[] bytes, int at, Instruction instruction) {
    int end = at + instruction.length;
    operandSizePrefix = false;
    lock = false;
    repeatPrefix = 0;
    w = false;
    rex = false;
    vex = false;
    immediateOfEight = false;
    map = 0;
    int i = at;
    for (boolean prefix = true; prefix; ) {
      switch (bytes[i] & 0xFF) {
        case 0x66 -> operandSizePrefix = true;
        case 0xF0 -> lock = true;
        case 0xF2, 0xF3 -> repeatPrefix = bytes[i] & 0xFF;
        case 0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65, 0x67 -> {}
        default -> {
          int b = bytes[i] & 0xFF;
          if (b >> 4 == 4 && instruction.codeSize == 64) {
            rex = true;
            w = (b & 8) != 0;
            prefix = isPrefix(bytes[i + 1] & 0xFF);
            if (prefix) { // a REX prefix before another prefix counts for nothing
              rex = false;
              w = false;
            }
          } else {
            prefix = false;
            i--;
          }
        }
      }
      i++;
    }
    i = parseOpcode(bytes, i, instruction.vex);
    hasModrm = ModrmForms.has(instruction.form);
    if (hasModrm) {
      i = skipAddress(bytes, i);
    }
    immediateAt = i;
    immediateBytes = end - i;
  }

  private static boolean isPrefix(int b) {
    return switch (b) {
      case 0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65, 0x66, 0x67, 0xF0, 0xF2, 0xF3 -> true;
      default -> b >> 4 == 4;
    };
  }

  private int parseOpcode(byte[] bytes, int at, boolean isVex) {
    int i = at;
    int first = bytes[i++] & 0xFF;
    if (isVex) {
      vex = true;
      rex = true;
      int p = bytes[i++] & 0xFF;
      map = 1;
      if (first == 0xC4) {
        map = p & 31;
        p = bytes[i++] & 0xFF;
        w = (p & 0x80) != 0;
      }
      vexL = p >> 2 & 1;
      vexPp = p & 3;
      opcode = bytes[i++] & 0xFF;
      return i;
    }
    opcode = first;
    if (first == 0x0F) {
      map = 1;
      opcode = bytes[i++] & 0xFF;
      if (opcode == 0x38 || opcode == 0x3A) {
        map = opcode == 0x38 ? 2 : 3;
        opcode = bytes[i++] & 0xFF;
      }
    }
    return i;
  }

  private static int skipAddress(byte[] bytes, int at) {
    int i = at;
    int modrm = bytes[i++] & 0xFF;
    int mod = modrm >> 6;
    int rm = modrm & 7;
    if (mod == 3) {
      return i;
    }
    int base = rm;
    if (rm == 4) {
      base = bytes[i++] & 7;
    }
    if (mod == 1) {
      return i + 1;
    }
    return mod == 2 || base == 5 ? i + 4 : i;
  }
}

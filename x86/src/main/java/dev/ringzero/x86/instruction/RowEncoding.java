package dev.ringzero.x86.instruction;

import dev.ringzero.x86.instruction.Operand.Place;

/** Reads the encoding column of a row: its place in the opcode maps, and what it rejects. */
final class RowEncoding {
  String text;
  int map;
  int opcode;

  /** How many opcodes in a row are the same row: 8 with a register in the opcode. */
  int opcodes;

  boolean conditional;
  boolean vex;
  long reject;
  int fields;

  private boolean opcodeSeen;

  void parse(String encoding) {
    text = encoding;
    map = OpcodeMaps.ONE_BYTE;
    opcode = 0;
    opcodes = 1;
    conditional = false;
    vex = false;
    reject = 0;
    fields = 0;
    opcodeSeen = false;
    int start = 0;
    int length = encoding.length();
    while (start < length) {
      int end = encoding.indexOf(' ', start);
      if (end < 0) {
        end = length;
      }
      if (end > start) {
        token(encoding.substring(start, end));
      }
      start = end + 1;
    }
  }

  private void token(String token) {
    char first = token.charAt(0);
    if (first == '/') {
      modrm(token.charAt(1));
    } else if (!opcodeSeen) {
      beforeOpcode(token);
    } else if (token.length() >= 2 && hexDigit(first) >= 0 && hexDigit(token.charAt(1)) >= 0) {
      wholeModrm(token);
    }
  }

  private void modrm(char kind) {
    if (kind == 'i') {
      return;
    }
    fields |= Fields.MODRM;
    if (kind != 'r') {
      reject |= Selector.ANY_REG & ~(1L << (Selector.REG + kind - '0'));
    }
  }

  private void wholeModrm(String token) {
    int value = hexByte(token);
    fields |= Fields.MODRM;
    reject |= Selector.MEMORY | Selector.ANY_REG & ~(1L << (Selector.REG + (value >> 3 & 7)));
    if (!token.endsWith("+i")) {
      reject |= Selector.ANY_RM & ~(1L << (Selector.RM + (value & 7)));
    }
  }

  private void beforeOpcode(String token) {
    if (map != OpcodeMaps.ONE_BYTE) {
      opcodeByte(token);
      return;
    }
    switch (token) {
      case "NP" -> onlyPrefix(0);
      case "66" -> onlyPrefix(1);
      case "F3" -> onlyPrefix(2);
      case "F2" -> onlyPrefix(3);
      case "NFx" -> reject |= (1L << (Selector.PREFIX + 2)) | (1L << (Selector.PREFIX + 3));
      case "REX.W" -> reject |= Selector.W0 | Selector.W1_NOT_64;
      case "a16" -> reject |= Selector.ADDRESS_32 | Selector.ADDRESS_64;
      case "a32" -> reject |= Selector.ADDRESS_16 | Selector.ADDRESS_64;
      case "a64" -> reject |= Selector.ADDRESS_16 | Selector.ADDRESS_32;
      case "NB" -> reject |= Selector.EXTENDED;
      case "0F" -> map = OpcodeMaps.TWO_BYTE;
      default -> {
        if (token.startsWith("VEX.")) {
          vex(token);
        } else {
          opcodeByte(token);
        }
      }
    }
  }

  private void onlyPrefix(int number) {
    reject |= Selector.ANY_PREFIX & ~(1L << (Selector.PREFIX + number));
    if (number == 1) {
      fields |= Fields.TAKES_66;
    } else if (number != 0) {
      fields |= Fields.TAKES_REPEAT;
    }
  }

  private void opcodeByte(String token) {
    int value = hexByte(token);
    if (map == OpcodeMaps.TWO_BYTE && (value == 0x38 || value == 0x3A)) {
      map = value == 0x38 ? OpcodeMaps.MAP_0F38 : OpcodeMaps.MAP_0F3A;
      return;
    }
    opcode = value;
    opcodeSeen = true;
    if (token.endsWith("+r")) {
      opcodes = 8;
    } else if (token.endsWith("+cc")) {
      conditional = true;
    }
  }

  private void vex(String token) {
    vex = true;
    fields |= Fields.VEX;
    int prefix = 0;
    int start = 4;
    int length = token.length();
    while (start < length) {
      int end = token.indexOf('.', start);
      if (end < 0) {
        end = length;
      }
      String part = token.substring(start, end);
      switch (part) {
        case "128", "LZ" -> reject |= Selector.L1;
        case "256" -> reject |= Selector.L0;
        case "128/256" -> {}
        case "LIG" -> fields |= Fields.SCALAR;
        case "66" -> prefix = 1;
        case "F3" -> prefix = 2;
        case "F2" -> prefix = 3;
        case "NB" -> reject |= Selector.EXTENDED;
        case "0F" -> map = OpcodeMaps.VEX_0F;
        case "0F38" -> map = OpcodeMaps.VEX_0F38;
        case "0F3A" -> map = OpcodeMaps.VEX_0F3A;
        case "WIG" -> {}
        case "W0" -> reject |= Selector.W1 | Selector.W1_NOT_64;
        case "W0*" -> reject |= Selector.W1;
        case "W1" -> reject |= Selector.W0;
        default -> throw new IllegalArgumentException(token);
      }
      start = end + 1;
    }
    reject |= Selector.ANY_PREFIX & ~(1L << (Selector.PREFIX + prefix));
  }

  /** Adds what operands and attributes say of the encoding. */
  void apply(Operand[] operands, long attributes) {
    boolean usesVvvv = false;
    for (Operand operand : operands) {
      operand(operand);
      usesVvvv |= operand.place() == Place.VVVV_GPR || operand.place() == Place.VECTOR_VVVV;
    }
    if (vex && !usesVvvv) {
      reject |= Selector.VVVV_USED;
    }
    if ((attributes & Attribute.NOT_IN_64) != 0) {
      reject |= Selector.MODE_64;
    }
    if ((attributes & Attribute.ONLY_IN_64) != 0) {
      reject |= Selector.MODE_NOT_64;
    }
    if ((attributes & Attribute.MEMORY_ONLY) != 0) {
      reject |= Selector.REGISTER;
    }
    if ((attributes & Attribute.REGISTER_ONLY) != 0) {
      reject |= Selector.MEMORY;
    }
    if ((attributes & (Attribute.SSE | Attribute.AVX)) != 0) {
      fields |= Fields.VECTOR;
    }
  }

  private void operand(Operand operand) {
    switch (operand.place()) {
      case MEMORY -> reject |= Selector.REGISTER;
      case RM_REGISTER -> {
        if ((fields & Fields.IGNORES_MOD) == 0) {
          reject |= Selector.MEMORY;
        }
      }
      case VECTOR_RM, MMX_RM -> {
        if (operand.place() == Place.MMX_RM) {
          fields |= Fields.LOW_RM;
        }
        char letter = operand.code().charAt(0);
        if ((letter == 'U' || letter == 'N') && operand.code().indexOf('/') < 0) {
          reject |= Selector.MEMORY;
        }
      }
      case MMX_REG -> fields |= Fields.LOW_REG;
      case ST -> fields |= Fields.LOW_RM;
      case SEGMENT -> fields |= Fields.LOW_REG | Fields.SEGMENT_REG;
      case CONTROL -> moveControl(Fields.CONTROL_REG);
      case DEBUG -> moveControl(Fields.DEBUG_REG);
      case VSIB -> {
        fields |= Fields.VSIB | Fields.GATHER;
        reject |= Selector.REGISTER;
      }
      case VECTOR_IMMEDIATE -> immediate(Fields.REGISTER_NUMBER);
      case IMMEDIATE -> immediate(immediateKind(operand.code()));
      case IMMEDIATE2 -> fields |= Fields.SECOND_BYTE;
      case RELATIVE ->
          immediate(operand.code().equals("Jb") ? Fields.DISTANCE_BYTE : Fields.DISTANCE);
      case FAR_POINTER -> immediate(Fields.FAR_POINTER);
      case MOFFS -> immediate(Fields.OFFSET);
      default -> {}
    }
  }

  /** The r/m operand of a move to or from control and debug registers is a register always. */
  private void moveControl(int field) {
    fields |= field | Fields.IGNORES_MOD;
    reject &= ~Selector.MEMORY;
  }

  private static int immediateKind(String code) {
    return switch (code) {
      case "Ib" -> Fields.BYTE;
      case "sIb" -> Fields.SIGNED_BYTE;
      case "Iw" -> Fields.WORD;
      case "Iz" -> Fields.OPERAND_NOT_64;
      case "Iv" -> Fields.OPERAND;
      default -> throw new IllegalArgumentException(code);
    };
  }

  private void immediate(int kind) {
    fields |= kind << Fields.IMMEDIATE;
  }

  private static int hexByte(String token) {
    int high = hexDigit(token.charAt(0));
    int low = hexDigit(token.charAt(1));
    if (high < 0 || low < 0) {
      throw new IllegalArgumentException(token);
    }
    return high << 4 | low;
  }

  private static int hexDigit(char c) {
    if (c >= '0' && c <= '9') {
      return c - '0';
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  }
}

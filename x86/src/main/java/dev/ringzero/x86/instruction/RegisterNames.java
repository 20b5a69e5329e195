package dev.ringzero.x86.instruction;

/** Names of registers by number. */
final class RegisterNames {
  private static final String[] LOW = {"ax", "cx", "dx", "bx", "sp", "bp", "si", "di"};
  private static final String[] HIGH_BYTE = {"al", "cl", "dl", "bl", "ah", "ch", "dh", "bh"};
  private static final String[] LOW_BYTE = {"al", "cl", "dl", "bl", "spl", "bpl", "sil", "dil"};
  private static final String[] SEGMENT = {"es", "cs", "ss", "ds", "fs", "gs"};

  private RegisterNames() {}

  /** The bit of a 64-bit register, or of all but RSP by the name {@code ALL}. */
  static int mask(String name) {
    return switch (name) {
      case "RAX" -> 1;
      case "RCX" -> 1 << 1;
      case "RDX" -> 1 << 2;
      case "RBX" -> 1 << 3;
      case "RSP" -> 1 << 4;
      case "RBP" -> 1 << 5;
      case "RSI" -> 1 << 6;
      case "RDI" -> 1 << 7;
      case "R11" -> 1 << 11;
      case "ALL" -> 0xEF;
      default -> throw new IllegalArgumentException(name);
    };
  }

  static String general(int number, int width, boolean rex) {
    if (number >= 8) {
      String suffix = width == 64 ? "" : width == 32 ? "d" : width == 16 ? "w" : "b";
      return "r" + number + suffix;
    }
    return switch (width) {
      case 8 -> rex ? LOW_BYTE[number] : HIGH_BYTE[number];
      case 16 -> LOW[number];
      case 32 -> "e".concat(LOW[number]);
      default -> "r".concat(LOW[number]);
    };
  }

  static String segment(int number) {
    return SEGMENT[number];
  }

  static String vector(int number, int width) {
    return (width == 256 ? "ymm" : "xmm") + number;
  }
}

package dev.ringzero.vmm.gdb;

import java.util.HexFormat;

/** Numbers and bytes as the remote protocol spells them. */
final class Hex {
  private Hex() {}

  /** The low {@code bytes} bytes of a value, lowest first. */
  static String littleEndian(long value, int bytes) {
    StringBuilder hex = new StringBuilder(bytes * 2);
    for (int i = 0; i < bytes; i++) {
      int b = (int) (value >>> 8 * i) & 0xFF;
      hex.append(Character.forDigit(b >> 4, 16)).append(Character.forDigit(b & 15, 16));
    }
    return hex.toString();
  }

  /** A value of up to eight bytes, lowest first. */
  static long littleEndian(String hex) {
    byte[] bytes = bytes(hex);
    long value = 0;
    for (int i = Math.min(bytes.length, 8) - 1; i >= 0; i--) {
      value = value << 8 | bytes[i] & 0xFF;
    }
    return value;
  }

  /**
   * Parses a byte string.
   *
   * @throws IllegalArgumentException if it is not one
   */
  static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex);
  }

  static String of(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  /** An address as gdb writes it, highest digit first. */
  static long address(String hex) {
    return Long.parseUnsignedLong(hex, 16);
  }
}

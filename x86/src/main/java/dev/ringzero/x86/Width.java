package dev.ringzero.x86;

/** Values of 8, 16, 32 and 64 bits, kept in a long. Widths are in bits. */
public final class Width {
  private Width() {}

  /** The value with all bits from {@code width} on cleared. */
  public static long truncate(int width, long value) {
    return value & -1L >>> -width;
  }

  /** The value with bit {@code width - 1} copied into all higher bits. */
  public static long signExtend(int width, long value) {
    return value << -width >> -width;
  }

  /** The most significant bit of the value, as 0 or 1. */
  public static long sign(int width, long value) {
    return value >>> width - 1 & 1;
  }
}

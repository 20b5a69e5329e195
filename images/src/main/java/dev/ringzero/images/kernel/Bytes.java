package dev.ringzero.images.kernel;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Little-endian values in an array, as kernel images hold them; zero-extended. */
final class Bytes {
  private static final VarHandle SHORT = view(short[].class);
  private static final VarHandle INT = view(int[].class);
  private static final VarHandle LONG = view(long[].class);

  private Bytes() {}

  private static VarHandle view(Class<?> type) {
    return MethodHandles.byteArrayViewVarHandle(type, ByteOrder.LITTLE_ENDIAN);
  }

  static int read8(byte[] data, int offset) {
    return data[offset] & 0xFF;
  }

  static int read16(byte[] data, int offset) {
    return (short) SHORT.get(data, offset) & 0xFFFF;
  }

  static long read32(byte[] data, int offset) {
    return (int) INT.get(data, offset) & 0xFFFF_FFFFL;
  }

  static long read64(byte[] data, int offset) {
    return (long) LONG.get(data, offset);
  }

  static void add32(byte[] data, int offset, long addend) {
    INT.set(data, offset, (int) ((int) INT.get(data, offset) + addend));
  }

  static void add64(byte[] data, int offset, long addend) {
    LONG.set(data, offset, (long) LONG.get(data, offset) + addend);
  }
}

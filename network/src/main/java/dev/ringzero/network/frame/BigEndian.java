package dev.ringzero.network.frame;

/** Numbers in network byte order, as ints and longs without sign. */
public final class BigEndian {
  private BigEndian() {}

  public static int get8(byte[] bytes, int at) {
    return bytes[at] & 0xFF;
  }

  public static int get16(byte[] bytes, int at) {
    return (bytes[at] & 0xFF) << 8 | bytes[at + 1] & 0xFF;
  }

  public static int get32(byte[] bytes, int at) {
    return get16(bytes, at) << 16 | get16(bytes, at + 2);
  }

  public static long get48(byte[] bytes, int at) {
    return (long) get16(bytes, at) << 32 | get32(bytes, at + 2) & 0xFFFF_FFFFL;
  }

  public static void put16(byte[] bytes, int at, int value) {
    bytes[at] = (byte) (value >>> 8);
    bytes[at + 1] = (byte) value;
  }

  public static void put32(byte[] bytes, int at, int value) {
    put16(bytes, at, value >>> 16);
    put16(bytes, at + 2, value);
  }

  public static void put48(byte[] bytes, int at, long value) {
    put16(bytes, at, (int) (value >>> 32));
    put32(bytes, at + 2, (int) value);
  }
}

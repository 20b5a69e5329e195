package dev.ringzero.testkit;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Small multiboot kernels of either version: a header, and code right behind it. */
public final class FakeMultiboot {
  public static final int MAGIC_1 = 0x1BAD_B002;
  public static final int LOAD_GPA = 0x20_0000;

  private static final int MAGIC_2 = 0xE852_50D6;
  private static final int HEADER_1_BYTES = 32;
  private static final int HEADER_2_BYTES = 64;
  private static final int ADDRESSES = 1 << 16;

  private FakeMultiboot() {}

  /** Of version 1, with its addresses in the header. */
  public static byte[] version1(byte[] code) {
    return version1(ADDRESSES, code);
  }

  /** Of version 1, with these flags. */
  public static byte[] version1(int flags, byte[] code) {
    return bytes(HEADER_1_BYTES + code.length)
        .putInt(MAGIC_1)
        .putInt(flags)
        .putInt(-(MAGIC_1 + flags))
        .putInt(LOAD_GPA)
        .putInt(LOAD_GPA)
        .putInt(0)
        .putInt(LOAD_GPA + 0x1_0000)
        .putInt(LOAD_GPA + HEADER_1_BYTES)
        .put(code)
        .array();
  }

  /** Of version 2, with its addresses in tags. */
  public static byte[] version2(byte[] code) {
    ByteBuffer file =
        bytes(HEADER_2_BYTES + code.length)
            .putInt(MAGIC_2)
            .putInt(0)
            .putInt(HEADER_2_BYTES)
            .putInt(-(MAGIC_2 + HEADER_2_BYTES));
    tag(file, 2, 24).putInt(LOAD_GPA).putInt(LOAD_GPA).putInt(0).putInt(LOAD_GPA + 0x1_0000);
    tag(file, 3, 12).putInt(LOAD_GPA + HEADER_2_BYTES).putInt(0);
    return tag(file, 0, 8).put(code).array();
  }

  private static ByteBuffer tag(ByteBuffer file, int type, int bytes) {
    return file.putShort((short) type).putShort((short) 0).putInt(bytes);
  }

  private static ByteBuffer bytes(int length) {
    return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
  }
}

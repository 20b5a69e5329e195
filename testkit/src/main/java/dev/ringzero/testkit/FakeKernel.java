package dev.ringzero.testkit;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Makes small files of the form of kernels, for tests. */
public final class FakeKernel {
  public static final int LINKED_GPA = 0x100_0000;
  public static final int TEXT_BYTES = 0x1000;
  public static final long TEXT_GVA = 0xFFFF_FFFF_8100_0000L;
  private static final int TEXT_OFFSET = 0x200;
  private static final int SETUP_BYTES = 5 * 512;
  private static final int PAYLOAD_OFFSET = 64;

  private FakeKernel() {}

  /** An ELF kernel of one segment, linked for 16 MiB, with a PVH entry where asked for. */
  public static byte[] elf(boolean pvh) {
    ByteBuffer elf = ByteBuffer.allocate(TEXT_OFFSET + TEXT_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    elf.put(new byte[] {0x7F, 'E', 'L', 'F', 2, 1, 1});
    elf.putShort(18, (short) 62).putLong(24, LINKED_GPA).putLong(32, 64);
    elf.putLong(40, elf.capacity()).putShort(54, (short) 56).putShort(56, (short) (pvh ? 2 : 1));
    programHeader(elf, 64, 1, TEXT_OFFSET, LINKED_GPA, TEXT_BYTES, 2 * TEXT_BYTES);
    if (pvh) {
      programHeader(elf, 120, 4, 0x180, 0, 20, 20);
      elf.putInt(0x180, 4).putInt(0x184, 4).putInt(0x188, 18);
      elf.put(0x18C, new byte[] {'X', 'e', 'n', 0}).putInt(0x190, LINKED_GPA + 0x40);
    }
    return elf.array();
  }

  private static void programHeader(
      ByteBuffer elf, int at, int type, long offset, long gpa, long fileBytes, long memoryBytes) {
    elf.putInt(at, type).putLong(at + 8, offset).putLong(at + 24, gpa);
    elf.putLong(at + 32, fileBytes).putLong(at + 40, memoryBytes);
  }

  /** A 32-bit ELF kernel of one segment, linked for 16 MiB. */
  public static byte[] elf32() {
    ByteBuffer elf = ByteBuffer.allocate(TEXT_OFFSET + TEXT_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    elf.put(new byte[] {0x7F, 'E', 'L', 'F', 1, 1, 1});
    elf.putShort(18, (short) 3).putInt(24, LINKED_GPA).putInt(28, 52);
    elf.putShort(42, (short) 32).putShort(44, (short) 1);
    elf.putInt(52, 1).putInt(56, TEXT_OFFSET).putInt(60, 0xC000_0000 + LINKED_GPA);
    elf.putInt(64, LINKED_GPA).putInt(68, TEXT_BYTES).putInt(72, 2 * TEXT_BYTES);
    return elf.array();
  }

  /** An ELF kernel and behind it relocations at these distances from its start. */
  public static byte[] relocatable(int wide, int inverse, int narrow) {
    byte[] elf = elf(false);
    ByteBuffer all =
        ByteBuffer.allocate(elf.length + 6 * 4).order(ByteOrder.LITTLE_ENDIAN).put(elf);
    all.putLong(TEXT_OFFSET + wide, TEXT_GVA + wide);
    all.putInt(TEXT_OFFSET + inverse, -0x1234);
    all.putInt(TEXT_OFFSET + narrow, (int) TEXT_GVA + narrow);
    all.putInt(0).putInt((int) TEXT_GVA + wide);
    all.putInt(0).putInt((int) TEXT_GVA + inverse);
    all.putInt(0).putInt((int) TEXT_GVA + narrow);
    return all.array();
  }

  /** A bzImage around a compressed kernel. */
  public static byte[] bzImage(byte[] packed, int unpackedBytes) {
    int payloadBytes = packed.length + 4;
    ByteBuffer image =
        ByteBuffer.allocate(SETUP_BYTES + PAYLOAD_OFFSET + payloadBytes)
            .order(ByteOrder.LITTLE_ENDIAN);
    image.put(0x1F1, (byte) 4).putShort(0x1FE, (short) 0xAA55).put(0x201, (byte) 0x6A);
    image.putInt(0x202, 0x5372_6448).putShort(0x206, (short) 0x20F).put(0x211, (byte) 1);
    image.putInt(0x230, 0x20_0000).put(0x234, (byte) 1).putShort(0x236, (short) 1);
    image.putInt(0x238, 2047).putInt(0x248, PAYLOAD_OFFSET).putInt(0x24C, payloadBytes);
    image.putLong(0x258, LINKED_GPA).putInt(0x260, 0x10_0000);
    image.put(SETUP_BYTES + PAYLOAD_OFFSET, packed);
    image.putInt(SETUP_BYTES + PAYLOAD_OFFSET + packed.length, unpackedBytes);
    return image.array();
  }

  /** The same without its 64-bit entry. */
  public static byte[] bzImage32(byte[] packed, int unpackedBytes) {
    byte[] image = bzImage(packed, unpackedBytes);
    Arrays.fill(image, 0x236, 0x238, (byte) 0);
    return image;
  }
}

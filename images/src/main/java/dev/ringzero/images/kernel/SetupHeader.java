package dev.ringzero.images.kernel;

import java.util.Arrays;

/**
 * The part of a bzImage in which kernel and boot loader tell each other what they need. It is
 * copied into the zero page at the same offset.
 *
 * @spec Linux Documentation/arch/x86/boot.rst, The Real-Mode Kernel Header
 */
public final class SetupHeader {
  /** Where the header stands, in the file and in the zero page. */
  public static final int OFFSET = 0x1F1;

  /** Number of bytes at the start of a bzImage that hold the header. */
  public static final int PREFIX_BYTES = 0x290;

  /** The first version that has {@code init_size}, with which a kernel says how much it needs. */
  static final int OLDEST_VERSION = 0x20A;

  private static final int SETUP_SECTS = 0x1F1;
  private static final int BOOT_FLAG = 0x1FE;
  private static final int JUMP_DISTANCE = 0x201;
  private static final int HEADER = 0x202;
  private static final int VERSION = 0x206;
  private static final int LOADFLAGS = 0x211;
  private static final int KERNEL_ALIGNMENT = 0x230;
  private static final int XLOADFLAGS = 0x236;
  private static final int CMDLINE_SIZE = 0x238;
  private static final int PAYLOAD_OFFSET = 0x248;
  private static final int PAYLOAD_LENGTH = 0x24C;
  private static final int PREF_ADDRESS = 0x258;
  private static final int INIT_SIZE = 0x260;

  private static final int BOOT_FLAG_VALUE = 0xAA55;
  private static final long HEADER_VALUE = 0x5372_6448; // "HdrS"
  private static final int LOADED_HIGH = 1;
  private static final int XLF_KERNEL_64 = 1;
  private static final int SECTOR_BYTES = 512;
  private static final int DEFAULT_SETUP_SECTS = 4;

  private final byte[] prefix;

  SetupHeader(byte[] prefix) {
    this.prefix = prefix;
  }

  /** Whether a file that begins so is a bzImage. */
  static boolean begins(byte[] prefix) {
    return prefix.length == PREFIX_BYTES
        && Bytes.read16(prefix, BOOT_FLAG) == BOOT_FLAG_VALUE
        && Bytes.read32(prefix, HEADER) == HEADER_VALUE
        && (Bytes.read8(prefix, LOADFLAGS) & LOADED_HIGH) != 0;
  }

  /** The bytes that go into the zero page at {@link #OFFSET}. */
  public byte[] bytes() {
    int end = HEADER + Bytes.read8(prefix, JUMP_DISTANCE);
    return Arrays.copyOfRange(prefix, OFFSET, Math.min(end, PREFIX_BYTES));
  }

  public int version() {
    return Bytes.read16(prefix, VERSION);
  }

  /** Bytes of real-mode code in front of the kernel proper. */
  int setupBytes() {
    int sectors = Bytes.read8(prefix, SETUP_SECTS);
    return ((sectors == 0 ? DEFAULT_SETUP_SECTS : sectors) + 1) * SECTOR_BYTES;
  }

  /** Whether the kernel has the 64-bit entry at offset 0x200; it is a 32-bit one if not. */
  public boolean has64BitEntry() {
    return (Bytes.read16(prefix, XLOADFLAGS) & XLF_KERNEL_64) != 0;
  }

  public long alignmentBytes() {
    return Bytes.read32(prefix, KERNEL_ALIGNMENT);
  }

  /** The longest command line, without its closing zero. */
  public long commandLineBytes() {
    return Bytes.read32(prefix, CMDLINE_SIZE);
  }

  /** Where the kernel would like to be, and runs if it is not relocatable. */
  public long preferredGpa() {
    return Bytes.read64(prefix, PREF_ADDRESS);
  }

  /** Contiguous memory that the kernel needs from its start before it knows the memory map. */
  public long initBytes() {
    return Bytes.read32(prefix, INIT_SIZE);
  }

  long payloadOffset() {
    return Bytes.read32(prefix, PAYLOAD_OFFSET);
  }

  long payloadBytes() {
    return Bytes.read32(prefix, PAYLOAD_LENGTH);
  }
}

package dev.ringzero.vmm.boot;

/**
 * Where the first file system goes: as high as a kernel takes it. Its length is 0 if there is none.
 */
record InitrdPlace(long gpa, long lengthBytes) {
  private static final long HIGHEST_END = 0x8000_0000L;
  private static final long PAGE_BYTES = 4096;

  static InitrdPlace below(long lowRamEnd, long lengthBytes) {
    long end = Math.min(lowRamEnd, HIGHEST_END);
    long start = end - lengthBytes & -PAGE_BYTES;
    if (start < BootLayout.BIOS_END) {
      throw new BootException(
          "the initrd of "
              + Sizes.mebibytes(lengthBytes)
              + " does not fit into memory; give more with --memory");
    }
    return new InitrdPlace(start, lengthBytes);
  }
}

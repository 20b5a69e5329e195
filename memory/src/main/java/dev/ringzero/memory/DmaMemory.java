package dev.ringzero.memory;

/**
 * Memory as a device reaches it: guest-physical space itself, or what an IOMMU makes of it.
 * Addresses are those that the device puts on its bus. Outside RAM reads give all ones and writes
 * are dropped, as on a bus where nobody answers. Thread-safe.
 */
public abstract sealed class DmaMemory permits GuestMemory, TranslatedMemory {
  DmaMemory() {}

  /** Whether there may be RAM at an address. */
  public abstract boolean isRam(long address);

  /** Whether there may be RAM in all of a range; false for a negative or wrapping one. */
  public abstract boolean isRam(long address, long lengthBytes);

  /**
   * Pins a range and shows it as runs of machine memory.
   *
   * @return the runs, or null unless all of the range is RAM that may be accessed so
   * @throws OutOfFramesException if no frame is left for a part of it
   */
  public abstract Slices slices(long address, long lengthBytes, boolean write);

  /**
   * Takes the frames of all pages back that lie in a range as a whole: what was there is lost, and
   * the next access finds zeros. Nothing happens behind an IOMMU, and to what is not RAM.
   *
   * @return how many bytes that was
   */
  public abstract long reclaim(long address, long lengthBytes);

  abstract void release(Slices slices);

  abstract long readWithinPage(long address, int sizeBytes);

  abstract void writeWithinPage(long address, int sizeBytes, long value);

  public final long read8(long address) {
    return readValue(address, 1);
  }

  public final long read16(long address) {
    return readValue(address, 2);
  }

  public final long read32(long address) {
    return readValue(address, 4);
  }

  public final long read64(long address) {
    return readValue(address, 8);
  }

  public final void write8(long address, long value) {
    writeValue(address, 1, value);
  }

  public final void write16(long address, long value) {
    writeValue(address, 2, value);
  }

  public final void write32(long address, long value) {
    writeValue(address, 4, value);
  }

  public final void write64(long address, long value) {
    writeValue(address, 8, value);
  }

  private long readValue(long address, int sizeBytes) {
    if (!isRam(address, sizeBytes)) {
      return -1L >>> 64 - 8 * sizeBytes;
    }
    if (!crosses(address, sizeBytes)) {
      return readWithinPage(address, sizeBytes);
    }
    long value = 0;
    for (int i = 0; i < sizeBytes; i++) {
      value |= readWithinPage(address + i, 1) << 8 * i;
    }
    return value;
  }

  private void writeValue(long address, int sizeBytes, long value) {
    if (!isRam(address, sizeBytes)) {
      return;
    }
    if (!crosses(address, sizeBytes)) {
      writeWithinPage(address, sizeBytes, value);
      return;
    }
    for (int i = 0; i < sizeBytes; i++) {
      writeWithinPage(address + i, 1, value >>> 8 * i);
    }
  }

  private static boolean crosses(long address, int sizeBytes) {
    return (address & FramePool.FRAME_BYTES - 1) > FramePool.FRAME_BYTES - sizeBytes;
  }

  /**
   * Copies out of guest memory.
   *
   * @return false, with nothing copied, unless all of the range is RAM
   */
  public final boolean read(long address, byte[] destination, int offset, int lengthBytes) {
    try (Slices slices = slices(address, lengthBytes, false)) {
      if (slices == null) {
        return false;
      }
      int at = offset;
      for (int i = 0; i < slices.count(); i++) {
        MachineMemory.read(slices.hpa(i), destination, at, (int) slices.lengthBytes(i));
        at += (int) slices.lengthBytes(i);
      }
      return true;
    }
  }

  /**
   * Copies into guest memory.
   *
   * @return false, with nothing copied, unless all of the range is RAM
   */
  public final boolean write(long address, byte[] source, int offset, int lengthBytes) {
    try (Slices slices = slices(address, lengthBytes, true)) {
      if (slices == null) {
        return false;
      }
      int at = offset;
      for (int i = 0; i < slices.count(); i++) {
        MachineMemory.write(slices.hpa(i), source, at, (int) slices.lengthBytes(i));
        at += (int) slices.lengthBytes(i);
      }
      return true;
    }
  }

  /** Copies a whole array into guest memory; see {@link #write(long, byte[], int, int)}. */
  public final boolean write(long address, byte[] source) {
    return write(address, source, 0, source.length);
  }

  /**
   * Fills a range with one byte.
   *
   * @return false, with nothing written, unless all of the range is RAM
   */
  public final boolean fill(long address, long lengthBytes, int value) {
    try (Slices slices = slices(address, lengthBytes, true)) {
      if (slices == null) {
        return false;
      }
      for (int i = 0; i < slices.count(); i++) {
        MachineMemory.fill(slices.hpa(i), slices.lengthBytes(i), value);
      }
      return true;
    }
  }
}

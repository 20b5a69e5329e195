package dev.ringzero.devices.igb;

import dev.ringzero.memory.MmioDevice;

/** A memory BAR of 32-bit registers. */
final class RegisterWindow implements MmioDevice {
  private final WordReader reader;
  private final WordWriter writer;

  @FunctionalInterface
  interface WordReader {
    int read(int offset);
  }

  @FunctionalInterface
  interface WordWriter {
    void write(int offset, int value);
  }

  RegisterWindow(WordReader reader, WordWriter writer) {
    this.reader = reader;
    this.writer = writer;
  }

  @Override
  public long read(long offset, int sizeBytes) {
    int at = (int) offset & ~3;
    int inside = (int) offset & 3;
    if (sizeBytes == 8) {
      return inside != 0 ? 0 : word(at) | word(at + 4) << 32;
    }
    if (inside + sizeBytes > 4) {
      return 0;
    }
    return word(at) >>> 8 * inside & (1L << 8 * sizeBytes) - 1;
  }

  private long word(int offset) {
    return reader.read(offset) & 0xFFFF_FFFFL;
  }

  /** Only whole registers are written. */
  @Override
  public void write(long offset, int sizeBytes, long value) {
    if ((offset & 3) != 0 || sizeBytes < 4) {
      return;
    }
    writer.write((int) offset, (int) value);
    if (sizeBytes == 8) {
      writer.write((int) offset + 4, (int) (value >>> 32));
    }
  }
}

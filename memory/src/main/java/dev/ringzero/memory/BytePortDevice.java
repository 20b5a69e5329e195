package dev.ringzero.memory;

/** A device with an 8-bit data bus: a wider access becomes one cycle a byte, lowest port first. */
public interface BytePortDevice extends PortDevice {
  /** Reads one byte, 0 to 255. */
  int readByte(int offset);

  /** Writes one byte, 0 to 255. */
  void writeByte(int offset, int value);

  @Override
  default long readPort(int offset, int sizeBytes) {
    long value = 0;
    for (int i = 0; i < sizeBytes; i++) {
      value |= (readByte(offset + i) & 0xFFL) << (8 * i);
    }
    return value;
  }

  @Override
  default void writePort(int offset, int sizeBytes, long value) {
    for (int i = 0; i < sizeBytes; i++) {
      writeByte(offset + i, (int) (value >>> (8 * i)) & 0xFF);
    }
  }
}

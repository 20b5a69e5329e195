package dev.ringzero.vmm.boot;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A little-endian structure that is being filled in, by offset. */
final class Structure {
  private final ByteBuffer bytes;

  Structure(int lengthBytes) {
    bytes = ByteBuffer.allocate(lengthBytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  Structure put8(int offset, long value) {
    bytes.put(offset, (byte) value);
    return this;
  }

  Structure put16(int offset, long value) {
    bytes.putShort(offset, (short) value);
    return this;
  }

  Structure put32(int offset, long value) {
    bytes.putInt(offset, (int) value);
    return this;
  }

  Structure put64(int offset, long value) {
    bytes.putLong(offset, value);
    return this;
  }

  Structure put(int offset, byte[] value) {
    bytes.put(offset, value);
    return this;
  }

  int get8(int offset) {
    return bytes.get(offset) & 0xFF;
  }

  byte[] array() {
    return bytes.array();
  }
}

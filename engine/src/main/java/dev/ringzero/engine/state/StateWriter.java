package dev.ringzero.engine.state;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Writes the state of units as little-endian values, without names: the version tells the layout.
 */
public final class StateWriter {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  public void writeBoolean(boolean value) {
    out.write(value ? 1 : 0);
  }

  public void writeByte(int value) {
    out.write(value);
  }

  public void writeInt(int value) {
    for (int shift = 0; shift < 32; shift += 8) {
      out.write(value >>> shift);
    }
  }

  public void writeLong(long value) {
    writeInt((int) value);
    writeInt((int) (value >>> 32));
  }

  /** Writes the length as an int, then the bytes. */
  public void writeBytes(byte[] value) {
    writeInt(value.length);
    out.writeBytes(value);
  }

  /** Writes the length as an int, then the elements. */
  public void writeLongs(long[] value) {
    writeInt(value.length);
    for (long element : value) {
      writeLong(element);
    }
  }

  /** Writes the length as an int, then the elements. */
  public void writeInts(int[] value) {
    writeInt(value.length);
    for (int element : value) {
      writeInt(element);
    }
  }

  public void writeString(String value) {
    writeBytes(value.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes a unit: its name, version, and its state with its length before it. */
  public void writeUnit(Stateful unit) {
    writeString(unit.stateName());
    writeInt(unit.stateVersion());
    StateWriter body = new StateWriter();
    unit.save(body);
    writeBytes(body.toByteArray());
  }

  public byte[] toByteArray() {
    return out.toByteArray();
  }
}

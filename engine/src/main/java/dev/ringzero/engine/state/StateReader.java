package dev.ringzero.engine.state;

import java.nio.charset.StandardCharsets;

/** Reads what {@link StateWriter} wrote; each length is checked against what is left. */
public final class StateReader {
  private final byte[] in;
  private int position;

  public StateReader(byte[] in) {
    this.in = in;
  }

  public boolean readBoolean() {
    return switch (readByte()) {
      case 0 -> false;
      case 1 -> true;
      default -> throw new StateException("a truth value that is neither 0 nor 1");
    };
  }

  public int readByte() {
    require(1);
    return in[position++] & 0xFF;
  }

  public int readInt() {
    require(4);
    int value = 0;
    for (int shift = 0; shift < 32; shift += 8) {
      value |= (in[position++] & 0xFF) << shift;
    }
    return value;
  }

  public long readLong() {
    return (readInt() & 0xFFFF_FFFFL) | (long) readInt() << 32;
  }

  public byte[] readBytes() {
    int length = readInt();
    require(length);
    byte[] value = new byte[length];
    System.arraycopy(in, position, value, 0, length);
    position += length;
    return value;
  }

  /** Reads an array that must have exactly the length of {@code destination}. */
  public void readLongs(long[] destination) {
    expectLength(destination.length);
    for (int i = 0; i < destination.length; i++) {
      destination[i] = readLong();
    }
  }

  /** Reads an array that must have exactly the length of {@code destination}. */
  public void readInts(int[] destination) {
    expectLength(destination.length);
    for (int i = 0; i < destination.length; i++) {
      destination[i] = readInt();
    }
  }

  public String readString() {
    return new String(readBytes(), StandardCharsets.UTF_8);
  }

  /** Restores a unit that {@link StateWriter#writeUnit} wrote; the name must match. */
  public void readUnit(Stateful unit) {
    String name = readString();
    if (!name.equals(unit.stateName())) {
      throw new StateException("state of " + name + " where " + unit.stateName() + " belongs");
    }
    int version = readInt();
    StateReader body = new StateReader(readBytes());
    unit.restore(body, version);
    if (body.position != body.in.length) {
      throw new StateException("state of " + name + " is longer than its version tells");
    }
  }

  private void expectLength(int expected) {
    int length = readInt();
    if (length != expected) {
      throw new StateException("an array of " + length + " where " + expected + " belong");
    }
  }

  private void require(int bytes) {
    if (bytes < 0 || bytes > in.length - position) {
      throw new StateException("the state ends too early");
    }
  }
}

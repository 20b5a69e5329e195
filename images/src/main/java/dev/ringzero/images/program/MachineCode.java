package dev.ringzero.images.program;

import java.util.Arrays;

/** Bytes of instructions; jumps have distances of four bytes. */
final class MachineCode {
  private static final int REX_W = 0x48;
  private static final int REX_R = 0x04;
  private static final int REX_B = 0x01;
  private static final int HIGH_REGISTER = 8;
  private static final int DISTANCE_BYTES = 4;

  private byte[] bytes = new byte[1 << 10];
  private int size;

  int size() {
    return size;
  }

  MachineCode bytes(int... values) {
    for (int value : values) {
      append(value);
    }
    return this;
  }

  /** Four bytes, the lowest first. */
  MachineCode word(int value) {
    return bytes(value, value >> 8, value >> 16, value >> 24);
  }

  private void append(int value) {
    if (size == bytes.length) {
      bytes = Arrays.copyOf(bytes, 2 * size);
    }
    bytes[size++] = (byte) value;
  }

  /** MOV register, number; the number has 32 bits with its sign. */
  void move(int register, long value) {
    if (value != (int) value) {
      throw new IllegalArgumentException("more than 32 bits: " + value);
    }
    int rex = REX_W | (register >= HIGH_REGISTER ? REX_B : 0);
    bytes(rex, 0xC7, 0xC0 | register % HIGH_REGISTER).word((int) value);
  }

  /** MOV register, [address]. */
  void load(int register, int address) {
    int rex = REX_W | (register >= HIGH_REGISTER ? REX_R : 0);
    bytes(rex, 0x8B, 0x04 | register % HIGH_REGISTER << 3, 0x25).word(address);
  }

  /** A jump whose end is not known yet; gives where to {@link #land}. */
  int jump() {
    bytes(0xE9).word(0);
    return size;
  }

  /** A jump by a condition, the second byte of its opcode. */
  int jumpIf(int opcode) {
    bytes(0x0F, opcode).word(0);
    return size;
  }

  /** Lets a jump end here. */
  void land(int jump) {
    int distance = size - jump;
    for (int i = 0; i < DISTANCE_BYTES; i++) {
      bytes[jump - DISTANCE_BYTES + i] = (byte) (distance >> 8 * i);
    }
  }

  void jumpTo(int target) {
    bytes(0xE9).word(target - size - DISTANCE_BYTES);
  }

  void call(int target) {
    bytes(0xE8).word(target - size - DISTANCE_BYTES);
  }

  byte[] toBytes() {
    return Arrays.copyOf(bytes, size);
  }
}

package dev.ringzero.devices.igb;

import dev.ringzero.memory.DmaMemory;

/** The registers of one queue of descriptors, of 16 bytes each. */
final class QueueRegisters {
  static final int DESCRIPTOR_BYTES = 16;
  private static final int ENABLE = 1 << 25; // RXDCTL, TXDCTL
  private static final int BASE_LOW = 0xFFFF_FF80; // BAL
  private static final int LENGTH = 0x000F_FFF0; // LEN
  private static final int INDEX = 0xFFFF; // HEAD, TAIL

  private final RegisterFile registers;
  private final int start;

  /**
   * Makes the view.
   *
   * @param start offset of the queue's first register
   */
  QueueRegisters(RegisterFile registers, int start) {
    this.registers = registers;
    this.start = start;
  }

  int get(int register) {
    return registers.get(start + register);
  }

  void set(int register, int value) {
    registers.set(start + register, value);
  }

  void add(int register, int by) {
    registers.add(start + register, by);
  }

  boolean isEnabled() {
    return (get(Register.DCTL) & ENABLE) != 0;
  }

  static boolean enables(int control) {
    return (control & ENABLE) != 0;
  }

  void disable() {
    registers.clearBits(start + Register.DCTL, ENABLE);
  }

  /** What a write leaves in a register. */
  static int writable(int register, int value) {
    return switch (register) {
      case Register.BAL -> value & BASE_LOW;
      case Register.LEN -> value & LENGTH;
      case Register.HEAD, Register.TAIL -> value & INDEX;
      default -> value;
    };
  }

  /** How many descriptors the queue has. */
  int size() {
    return get(Register.LEN) / DESCRIPTOR_BYTES;
  }

  int head() {
    return get(Register.HEAD);
  }

  /** How many descriptors from the head on are the controller's; 0 if an index is out of range. */
  int available() {
    int size = size();
    int head = head();
    int tail = get(Register.TAIL);
    if (head >= size || tail >= size) {
      return 0;
    }
    return tail >= head ? tail - head : size - head + tail;
  }

  /** The address of a descriptor, counted from the head. */
  long addressFromHead(int offset) {
    long base = (get(Register.BAL) & 0xFFFF_FFFFL) | (long) get(Register.BAH) << 32;
    return base + (long) (head() + offset) % size() * DESCRIPTOR_BYTES;
  }

  /** Moves the head. */
  void advance(int by) {
    set(Register.HEAD, (head() + by) % size());
  }

  /** Where the head is to be written, if that is wanted instead of descriptors' status; or 0. */
  long headAddress() {
    int low = get(Register.WBAL);
    return (low & 1) == 0 ? 0 : low & 0xFFFF_FFFCL | (long) get(Register.WBAH) << 32;
  }

  /** Reads half of a descriptor. */
  static long half(DmaMemory memory, long address, int half) {
    return memory.read64(address + 8L * half);
  }
}

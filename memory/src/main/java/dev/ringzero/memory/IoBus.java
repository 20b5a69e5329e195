package dev.ringzero.memory;

/**
 * The two spaces in which devices live: ports and memory-mapped registers. Engines call it from
 * inside {@code run()}, on the vCPU's thread; one access of the guest is one call, whatever its
 * width. Nothing here throws for what a guest does: reads of nothing are all ones, writes to
 * nothing are dropped.
 */
public interface IoBus {
  /**
   * Reads a port.
   *
   * @param port 0 to 0xFFFF
   * @param sizeBytes 1, 2 or 4
   * @return the value, zero-extended
   */
  long readPort(int port, int sizeBytes);

  /** Writes a port; {@code value} is zero-extended. */
  void writePort(int port, int sizeBytes, long value);

  /** Whether a device claims this guest-physical address. */
  boolean claims(long gpa);

  /**
   * Reads device memory.
   *
   * @param sizeBytes 1, 2, 4 or 8
   * @return the value, zero-extended; all ones where no device answers
   */
  long read(long gpa, int sizeBytes);

  /** Writes device memory; {@code value} is zero-extended. */
  void write(long gpa, int sizeBytes, long value);
}

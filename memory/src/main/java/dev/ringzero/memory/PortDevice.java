package dev.ringzero.memory;

/**
 * Registers behind I/O ports. Called by several vCPU threads at once; must neither throw nor block,
 * whatever the guest does.
 */
public interface PortDevice {
  /**
   * Reads registers.
   *
   * @param offset from the first port of the claim
   * @param sizeBytes 1, 2 or 4; the access lies within the claim
   * @return the value, zero-extended
   */
  long readPort(int offset, int sizeBytes);

  /** Writes registers; {@code value} is zero-extended. */
  void writePort(int offset, int sizeBytes, long value);
}

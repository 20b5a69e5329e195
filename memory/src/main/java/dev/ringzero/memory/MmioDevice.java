package dev.ringzero.memory;

/**
 * Memory-mapped registers. Called by several vCPU threads at once; must neither throw nor block,
 * whatever the guest does.
 */
public interface MmioDevice {
  /**
   * Reads registers.
   *
   * @param offset from the start of the claim
   * @param sizeBytes 1, 2, 4 or 8; the access lies within the claim
   * @return the value, zero-extended
   */
  long read(long offset, int sizeBytes);

  /** Writes registers; {@code value} is zero-extended. */
  void write(long offset, int sizeBytes, long value);
}

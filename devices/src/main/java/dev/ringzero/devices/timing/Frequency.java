package dev.ringzero.devices.timing;

/**
 * The rate of a counter that runs with the machine's clock. Both ways are exact for times up to
 * decades.
 *
 * @param hertz ticks per second, below 2^33
 */
public record Frequency(long hertz) {
  private static final long SECOND = 1_000_000_000;

  /** Whole ticks in this many nanoseconds. */
  public long ticks(long nanos) {
    return nanos / SECOND * hertz + nanos % SECOND * hertz / SECOND;
  }

  /** The first nanosecond at which this many ticks are complete. */
  public long nanos(long ticks) {
    return ticks / hertz * SECOND + (ticks % hertz * SECOND + hertz - 1) / hertz;
  }
}

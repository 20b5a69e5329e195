package dev.ringzero.vmm.machine;

/**
 * Whether requests of a kind have to wait for the host's storage, by those that are done where they
 * are made: while they are slow most are left to others, and some still show whether that goes on.
 */
final class Pace {
  /** Longer than handing a request to another thread and back takes. */
  private static final long SLOW_NANOS = 100_000;

  /** For each so many bytes more. */
  private static final long NANOS_A_KIBIBYTE = 1_000;

  private static final int MOST = 8;
  private static final int SLOW_FROM = 4;
  private static final int PROBE_EACH = 16;

  /** Up with each slow request, down with each that is not. */
  private volatile int score;

  private volatile int left;

  /** Tells of a request that was done where it was made. */
  void took(long nanos, long bytes) {
    boolean slow = nanos > SLOW_NANOS + (bytes >> 10) * NANOS_A_KIBIBYTE;
    score = Math.clamp(score + (slow ? 1 : -2), 0, MOST);
  }

  /** Whether the next request is to be left to others. */
  boolean isForOthers() {
    if (score < SLOW_FROM) {
      return false;
    }
    int number = left + 1;
    left = number % PROBE_EACH;
    return number != PROBE_EACH;
  }
}

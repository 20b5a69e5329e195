package dev.ringzero.network.nat;

/** How many bytes all connections of a NAT may buffer together. Used by one thread. */
final class BufferBudget {
  private final long mostBytes;
  private long usedBytes;

  BufferBudget(long mostBytes) {
    this.mostBytes = mostBytes;
  }

  /** Takes so many bytes, if there are so many left. */
  boolean take(int bytes) {
    if (usedBytes + bytes > mostBytes) {
      return false;
    }
    usedBytes += bytes;
    return true;
  }

  void give(int bytes) {
    usedBytes -= bytes;
  }

  long usedBytes() {
    return usedBytes;
  }
}

package dev.ringzero.devices.virtio.block;

import java.nio.ByteBuffer;

/**
 * What keeps the blocks of a disk. Every range lies within {@link #sizeBytes()} and is a multiple
 * of 512 bytes. A request ends with exactly one call of its completion, inside the call or later,
 * on any thread; several requests may be under way at once.
 */
public interface BlockBackend {
  /** How a request ended. */
  enum Status {
    OK,
    FAILED,
    UNSUPPORTED,
    /**
     * The host has no room for it now, and nothing was changed. May only be said inside the call;
     * the device asks again when it is told that there is room.
     */
    NO_SPACE
  }

  /** Learns how a request ended. */
  @FunctionalInterface
  interface Completion {
    void done(Status status);
  }

  long sizeBytes();

  boolean isReadOnly();

  void read(long offset, ByteBuffer[] into, Completion completion);

  /** Writes. What is acknowledged may be lost when the host fails, until {@link #flush}. */
  void write(long offset, ByteBuffer[] from, Completion completion);

  /** Makes all that was acknowledged before durable. */
  void flush(Completion completion);

  /** Says that the content of a range is of no use any more; reads of it give anything. */
  void discard(long offset, long lengthBytes, Completion completion);

  /**
   * Makes a range read as zeros.
   *
   * @param mayUnmap whether the room that it takes may be given back
   */
  void writeZeroes(long offset, long lengthBytes, boolean mayUnmap, Completion completion);
}

package dev.ringzero.images.disk;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The contents of a disk. Any thread may call; a range must lie within {@link #sizeBytes()}. What
 * was written is durable after {@link #flush()}.
 */
public interface Disk extends Closeable {
  long sizeBytes();

  boolean isReadOnly();

  /** Fills the rest of a buffer. */
  void read(long offset, ByteBuffer into) throws IOException;

  /** Fills the rest of several buffers, one behind the other. */
  default void read(long offset, ByteBuffer[] into) throws IOException {
    long at = offset;
    for (ByteBuffer buffer : into) {
      int length = buffer.remaining();
      read(at, buffer);
      at += length;
    }
  }

  /**
   * Writes the rest of several buffers, one behind the other.
   *
   * @throws DiskFullException if the host has no room; writing again later is safe
   */
  default void write(long offset, ByteBuffer[] from) throws IOException {
    long at = offset;
    for (ByteBuffer buffer : from) {
      int length = buffer.remaining();
      write(at, buffer);
      at += length;
    }
  }

  /**
   * Writes the rest of a buffer.
   *
   * @throws DiskFullException if the host has no room; writing again later is safe
   */
  void write(long offset, ByteBuffer from) throws IOException;

  /** Makes all that was written before durable. */
  void flush() throws IOException;

  /** Gives the room of a range back where that is possible; it then reads as zeros or as before. */
  void discard(long offset, long lengthBytes) throws IOException;

  /**
   * Makes a range read as zeros.
   *
   * @param mayUnmap whether its room may be given back
   */
  void writeZeroes(long offset, long lengthBytes, boolean mayUnmap) throws IOException;
}

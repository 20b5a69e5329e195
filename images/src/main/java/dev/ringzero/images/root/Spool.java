package dev.ringzero.images.root;

import dev.ringzero.images.disk.DiskFullException;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The contents of many files behind each other in one unnamed file of the host. */
public final class Spool implements Closeable {
  private static final int BUFFER_BYTES = 1 << 16;

  private final FileChannel channel;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private long endBytes;

  /** A part of the spool. */
  public record Range(long offset, long sizeBytes) {}

  /**
   * Makes an empty spool.
   *
   * @param path of a file that is not there yet, and goes away again
   */
  public Spool(Path path) throws IOException {
    channel =
        FileChannel.open(
            path,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.DELETE_ON_CLOSE);
  }

  /**
   * Keeps all that a stream holds.
   *
   * @throws IOException also if that is more than there may be
   */
  Range add(InputStream in, long mostBytes) throws IOException {
    long start = endBytes;
    for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
      if (endBytes - start + count > mostBytes) {
        throw new IOException("unpacks to more than it said");
      }
      append(ByteBuffer.wrap(buffer, 0, count));
    }
    return new Range(start, endBytes - start);
  }

  Range add(byte[] bytes) throws IOException {
    Range range = new Range(endBytes, bytes.length);
    append(ByteBuffer.wrap(bytes));
    return range;
  }

  private void append(ByteBuffer bytes) throws IOException {
    try {
      while (bytes.hasRemaining()) {
        endBytes += channel.write(bytes, endBytes);
      }
    } catch (IOException e) {
      throw DiskFullException.of("the files of packages", e);
    }
  }

  /** Fills the rest of a buffer from a part of the spool. */
  public void read(Range range, long offset, ByteBuffer into) throws IOException {
    if (offset < 0 || offset + into.remaining() > range.sizeBytes) {
      throw new EOFException("read behind the end of a file");
    }
    long at = range.offset + offset;
    while (into.hasRemaining()) {
      int count = channel.read(into, at);
      if (count < 0) {
        throw new EOFException("the file of contents became shorter");
      }
      at += count;
    }
  }

  /** All bytes of a small file. */
  public byte[] readAll(Range range) throws IOException {
    byte[] bytes = new byte[Math.toIntExact(range.sizeBytes)];
    read(range, 0, ByteBuffer.wrap(bytes));
    return bytes;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}

package dev.ringzero.images.disk;

import dev.ringzero.images.ImageException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A file that holds a disk image, locked for as long as it is open. */
public final class DiskFile implements Closeable {
  private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(1 << 20).asReadOnlyBuffer();

  private static final int MANY = 3;

  private final Path path;
  private final LockedFile locked;
  private final FileChannel channel;

  private DiskFile(Path path, LockedFile locked) {
    this.path = path;
    this.locked = locked;
    this.channel = locked.channel();
  }

  /** Opens and locks a file. */
  static DiskFile open(Path path, boolean readOnly) {
    if (Files.isDirectory(path)) {
      throw new ImageException("disk " + path + " is a directory");
    }
    try {
      return new DiskFile(path, LockedFile.open(path, readOnly));
    } catch (NoSuchFileException e) {
      throw new ImageException("disk " + path + ": no such file", e);
    } catch (AccessDeniedException e) {
      String hint = readOnly ? "" : "; to only read it, append ,ro";
      throw new ImageException("disk " + path + ": permission denied" + hint, e);
    } catch (IOException e) {
      throw new ImageException("cannot open disk " + path + ": " + e.getMessage(), e);
    }
  }

  public long sizeBytes() throws IOException {
    return channel.size();
  }

  /** Fills the rest of a buffer; behind the end of the file there are zeros. */
  public void read(long offset, ByteBuffer into) throws IOException {
    long at = offset;
    while (into.hasRemaining()) {
      int read = channel.read(into, at);
      if (read < 0) {
        clear(into);
        return;
      }
      at += read;
    }
  }

  /**
   * Fills several buffers, by one call of the host, unless there are few or somebody else does that
   * at this moment.
   */
  void read(long offset, ByteBuffer[] into) throws IOException {
    ByteBuffer last = into[into.length - 1];
    if (into.length < MANY || !locked.position().tryLock()) {
      long at = offset;
      for (ByteBuffer buffer : into) {
        int length = buffer.remaining();
        read(at, buffer);
        at += length;
      }
      return;
    }
    try {
      channel.position(offset);
      while (last.hasRemaining()) {
        if (channel.read(into) < 0) {
          for (ByteBuffer buffer : into) {
            clear(buffer);
          }
        }
      }
    } finally {
      locked.position().unlock();
    }
  }

  /** Writes several buffers, like {@link #read(long, ByteBuffer[])}. */
  void write(long offset, ByteBuffer[] from) throws IOException {
    ByteBuffer last = from[from.length - 1];
    if (from.length < MANY || !locked.position().tryLock()) {
      long at = offset;
      for (ByteBuffer buffer : from) {
        int length = buffer.remaining();
        write(at, buffer);
        at += length;
      }
      return;
    }
    try {
      channel.position(offset);
      while (last.hasRemaining()) {
        channel.write(from);
      }
    } catch (IOException e) {
      throw DiskFullException.of(path, e);
    } finally {
      locked.position().unlock();
    }
  }

  /** Fills the rest of a buffer with zeros. */
  public static void clear(ByteBuffer buffer) {
    while (buffer.hasRemaining()) {
      int part = Math.min(buffer.remaining(), ZEROS.capacity());
      buffer.put(ZEROS.duplicate().limit(part));
    }
  }

  /** Writes the rest of a buffer. */
  public void write(long offset, ByteBuffer from) throws IOException {
    long at = offset;
    try {
      while (from.hasRemaining()) {
        at += channel.write(from, at);
      }
    } catch (IOException e) {
      throw DiskFullException.of(path, e);
    }
  }

  /** Writes zeros. */
  void writeZeroes(long offset, long lengthBytes) throws IOException {
    for (long at = 0; at < lengthBytes; at += ZEROS.capacity()) {
      int part = (int) Math.min(lengthBytes - at, ZEROS.capacity());
      write(offset + at, ZEROS.duplicate().limit(part));
    }
  }

  /** Makes all that was written durable. */
  public void flush() throws IOException {
    try {
      channel.force(false);
    } catch (IOException e) {
      throw DiskFullException.of(path, e);
    }
  }

  @Override
  public void close() throws IOException {
    locked.close();
  }
}

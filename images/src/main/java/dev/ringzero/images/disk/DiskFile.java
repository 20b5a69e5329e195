package dev.ringzero.images.disk;

import dev.ringzero.images.ImageException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/**
 * A file that holds a disk image, locked for as long as it is open: against everybody for writing,
 * against writers for reading.
 */
final class DiskFile implements Closeable {
  private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(1 << 20).asReadOnlyBuffer();

  private final Path path;
  private final FileChannel channel;

  private DiskFile(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /** Opens and locks a file. */
  static DiskFile open(Path path, boolean readOnly) {
    if (Files.isDirectory(path)) {
      throw new ImageException("disk " + path + " is a directory");
    }
    Set<OpenOption> options =
        readOnly
            ? Set.of(StandardOpenOption.READ)
            : Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      FileChannel channel = FileChannel.open(path, options);
      try {
        lock(path, channel, readOnly);
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
      return new DiskFile(path, channel);
    } catch (NoSuchFileException e) {
      throw new ImageException("disk " + path + ": no such file", e);
    } catch (AccessDeniedException e) {
      String hint = readOnly ? "" : "; to only read it, append ,ro";
      throw new ImageException("disk " + path + ": permission denied" + hint, e);
    } catch (IOException e) {
      throw new ImageException("cannot open disk " + path + ": " + e.getMessage(), e);
    }
  }

  private static void lock(Path path, FileChannel channel, boolean readOnly) throws IOException {
    FileLock lock;
    try {
      lock = channel.tryLock(0, Long.MAX_VALUE, readOnly);
    } catch (OverlappingFileLockException e) {
      lock = null;
    }
    if (lock == null) {
      throw new ImageException(
          "disk " + path + " is in use by another machine; only readers can share a disk");
    }
  }

  Path path() {
    return path;
  }

  long sizeBytes() throws IOException {
    return channel.size();
  }

  /** Fills the rest of a buffer; behind the end of the file there are zeros. */
  void read(long offset, ByteBuffer into) throws IOException {
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

  static void clear(ByteBuffer buffer) {
    while (buffer.hasRemaining()) {
      int part = Math.min(buffer.remaining(), ZEROS.capacity());
      buffer.put(ZEROS.duplicate().limit(part));
    }
  }

  void write(long offset, ByteBuffer from) throws IOException {
    long at = offset;
    try {
      while (from.hasRemaining()) {
        at += channel.write(from, at);
      }
    } catch (IOException e) {
      throw DiskFullException.of(path, e);
    }
  }

  void writeZeroes(long offset, long lengthBytes) throws IOException {
    for (long at = 0; at < lengthBytes; at += ZEROS.capacity()) {
      int part = (int) Math.min(lengthBytes - at, ZEROS.capacity());
      write(offset + at, ZEROS.duplicate().limit(part));
    }
  }

  void truncate(long sizeBytes) throws IOException {
    channel.truncate(sizeBytes);
  }

  void flush() throws IOException {
    try {
      channel.force(false);
    } catch (IOException e) {
      throw DiskFullException.of(path, e);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}

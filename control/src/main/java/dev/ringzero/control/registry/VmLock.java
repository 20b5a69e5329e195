package dev.ringzero.control.registry;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * The right to run, change or remove a machine: one process has it, and loses it when it ends,
 * however that is.
 */
final class VmLock implements AutoCloseable {
  private final FileChannel channel;

  private VmLock(FileChannel channel) {
    this.channel = channel;
  }

  /** Takes it; empty if somebody has it, or the machine is gone. */
  static Optional<VmLock> take(Path file) throws IOException {
    FileChannel channel;
    try {
      channel = FileChannel.open(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    try {
      Object before = key(file);
      FileLock lock = channel.tryLock();
      if (lock != null && before.equals(key(file))) {
        return Optional.of(new VmLock(channel));
      }
    } catch (OverlappingFileLockException | NoSuchFileException e) {
      // Another thread of this process has it, or it is gone.
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    channel.close();
    return Optional.empty();
  }

  private static Object key(Path file) throws IOException {
    return Files.getAttribute(file, "unix:ino", LinkOption.NOFOLLOW_LINKS);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}

package dev.ringzero.images.disk;

import dev.ringzero.images.ImageException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * An open file with a lock: one writer, or any number of readers. The readers of this process share
 * one channel, because a process loses all its locks on a file when it closes any channel to it.
 * Writers exclude QEMU's writers and readers, and the other way round.
 *
 * <p>Not modelled: a reader does not notice a QEMU that was there before it and writes.
 */
final class LockedFile implements Closeable {
  /**
   * Bytes that stand for rights in QEMU: it reads; nobody else may write; nobody else may resize.
   */
  private static final long[] READER_BYTES = {100, 201, 203};

  private static final Map<Object, LockedFile> OPEN = new HashMap<>();

  private final Object key;
  private final FileChannel channel;
  private final boolean readOnly;
  private final ReentrantLock position = new ReentrantLock();
  private int users = 1;

  private LockedFile(Object key, FileChannel channel, boolean readOnly) {
    this.key = key;
    this.channel = channel;
    this.readOnly = readOnly;
  }

  static LockedFile open(Path path, boolean readOnly) throws IOException {
    synchronized (OPEN) {
      Object key = key(path);
      LockedFile present = OPEN.get(key);
      if (present == null) {
        LockedFile file = new LockedFile(key, lock(path, readOnly), readOnly);
        OPEN.put(key, file);
        return file;
      }
      if (!readOnly || !present.readOnly) {
        throw inUse(path);
      }
      present.users++;
      return present;
    }
  }

  private static Object key(Path path) throws IOException {
    Object key = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    return key != null ? key : path.toRealPath();
  }

  private static FileChannel lock(Path path, boolean readOnly) throws IOException {
    Set<OpenOption> options =
        readOnly
            ? Set.of(StandardOpenOption.READ)
            : Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE);
    FileChannel channel = FileChannel.open(path, options);
    try {
      if (!(readOnly ? lockAsReader(channel) : channel.tryLock(0, Long.MAX_VALUE, false) != null)) {
        throw inUse(path);
      }
      return channel;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** Locks what QEMU's readers lock, so that its readers and ours can be there together. */
  private static boolean lockAsReader(FileChannel channel) throws IOException {
    for (long at : READER_BYTES) {
      if (channel.tryLock(at, 1, true) == null) {
        return false;
      }
    }
    return true;
  }

  private static ImageException inUse(Path path) {
    return new ImageException(
        "disk " + path + " is in use by another machine; only readers can share a disk");
  }

  /** To be held by who uses the channel's position. */
  ReentrantLock position() {
    return position;
  }

  FileChannel channel() {
    return channel;
  }

  @Override
  public void close() throws IOException {
    synchronized (OPEN) {
      if (--users == 0) {
        OPEN.remove(key);
        channel.close();
      }
    }
  }
}

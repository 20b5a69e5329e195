package dev.ringzero.images.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;

/** A directory for one build; while it is open, a lock says that somebody builds there. */
public final class BuildPlace implements Closeable {
  private static final String PREFIX = ".build-";
  private static final String LOCK = "lock";

  private final Path directory;
  private final FileChannel channel;

  private BuildPlace(Path directory, FileChannel channel) {
    this.directory = directory;
    this.channel = channel;
  }

  /** Makes a place in a directory, and clears away what builds that were killed left there. */
  public static BuildPlace in(Path parent) throws IOException {
    clearAbandoned(parent);
    Path directory = Files.createTempDirectory(parent, PREFIX);
    FileChannel channel =
        FileChannel.open(
            directory.resolve(LOCK), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    channel.lock();
    return new BuildPlace(directory, channel);
  }

  /** A file in it. */
  public Path file(String name) {
    return directory.resolve(name);
  }

  @Override
  public void close() throws IOException {
    delete(directory);
    channel.close();
  }

  /** Deletes places whose builds did not come to their end. */
  private static void clearAbandoned(Path parent) throws IOException {
    try (Stream<Path> files = Files.list(parent)) {
      for (Path file : files.toList()) {
        if (file.getFileName().toString().startsWith(PREFIX) && isAbandoned(file)) {
          delete(file);
        }
      }
    }
  }

  private static boolean isAbandoned(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory.resolve(LOCK), StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    } catch (NoSuchFileException e) {
      // Its maker is between two steps, or ended between them; an empty directory harms nobody.
      return false;
    }
  }

  private static void delete(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return;
    }
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
    }
    Files.deleteIfExists(directory);
  }
}

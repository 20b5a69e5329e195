package dev.ringzero.images;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * A user's directory of files that can be made again. A file is either absent or whole: it is
 * written under another name and renamed when all of it is on the disk.
 */
public final class ImageCache {
  private final Path directory;

  public ImageCache(Path directory) {
    this.directory = directory;
  }

  /** The cache in {@code $XDG_CACHE_HOME/ringzero}, or in {@code ~/.cache/ringzero}. */
  public static ImageCache ofUser() {
    String base = System.getenv("XDG_CACHE_HOME");
    Path root = base != null && !base.isBlank() ? Path.of(base) : home().resolve(".cache");
    return new ImageCache(root.resolve("ringzero"));
  }

  private static Path home() {
    String home = System.getenv("HOME");
    return Path.of(home != null && !home.isBlank() ? home : System.getProperty("user.home"));
  }

  /** Where the file of that name is, or would be. */
  public Path path(String name) {
    return directory.resolve(name);
  }

  /** Whether the file of that name is there. */
  public boolean contains(String name) {
    return Files.isRegularFile(path(name));
  }

  /** A directory of that name, made where it is missing. */
  public Path directory(String name) {
    try {
      return Files.createDirectories(path(name));
    } catch (IOException e) {
      throw unwritable(name, e);
    }
  }

  /** Writes a file, all of it or nothing. */
  public Path place(String name, Writer writer) {
    Path target = path(name);
    try {
      Files.createDirectories(target.getParent());
      Path unfinished = Files.createTempFile(target.getParent(), ".", ".new");
      try {
        try (OutputStream out = Files.newOutputStream(unfinished)) {
          writer.writeTo(out);
        }
        try (FileChannel channel = FileChannel.open(unfinished, StandardOpenOption.WRITE)) {
          channel.force(true);
        }
        Files.move(
            unfinished,
            target,
            StandardCopyOption.ATOMIC_MOVE,
            StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(unfinished);
      }
      return target;
    } catch (IOException e) {
      throw unwritable(name, e);
    }
  }

  private ImageException unwritable(String name, IOException cause) {
    String reason = cause.getMessage();
    if (reason != null && reason.contains("No space left")) {
      return new ImageException(
          "no space left on the disk for "
              + path(name)
              + "; free some, or set XDG_CACHE_HOME to another place",
          cause);
    }
    return new ImageException(
        "cannot write "
            + path(name)
            + ": "
            + HostFileTrouble.reason(cause)
            + "; set XDG_CACHE_HOME to another place",
        cause);
  }

  /** Writes the bytes of a file. */
  @FunctionalInterface
  public interface Writer {
    void writeTo(OutputStream out) throws IOException;
  }
}

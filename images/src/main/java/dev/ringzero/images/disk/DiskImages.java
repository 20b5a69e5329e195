package dev.ringzero.images.disk;

import dev.ringzero.images.ImageException;
import dev.ringzero.images.disk.qcow2.Qcow2Creator;
import dev.ringzero.images.disk.qcow2.Qcow2Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * Opens and makes disk images. What a file is comes from its name or from the user, never from its
 * content, because a guest writes the content of a raw disk.
 */
public final class DiskImages {
  private static final int MOST_BACKING_FILES = 16;
  private static final long SECTOR_BYTES = 512;

  private DiskImages() {}

  /**
   * Opens and locks an image, and what it is an overlay of.
   *
   * @param format empty to go by the file's name
   * @throws ImageException if that is not possible
   */
  public static Disk open(Path path, boolean readOnly, Optional<DiskFormat> format) {
    return open(path, readOnly, format, BackingPolicy.FOLDER);
  }

  /**
   * Opens and locks an image, and what it is an overlay of.
   *
   * @param format empty to go by the file's name
   * @param policy which files it may be an overlay of
   * @throws ImageException if that is not possible
   */
  public static Disk open(
      Path path, boolean readOnly, Optional<DiskFormat> format, BackingPolicy policy) {
    return open(path, readOnly, format, policy, 0);
  }

  private static Disk open(
      Path path, boolean readOnly, Optional<DiskFormat> format, BackingPolicy policy, int depth) {
    if (depth > MOST_BACKING_FILES) {
      throw new ImageException("disk " + path + " has too many backing files behind each other");
    }
    DiskFile file = DiskFile.open(path, readOnly);
    try {
      return switch (format.orElseGet(() -> DiskFormat.of(path))) {
        case QCOW2 ->
            Qcow2Disk.open(
                file, readOnly, (name, type) -> openBacking(path, name, type, policy, depth + 1));
        case RAW -> {
          if (format.isEmpty() && Qcow2Disk.recognises(file)) {
            throw new ImageException(
                "disk " + path + " looks like a qcow2 image; append ,format=qcow2 or ,format=raw");
          }
          yield new RawDisk(file, readOnly);
        }
      };
    } catch (IOException e) {
      closeQuietly(file);
      throw new ImageException("disk " + path + " " + e.getMessage(), e);
    } catch (RuntimeException e) {
      closeQuietly(file);
      throw e;
    }
  }

  private static Disk openBacking(
      Path overlay, String name, String format, BackingPolicy policy, int depth) {
    Path base = policy.resolve(overlay, name);
    Optional<DiskFormat> known = DiskFormat.named(format);
    if (known.isEmpty()) {
      throw new ImageException(
          "disk "
              + overlay
              + " does not say whether its backing file is raw or qcow2;"
              + " qemu-img rebase -u -F FORMAT says it");
    }
    return open(base, true, known, policy, depth);
  }

  private static void closeQuietly(DiskFile file) {
    try {
      file.close();
    } catch (IOException e) {
      // It was only read.
    }
  }

  /** Makes a disk of zeros that takes no room yet. */
  public static void create(Path path, DiskFormat format, long sizeBytes) {
    checkSize(sizeBytes);
    make(path, channel -> writeEmpty(channel, format, sizeBytes));
  }

  private static void writeEmpty(FileChannel channel, DiskFormat format, long sizeBytes)
      throws IOException {
    switch (format) {
      case RAW -> channel.write(ByteBuffer.allocate(1), sizeBytes - 1);
      case QCOW2 -> Qcow2Creator.write(channel, sizeBytes, Optional.empty());
    }
  }

  /**
   * Makes a qcow2 image that begins as another disk and keeps only what becomes different. It names
   * that disk relative to itself where both are in one folder.
   */
  public static void createOverlay(Path path, Path base) {
    try {
      Path real = base.toRealPath();
      Path folder = path.toAbsolutePath().getParent().toRealPath();
      boolean near = real.startsWith(folder);
      createOverlay(path, near ? folder.relativize(real) : real, DiskFormat.of(real));
    } catch (IOException e) {
      throw new ImageException("disk " + base + ": no such file, or not to be read", e);
    }
  }

  /**
   * Makes a qcow2 image that begins as another disk and keeps only what becomes different.
   *
   * @param base as the overlay is to name it: relative to the overlay, or absolute
   */
  public static void createOverlay(Path path, Path base, DiskFormat baseFormat) {
    long sizeBytes;
    try (Disk disk =
        open(path.resolveSibling(base), true, Optional.of(baseFormat), BackingPolicy.ALLOW)) {
      sizeBytes = disk.sizeBytes();
    } catch (IOException e) {
      throw new ImageException("cannot read disk " + base + ": " + e.getMessage(), e);
    }
    checkSize(sizeBytes);
    Qcow2Creator.Base backing = new Qcow2Creator.Base(base.toString(), baseFormat.toString());
    make(path, channel -> Qcow2Creator.write(channel, sizeBytes, Optional.of(backing)));
  }

  private static void checkSize(long sizeBytes) {
    if (sizeBytes < SECTOR_BYTES || sizeBytes % SECTOR_BYTES != 0) {
      throw new ImageException("a disk cannot have " + sizeBytes + " bytes: whole sectors of 512");
    }
  }

  private interface Content {
    void write(FileChannel channel) throws IOException;
  }

  private static void make(Path path, Content content) {
    try (FileChannel channel =
        FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      content.write(channel);
      channel.force(true);
    } catch (FileAlreadyExistsException e) {
      throw new ImageException("disk " + path + " is there already", e);
    } catch (IOException e) {
      deleteQuietly(path);
      throw new ImageException("cannot make disk " + path + ": " + e.getMessage(), e);
    }
  }

  private static void deleteQuietly(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      // The message about the disk itself says enough.
    }
  }
}

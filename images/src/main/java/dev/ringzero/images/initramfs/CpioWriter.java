package dev.ringzero.images.initramfs;

import dev.ringzero.images.root.Attributes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * Writes a {@code cpio} archive in the "newc" form, from which Linux fills its first file system.
 * Everything belongs to root, and carries no time, so that equal input gives equal bytes.
 *
 * @spec Linux Documentation/driver-api/early-userspace/buffer-format.rst
 */
public final class CpioWriter {
  private static final int S_IFREG = 0x8000;
  private static final int S_IFDIR = 0x4000;
  private static final int S_IFLNK = 0xA000;
  private static final int S_IFCHR = 0x2000;
  private static final Attributes OWNER = Attributes.ofRoot(0);
  private static final byte[] NOTHING = {};

  private final ByteArrayOutputStream out = new ByteArrayOutputStream(1 << 16);
  private final CpioStream cpio = new CpioStream(out);
  private int nextInode = 1;

  /** Adds a directory; the directories above it have to come first. */
  public CpioWriter directory(String path, int permissions) {
    return entry(path, S_IFDIR | permissions, 0, 0, NOTHING);
  }

  /** Adds a file. */
  public CpioWriter file(String path, int permissions, byte[] contents) {
    return entry(path, S_IFREG | permissions, 0, 0, contents);
  }

  /** Adds a file of text. */
  public CpioWriter file(String path, int permissions, String contents) {
    return file(path, permissions, contents.getBytes(StandardCharsets.UTF_8));
  }

  /** Adds a symbolic link. */
  public CpioWriter link(String path, String target) {
    return entry(path, S_IFLNK | 0777, 0, 0, target.getBytes(StandardCharsets.UTF_8));
  }

  /** Adds a character device. */
  public CpioWriter characterDevice(String path, int permissions, int major, int minor) {
    return entry(path, S_IFCHR | permissions, major, minor, NOTHING);
  }

  /** Ends the archive. */
  public byte[] finish() {
    try {
      cpio.finish();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private CpioWriter entry(String path, int mode, int major, int minor, byte[] contents) {
    try {
      cpio.header(
          new CpioStream.Header(nextInode++, mode, OWNER, 1, contents.length, major, minor, path));
      cpio.content(contents);
      cpio.align();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }
}

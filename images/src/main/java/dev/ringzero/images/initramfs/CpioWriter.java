package dev.ringzero.images.initramfs;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Writes a {@code cpio} archive in the "newc" form, from which Linux fills its first file system.
 * Everything belongs to root, and carries no time, so that equal input gives equal bytes.
 *
 * @spec Linux Documentation/driver-api/early-userspace/buffer-format.rst
 */
public final class CpioWriter {
  private static final String MAGIC = "070701";
  private static final String TRAILER = "TRAILER!!!";
  private static final int ALIGNMENT_BYTES = 4;
  private static final int S_IFREG = 0x8000;
  private static final int S_IFDIR = 0x4000;
  private static final int S_IFLNK = 0xA000;
  private static final int S_IFCHR = 0x2000;
  private static final byte[] NOTHING = {};

  private final ByteArrayOutputStream out = new ByteArrayOutputStream(1 << 16);
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
    nextInode = 0;
    entry(TRAILER, 0, 0, 0, NOTHING);
    return out.toByteArray();
  }

  private CpioWriter entry(String path, int mode, int major, int minor, byte[] contents) {
    byte[] name = path.getBytes(StandardCharsets.UTF_8);
    int[] fields = {
      nextInode++, mode, 0, 0, 1, 0, contents.length, 0, 0, major, minor, name.length + 1, 0
    };
    out.writeBytes(MAGIC.getBytes(StandardCharsets.US_ASCII));
    for (int field : fields) {
      out.writeBytes("%08X".formatted(field).getBytes(StandardCharsets.US_ASCII));
    }
    out.writeBytes(name);
    out.write(0);
    align();
    out.writeBytes(contents);
    align();
    return this;
  }

  private void align() {
    while (out.size() % ALIGNMENT_BYTES != 0) {
      out.write(0);
    }
  }
}

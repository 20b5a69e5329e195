package dev.ringzero.images.initramfs;

import dev.ringzero.images.root.Attributes;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Writes the entries of a {@code cpio} archive in the "newc" form one behind the other.
 *
 * @spec Linux Documentation/driver-api/early-userspace/buffer-format.rst
 */
final class CpioStream {
  private static final String MAGIC = "070701";
  private static final String TRAILER = "TRAILER!!!";
  private static final int ALIGNMENT_BYTES = 4;

  private final OutputStream out;
  private long written;

  CpioStream(OutputStream out) {
    this.out = out;
  }

  /**
   * What stands in front of a file's content.
   *
   * @param mode with the kind of file in it
   * @param major of the device that it is; so is {@code minor}
   */
  record Header(
      int inode,
      int mode,
      Attributes attributes,
      int links,
      long sizeBytes,
      int major,
      int minor,
      String path) {}

  /** Writes a header; the content has to follow, and then {@link #align}. */
  void header(Header header) throws IOException {
    byte[] name = header.path().getBytes(StandardCharsets.UTF_8);
    long[] fields = {
      header.inode(),
      header.mode(),
      header.attributes().owner(),
      header.attributes().group(),
      header.links(),
      header.attributes().modifiedSeconds(),
      header.sizeBytes(),
      0,
      0,
      header.major(),
      header.minor(),
      name.length + 1,
      0
    };
    StringBuilder text = new StringBuilder(MAGIC);
    for (long field : fields) {
      text.append("%08X".formatted(field & 0xFFFF_FFFFL));
    }
    content(text.toString().getBytes(StandardCharsets.US_ASCII));
    content(name);
    content(new byte[1]);
    align();
  }

  void content(byte[] bytes) throws IOException {
    content(bytes, bytes.length);
  }

  void content(byte[] bytes, int length) throws IOException {
    out.write(bytes, 0, length);
    written += length;
  }

  void align() throws IOException {
    content(new byte[(int) (-written & ALIGNMENT_BYTES - 1)]);
  }

  void finish() throws IOException {
    header(new Header(0, 0, Attributes.ofRoot(0), 1, 0, 0, 0, TRAILER));
  }
}

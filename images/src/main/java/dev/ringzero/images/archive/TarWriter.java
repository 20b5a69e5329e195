package dev.ringzero.images.archive;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes a {@code tar} archive: files, directories and symbolic links, with GNU's long names.
 *
 * <p>Not modelled: owners (all is root's), other kinds of entries, sizes from 8 GiB on.
 *
 * @spec POSIX.1-2017 pax, ustar Interchange Format
 * @spec GNU tar manual, Basic Tar Format
 */
public final class TarWriter {
  private static final int BLOCK_BYTES = 512;
  private static final int NAME_BYTES = 100;
  private static final int MODE_OFFSET = 100;
  private static final int OWNER_OFFSET = 108;
  private static final int GROUP_OFFSET = 116;
  private static final int SIZE_OFFSET = 124;
  private static final int MODIFIED_OFFSET = 136;
  private static final int CHECKSUM_OFFSET = 148;
  private static final int TYPE_OFFSET = 156;
  private static final int LINK_OFFSET = 157;
  private static final int MAGIC_OFFSET = 257;
  private static final byte[] GNU = "ustar  \0".getBytes(StandardCharsets.US_ASCII);
  private static final String LONG_NAME = "././@LongLink";
  private static final int MODE_BITS = 07777;

  /** The largest file. */
  public static final long MOST_BYTES = (1L << 33) - 1;

  private final OutputStream out;

  public TarWriter(OutputStream out) {
    this.out = out;
  }

  /** Adds a directory. */
  public void directory(String path, int mode, long modifiedSeconds) throws IOException {
    entry(path + "/", '5', mode, 0, modifiedSeconds, "");
  }

  /** Adds a symbolic link. */
  public void link(String path, String target, long modifiedSeconds) throws IOException {
    entry(path, '2', 0777, 0, modifiedSeconds, target);
  }

  /** Adds a file with exactly so many bytes of a stream. */
  public void file(String path, int mode, long sizeBytes, long modifiedSeconds, InputStream content)
      throws IOException {
    if (sizeBytes > MOST_BYTES) {
      throw new IOException(path + " is too large for an archive");
    }
    entry(path, '0', mode, sizeBytes, modifiedSeconds, "");
    byte[] buffer = new byte[1 << 16];
    for (long left = sizeBytes; left > 0; ) {
      int count = content.read(buffer, 0, (int) Math.min(left, buffer.length));
      if (count < 0) {
        throw new IOException(path + " became shorter while it was read");
      }
      out.write(buffer, 0, count);
      left -= count;
    }
    pad(sizeBytes);
  }

  /** Ends the archive. */
  public void finish() throws IOException {
    out.write(new byte[2 * BLOCK_BYTES]);
    out.flush();
  }

  private void entry(
      String path, char type, int mode, long sizeBytes, long modifiedSeconds, String target)
      throws IOException {
    longText(path, 'L');
    longText(target, 'K');
    header(path, type, mode, sizeBytes, modifiedSeconds, target);
  }

  private void longText(String text, char type) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > NAME_BYTES) {
      header(LONG_NAME, type, 0, bytes.length + 1, 0, "");
      out.write(Arrays.copyOf(bytes, bytes.length + 1));
      pad(bytes.length + 1);
    }
  }

  private void pad(long sizeBytes) throws IOException {
    out.write(new byte[(int) (-sizeBytes & (BLOCK_BYTES - 1))]);
  }

  private void header(
      String path, char type, int mode, long sizeBytes, long modifiedSeconds, String target)
      throws IOException {
    byte[] header = new byte[BLOCK_BYTES];
    text(header, 0, path);
    octal(header, MODE_OFFSET, 8, mode & MODE_BITS);
    octal(header, OWNER_OFFSET, 8, 0);
    octal(header, GROUP_OFFSET, 8, 0);
    octal(header, SIZE_OFFSET, 12, sizeBytes);
    octal(header, MODIFIED_OFFSET, 12, Math.clamp(modifiedSeconds, 0, MOST_BYTES));
    header[TYPE_OFFSET] = (byte) type;
    text(header, LINK_OFFSET, target);
    System.arraycopy(GNU, 0, header, MAGIC_OFFSET, GNU.length);
    Arrays.fill(header, CHECKSUM_OFFSET, CHECKSUM_OFFSET + 8, (byte) ' ');
    int sum = 0;
    for (byte value : header) {
      sum += value & 0xFF;
    }
    octal(header, CHECKSUM_OFFSET, 7, sum);
    out.write(header);
  }

  private static void text(byte[] header, int offset, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(bytes, 0, header, offset, Math.min(bytes.length, NAME_BYTES));
  }

  private static void octal(byte[] header, int offset, int lengthBytes, long value) {
    String digits = Long.toOctalString(value);
    String padded = "0".repeat(lengthBytes - 1 - digits.length()) + digits + "\0";
    System.arraycopy(padded.getBytes(StandardCharsets.US_ASCII), 0, header, offset, lengthBytes);
  }
}

package dev.ringzero.images.archive;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads the members of an {@code ar} archive in turn, as {@code .deb} packages use it.
 *
 * <p>Not modelled: the long member names of GNU and BSD {@code ar}, which packages do not have.
 *
 * @spec Debian deb(5), FORMAT
 */
public final class ArReader {
  private static final byte[] MAGIC = "!<arch>\n".getBytes(StandardCharsets.US_ASCII);
  private static final int HEADER_BYTES = 60;
  private static final int NAME_BYTES = 16;
  private static final int SIZE_OFFSET = 48;
  private static final int SIZE_BYTES = 10;
  private static final int END_OFFSET = 58;

  private final InputStream in;
  private BoundedInput member;

  public ArReader(InputStream in) throws IOException {
    this.in = in;
    if (!Arrays.equals(in.readNBytes(MAGIC.length), MAGIC)) {
      throw new IOException("not an ar archive");
    }
  }

  /**
   * Moves to the next member, past what was not read of this one.
   *
   * @return its name, or null at the end of the archive
   */
  public String next() throws IOException {
    if (member != null) {
      member.skipRest();
    }
    byte[] header = in.readNBytes(HEADER_BYTES);
    if (header.length == 0) {
      return null;
    }
    if (header.length < HEADER_BYTES) {
      throw new EOFException("ar archive ends inside a header");
    }
    if (header[END_OFFSET] != '`' || header[END_OFFSET + 1] != '\n') {
      throw new IOException("ar archive has a damaged header");
    }
    long size = size(text(header, SIZE_OFFSET, SIZE_BYTES));
    member = new BoundedInput(in, size, (int) (size & 1));
    String name = text(header, 0, NAME_BYTES);
    return name.endsWith("/") ? name.substring(0, name.length() - 1) : name;
  }

  /** The bytes of the member at which the reader stands. */
  public InputStream contents() {
    return member;
  }

  private static long size(String digits) throws IOException {
    try {
      return Long.parseUnsignedLong(digits);
    } catch (NumberFormatException e) {
      throw new IOException("ar archive has a damaged size field", e);
    }
  }

  private static String text(byte[] header, int offset, int length) {
    return new String(header, offset, length, StandardCharsets.US_ASCII).strip();
  }
}

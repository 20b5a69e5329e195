package dev.ringzero.images.archive;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * Reads the entries of a {@code tar} archive in turn: ustar, and GNU's long names and binary sizes.
 *
 * <p>Not modelled: sparse files, and pax attributes other than {@code path} and {@code size}.
 *
 * @spec POSIX.1-2017 pax, ustar Interchange Format
 * @spec GNU tar manual, Basic Tar Format
 */
public final class TarReader {
  private static final int BLOCK_BYTES = 512;
  private static final int NAME_BYTES = 100;
  private static final int MODE_OFFSET = 100;
  private static final int OWNER_OFFSET = 108;
  private static final int GROUP_OFFSET = 116;
  private static final int SHORT_NUMBER_BYTES = 8;
  private static final int SIZE_OFFSET = 124;
  private static final int SIZE_BYTES = 12;
  private static final int MODIFIED_OFFSET = 136;
  private static final int CHECKSUM_OFFSET = 148;
  private static final int CHECKSUM_BYTES = 8;
  private static final int TYPE_OFFSET = 156;
  private static final int LINK_OFFSET = 157;
  private static final int MAGIC_OFFSET = 257;
  private static final int MAJOR_OFFSET = 329;
  private static final int MINOR_OFFSET = 337;
  private static final int PREFIX_OFFSET = 345;
  private static final int PREFIX_BYTES = 155;
  private static final int LONGEST_NAME_BYTES = 64 * 1024;

  private final InputStream in;
  private BoundedInput contents;

  public TarReader(InputStream in) {
    this.in = in;
  }

  /**
   * One entry of the archive.
   *
   * @param path checked: relative, with neither {@code .} nor {@code ..} in it; empty for the root
   * @param linkTarget as it stands in the archive, unchecked
   */
  public record Entry(
      String path, Kind kind, long sizeBytes, Attributes attributes, String linkTarget) {
    public int mode() {
      return attributes.mode();
    }
  }

  /**
   * What a header says of an entry besides its name and size.
   *
   * @param major of a device; so is {@code minor}
   */
  public record Attributes(
      int mode, int owner, int group, long modifiedSeconds, int major, int minor) {
    private static Attributes of(byte[] header) throws IOException {
      return new Attributes(
          shortNumber(header, MODE_OFFSET),
          shortNumber(header, OWNER_OFFSET),
          shortNumber(header, GROUP_OFFSET),
          number(header, MODIFIED_OFFSET, SIZE_BYTES),
          shortNumber(header, MAJOR_OFFSET),
          shortNumber(header, MINOR_OFFSET));
    }

    private static int shortNumber(byte[] header, int offset) throws IOException {
      return (int) number(header, offset, SHORT_NUMBER_BYTES);
    }
  }

  /** What an entry is. */
  public enum Kind {
    FILE,
    DIRECTORY,
    SYMBOLIC_LINK,
    HARD_LINK,
    CHARACTER_DEVICE,
    BLOCK_DEVICE,
    PIPE,
    OTHER
  }

  /**
   * Moves to the next entry.
   *
   * @return null at the end of the archive
   */
  public Entry next() throws IOException {
    String longName = null;
    String longLink = null;
    long paxSize = -1;
    while (true) {
      byte[] header = nextHeader();
      if (header == null) {
        return null;
      }
      long size = number(header, SIZE_OFFSET, SIZE_BYTES);
      char type = (char) header[TYPE_OFFSET];
      switch (type) {
        case 'L' -> longName = longText(size);
        case 'K' -> longLink = longText(size);
        case 'x' -> {
          PaxRecords records = PaxRecords.parse(longText(size));
          longName = records.value("path", longName);
          longLink = records.value("linkpath", longLink);
          paxSize = records.size(paxSize);
        }
        case 'g' -> open(size);
        default -> {
          long bytes = paxSize >= 0 ? paxSize : size;
          Kind kind = kind(type);
          open(kind == Kind.FILE ? bytes : 0);
          return new Entry(
              ArchivePath.check(longName != null ? longName : name(header)),
              kind,
              bytes,
              Attributes.of(header),
              longLink != null ? longLink : text(header, LINK_OFFSET, NAME_BYTES));
        }
      }
    }
  }

  /** The bytes of the entry at which the reader stands. */
  public InputStream contents() {
    return contents;
  }

  private void open(long sizeBytes) {
    contents = new BoundedInput(in, sizeBytes, (int) (-sizeBytes & (BLOCK_BYTES - 1)));
  }

  private byte[] nextHeader() throws IOException {
    if (contents != null) {
      contents.skipRest();
      contents = null;
    }
    byte[] header = in.readNBytes(BLOCK_BYTES);
    if (header.length == 0) {
      return null;
    }
    if (header.length < BLOCK_BYTES) {
      throw new EOFException("tar archive ends inside a header");
    }
    int sum = sum(header);
    if (sum == CHECKSUM_BYTES * ' ') {
      return null;
    }
    if (sum != number(header, CHECKSUM_OFFSET, CHECKSUM_BYTES)) {
      throw new IOException("tar archive has a damaged header");
    }
    return header;
  }

  private static int sum(byte[] header) {
    int sum = 0;
    for (int i = 0; i < BLOCK_BYTES; i++) {
      boolean checksum = i >= CHECKSUM_OFFSET && i < CHECKSUM_OFFSET + CHECKSUM_BYTES;
      sum += checksum ? ' ' : header[i] & 0xFF;
    }
    return sum;
  }

  private String longText(long size) throws IOException {
    if (size > LONGEST_NAME_BYTES) {
      throw new IOException("tar archive has a name of " + size + " bytes");
    }
    open(size);
    byte[] bytes = contents.readAllBytes();
    contents.skipRest();
    contents = null;
    return text(bytes, 0, bytes.length);
  }

  private static Kind kind(char type) {
    return switch (type) {
      case '\0', '0', '7' -> Kind.FILE;
      case '1' -> Kind.HARD_LINK;
      case '2' -> Kind.SYMBOLIC_LINK;
      case '3' -> Kind.CHARACTER_DEVICE;
      case '4' -> Kind.BLOCK_DEVICE;
      case '5' -> Kind.DIRECTORY;
      case '6' -> Kind.PIPE;
      default -> Kind.OTHER;
    };
  }

  private static String name(byte[] header) {
    String name = text(header, 0, NAME_BYTES);
    boolean posix = text(header, MAGIC_OFFSET, 6).equals("ustar");
    String prefix = posix ? text(header, PREFIX_OFFSET, PREFIX_BYTES) : "";
    return prefix.isEmpty() ? name : prefix + "/" + name;
  }

  private static long number(byte[] header, int offset, int length) throws IOException {
    if ((header[offset] & 0x80) != 0) {
      return binaryNumber(header, offset, length);
    }
    String digits = text(header, offset, length).strip();
    try {
      return digits.isEmpty() ? 0 : Long.parseUnsignedLong(digits, 8);
    } catch (NumberFormatException e) {
      throw new IOException("tar archive has a damaged number", e);
    }
  }

  private static long binaryNumber(byte[] header, int offset, int length) throws IOException {
    long value = header[offset] & 0x7F;
    for (int i = 1; i < length; i++) {
      if (value >>> 55 != 0) {
        throw new IOException("tar archive has an entry too large");
      }
      value = value << 8 | header[offset + i] & 0xFF;
    }
    return value;
  }

  private static String text(byte[] bytes, int offset, int length) {
    int end = offset;
    while (end < offset + length && bytes[end] != 0) {
      end++;
    }
    return new String(bytes, offset, end - offset, StandardCharsets.UTF_8);
  }
}

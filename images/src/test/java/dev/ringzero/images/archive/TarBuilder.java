package dev.ringzero.images.archive;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes tar archives for tests, good and bad ones. */
public final class TarBuilder {
  private static final int BLOCK_BYTES = 512;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  public TarBuilder file(String name, byte[] contents) {
    return entry(name, '0', contents);
  }

  public TarBuilder entry(String name, char type, byte[] contents) {
    return entry(name, type, "", contents);
  }

  /** An entry that links, or is a device 5:1. */
  public TarBuilder entry(String name, char type, String target, byte[] contents) {
    byte[] header = new byte[BLOCK_BYTES];
    put(header, 0, name);
    put(header, 100, "0000755");
    put(header, 108, "0000007");
    put(header, 116, "0000011");
    put(header, 136, "%011o".formatted(1_600_000_000));
    put(header, 157, target);
    put(header, 329, "0000005");
    put(header, 337, "0000001");
    put(header, 124, "%011o".formatted(contents.length));
    Arrays.fill(header, 148, 156, (byte) ' ');
    header[156] = (byte) type;
    put(header, 257, "ustar");
    put(header, 263, "00");
    int sum = 0;
    for (byte value : header) {
      sum += value & 0xFF;
    }
    put(header, 148, "%06o\0".formatted(sum));
    out.writeBytes(header);
    out.writeBytes(contents);
    out.writeBytes(new byte[-contents.length & BLOCK_BYTES - 1]);
    return this;
  }

  public byte[] finish() {
    out.writeBytes(new byte[2 * BLOCK_BYTES]);
    return out.toByteArray();
  }

  private static void put(byte[] header, int offset, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, header, offset, bytes.length);
  }
}

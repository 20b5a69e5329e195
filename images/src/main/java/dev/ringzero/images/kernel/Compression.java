package dev.ringzero.images.kernel;

import io.airlift.compress.v3.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.tukaani.xz.LZMAInputStream;
import org.tukaani.xz.SingleXZInputStream;

/**
 * How the payload of a bzImage is compressed, told by its first bytes.
 *
 * <p>Not modelled: bzip2 and LZO; such a kernel unpacks itself.
 *
 * @spec Linux Documentation/arch/x86/boot.rst, payload_offset
 */
public enum Compression {
  GZIP(0x1F, 0x8B) {
    @Override
    InputStream open(InputStream packed) throws IOException {
      return new GZIPInputStream(packed, BUFFER_BYTES);
    }
  },
  XZ(0xFD, '7', 'z', 'X', 'Z', 0) {
    @Override
    InputStream open(InputStream packed) throws IOException {
      return new SingleXZInputStream(packed);
    }
  },
  LZMA(0x5D, 0x00, 0x00) {
    @Override
    InputStream open(InputStream packed) throws IOException {
      return new LZMAInputStream(packed);
    }
  },
  LZ4_LEGACY(0x02, 0x21, 0x4C, 0x18) {
    @Override
    InputStream open(InputStream packed) throws IOException {
      return new Lz4LegacyInput(packed);
    }
  },
  ZSTD(0x28, 0xB5, 0x2F, 0xFD) {
    @Override
    InputStream open(InputStream packed) {
      return new ZstdInputStream(packed);
    }
  };

  private static final int BUFFER_BYTES = 1 << 16;

  private final byte[] magic;

  Compression(int... magic) {
    this.magic = new byte[magic.length];
    for (int i = 0; i < magic.length; i++) {
      this.magic[i] = (byte) magic[i];
    }
  }

  /** The compression of data that begins so, where we know it. */
  public static Optional<Compression> of(byte[] data) {
    for (Compression compression : values()) {
      if (compression.begins(data)) {
        return Optional.of(compression);
      }
    }
    return Optional.empty();
  }

  private boolean begins(byte[] data) {
    return data.length >= magic.length
        && Arrays.equals(data, 0, magic.length, magic, 0, magic.length);
  }

  abstract InputStream open(InputStream packed) throws IOException;

  /**
   * Unpacks a payload whose last four bytes are the length of what it holds. That is so in gzip's
   * own format; behind other formats the kernel's build puts the length, which is none of theirs.
   */
  byte[] unpack(byte[] payload, int lengthBytes) throws IOException {
    int packedBytes = this == GZIP ? payload.length : payload.length - Integer.BYTES;
    InputStream packed = new ByteArrayInputStream(payload, 0, packedBytes);
    byte[] unpacked = open(new BufferedInputStream(packed, BUFFER_BYTES)).readNBytes(lengthBytes);
    if (unpacked.length < lengthBytes) {
      throw new IOException(
          "unpacks to " + unpacked.length + " bytes where " + lengthBytes + " were promised");
    }
    return unpacked;
  }
}

package dev.ringzero.images.kernel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/**
 * A kernel in the form in which distributions ship it: setup code, and a compressed kernel that can
 * unpack itself.
 *
 * @param header what the kernel says of itself
 * @param file all bytes
 * @spec Linux Documentation/arch/x86/boot.rst
 */
public record BzImage(SetupHeader header, ByteBuffer file) implements Kernel {
  /** Distance from the start of the protected-mode kernel to its 64-bit entry. */
  public static final int ENTRY_64_OFFSET = 0x200;

  private static final int LARGEST_KERNEL_BYTES = 1 << 30;

  /** The part behind the setup code, which a boot loader puts into memory. */
  public byte[] protectedModeKernel() {
    return bytes(header.setupBytes(), file.limit() - header.setupBytes());
  }

  /** A name that no other image's bytes have. */
  String fingerprint() {
    CRC32 crc = new CRC32();
    crc.update(file.duplicate());
    CRC32C other = new CRC32C();
    other.update(file.duplicate());
    return "%x-%08x%08x".formatted(file.limit(), crc.getValue(), other.getValue());
  }

  /**
   * Unpacks the kernel, as its own decompressor would: an ELF file, and behind it the table of
   * relocations.
   *
   * @return empty if the compression is one that we do not know
   */
  Optional<byte[]> unpack() throws IOException {
    byte[] payload = payload();
    Optional<Compression> compression = Compression.of(payload);
    if (compression.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(compression.get().unpack(payload, unpackedBytes(payload)));
  }

  private byte[] payload() throws IOException {
    long offset = header.setupBytes() + header.payloadOffset();
    long length = header.payloadBytes();
    if (length < Integer.BYTES || offset + length > file.limit()) {
      throw new IOException("the compressed kernel lies outside the file");
    }
    return bytes((int) offset, (int) length);
  }

  /** The build puts the length of the unpacked kernel behind the compressed one. */
  private static int unpackedBytes(byte[] payload) throws IOException {
    long length = Bytes.read32(payload, payload.length - Integer.BYTES);
    if (length > LARGEST_KERNEL_BYTES) {
      throw new IOException("the kernel would unpack to " + length + " bytes");
    }
    return (int) length;
  }

  private byte[] bytes(int offset, int length) {
    byte[] bytes = new byte[length];
    file.get(offset, bytes);
    return bytes;
  }
}

package dev.ringzero.images.kernel;

import io.airlift.compress.v3.MalformedInputException;
import io.airlift.compress.v3.lz4.Lz4JavaDecompressor;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/**
 * Unpacks LZ4's legacy frames, which the kernel's build still writes: a magic number, then blocks
 * of up to 8 MiB, each behind its packed length.
 *
 * @spec LZ4 Frame Format, Legacy frame
 */
final class Lz4LegacyInput extends InputStream {
  private static final int MAGIC_BYTES = 4;
  private static final int BLOCK_BYTES = 8 << 20;
  private static final int LONGEST_PACKED_BYTES = BLOCK_BYTES + BLOCK_BYTES / 255 + 16;

  private final InputStream packed;
  private final Lz4JavaDecompressor decompressor = new Lz4JavaDecompressor();
  private final byte[] block = new byte[BLOCK_BYTES];
  private int position;
  private int limit;

  Lz4LegacyInput(InputStream packed) throws IOException {
    this.packed = packed;
    packed.skipNBytes(MAGIC_BYTES);
  }

  @Override
  public int read() throws IOException {
    return position < limit || nextBlock() ? block[position++] & 0xFF : -1;
  }

  @Override
  public int read(byte[] destination, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (position == limit && !nextBlock()) {
      return -1;
    }
    int count = Math.min(length, limit - position);
    System.arraycopy(block, position, destination, offset, count);
    position += count;
    return count;
  }

  private boolean nextBlock() throws IOException {
    byte[] header = packed.readNBytes(4);
    if (header.length < 4) {
      return false;
    }
    long length = Bytes.read32(header, 0);
    if (length > LONGEST_PACKED_BYTES) {
      throw new IOException("LZ4 block of " + length + " bytes");
    }
    byte[] bytes = packed.readNBytes((int) length);
    if (bytes.length < length) {
      throw new EOFException("LZ4 data ends inside a block");
    }
    try {
      limit = decompressor.decompress(bytes, 0, bytes.length, block, 0, block.length);
      position = 0;
      return limit > 0;
    } catch (MalformedInputException e) {
      throw new IOException("damaged LZ4 block", e);
    }
  }
}

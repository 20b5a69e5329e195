package dev.ringzero.images.ext4;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The content of a directory: entries behind each other, none across the end of a block.
 *
 * <p>Not modelled: hash trees; the kernel makes one when a directory grows.
 *
 * @spec Linux Documentation/filesystems/ext4/directory.rst, Linear (Classic) Directories
 */
final class DirectoryBlocks {
  private static final int HEADER_BYTES = 8;
  private static final int LENGTH = 4; // rec_len
  private static final int NAME_LENGTH = 6; // name_len
  private static final int TYPE = 7; // file_type

  private ByteBuffer out = ByteBuffer.allocate(Layout.BLOCK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private int end;
  private int last;

  void add(String name, int inode, int fileType) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    int length = HEADER_BYTES + bytes.length + 3 & ~3;
    if (end + length > out.capacity()) {
      closeBlock();
      end = out.capacity();
      grow();
    }
    out.putInt(end, inode);
    out.putShort(end + LENGTH, (short) length);
    out.put(end + NAME_LENGTH, (byte) bytes.length);
    out.put(end + TYPE, (byte) fileType);
    out.put(end + HEADER_BYTES, bytes);
    last = end;
    end += length;
  }

  private void grow() {
    byte[] larger = Arrays.copyOf(out.array(), out.capacity() + Layout.BLOCK_BYTES);
    out = ByteBuffer.wrap(larger).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The last entry of a block reaches to its end. */
  private void closeBlock() {
    out.putShort(last + LENGTH, (short) (out.capacity() - last));
  }

  ByteBuffer finish() {
    closeBlock();
    return out.rewind();
  }
}

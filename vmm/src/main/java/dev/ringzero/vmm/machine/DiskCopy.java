package dev.ringzero.vmm.machine;

import dev.ringzero.images.disk.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The content of a disk as a raw file, where zeros take no room. */
final class DiskCopy {
  private static final int STEP_BYTES = 1 << 20;
  private static final int BLOCK_BYTES = 1 << 16;
  private static final ByteBuffer ZEROS = ByteBuffer.allocate(BLOCK_BYTES).asReadOnlyBuffer();

  private final Disk disk;

  DiskCopy(Disk disk) {
    this.disk = disk;
  }

  void writeTo(Path file) throws IOException {
    ByteBuffer step = ByteBuffer.allocateDirect(STEP_BYTES);
    long size = disk.sizeBytes();
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (long at = 0; at < size; at += STEP_BYTES) {
        step.clear().limit((int) Math.min(STEP_BYTES, size - at));
        disk.read(at, step);
        writeBlocks(channel, step.flip(), at);
      }
      if (channel.size() < size) {
        channel.write(ByteBuffer.allocate(1), size - 1);
      }
    }
  }

  private static void writeBlocks(FileChannel channel, ByteBuffer step, long offset)
      throws IOException {
    for (int from = 0; from < step.limit(); from += BLOCK_BYTES) {
      ByteBuffer block = step.slice(from, Math.min(BLOCK_BYTES, step.limit() - from));
      if (!block.equals(ZEROS.slice(0, block.limit()))) {
        for (long at = offset + from; block.hasRemaining(); ) {
          at += channel.write(block, at);
        }
      }
    }
  }
}

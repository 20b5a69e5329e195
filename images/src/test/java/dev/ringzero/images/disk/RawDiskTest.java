package dev.ringzero.images.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RawDiskTest {
  private static final int SIZE = 8 << 20;

  @TempDir Path directory;

  /** Pieces of unequal length, more than a call of the host takes. */
  private static ByteBuffer[] pieces(byte[] bytes) {
    ByteBuffer[] pieces = new ByteBuffer[1500];
    int at = 0;
    for (int i = 0; i < pieces.length; i++) {
      int length = i == pieces.length - 1 ? bytes.length - at : 512 * (1 + i % 5);
      pieces[i] = ByteBuffer.allocateDirect(length).put(bytes, at, length).flip();
      at += length;
    }
    return pieces;
  }

  private static byte[] joined(ByteBuffer[] pieces) {
    int length = 0;
    for (ByteBuffer piece : pieces) {
      length += piece.flip().remaining();
    }
    ByteBuffer all = ByteBuffer.allocate(length);
    for (ByteBuffer piece : pieces) {
      all.put(piece);
    }
    return all.array();
  }

  @Test
  void manyBuffersAreWrittenAndReadInOrder() throws IOException {
    Path path = directory.resolve("disk.img");
    DiskImages.create(path, DiskFormat.RAW, SIZE);
    byte[] bytes = new byte[4 << 20];
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(3);
    random.nextBytes(bytes);
    try (Disk disk = DiskImages.open(path, false, Optional.empty())) {
      disk.write(4096, pieces(bytes));
      ByteBuffer[] read = pieces(new byte[bytes.length]);
      disk.read(4096, read);
      assertThat(joined(read)).isEqualTo(bytes);
      disk.read(0, new ByteBuffer[0]);
    }
    assertThat(Files.size(path)).isEqualTo(SIZE);
  }

  @Test
  void behindTheEndOfTheFileThereAreZeros() throws IOException {
    Path path = Files.write(directory.resolve("short.img"), new byte[] {1, 2, 3});
    try (DiskFile file = DiskFile.open(path, true)) {
      ByteBuffer[] pieces = pieces(new byte[4 << 20]);
      file.read(0, pieces);
      byte[] read = joined(pieces);
      assertThat(read).startsWith(1, 2, 3, 0);
      assertThat(read[read.length - 1]).isZero();
    }
  }
}

package dev.ringzero.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.memory.RamImage.Piece;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RamImageTest {
  private static final long RAM_BYTES = 64L << 20;
  private static final long FAR = 50L << 20;

  @TempDir Path directory;

  private RamImage imageOf(FrameMemory memory) throws IOException {
    Path file = Files.createTempFile(directory, "ram", "");
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      return RamImage.write(memory, channel, file);
    }
  }

  private RamImage image() throws IOException {
    try (FrameMemory memory = FrameMemory.ofPc(RAM_BYTES)) {
      memory.write64(0x1000, 0x1122_3344_5566_7788L);
      memory.write64(0xC_0000, 7);
      memory.write64(FAR, 42);
      memory.write64(30L << 20, 0); // a frame of zeros
      return imageOf(memory);
    }
  }

  @Test
  void onlyPagesWithContentAreStored() throws IOException {
    RamImage image = image();
    assertThat(image.pieces()).extracting(Piece::gpa).containsExactly(0L, FAR);
    assertThat(image.storedBytes()).isEqualTo(3 * 4096);
    assertThat(Files.size(image.file())).isEqualTo(2L * RamImage.PIECE_BYTES);
    image.verify();
  }

  @Test
  void restoredMemoryHoldsTheSameAndIsItsOwn() throws IOException {
    RamImage image = image();
    try (FrameMemory first = FrameMemory.ofPc(RAM_BYTES, image);
        FrameMemory second = FrameMemory.ofPc(RAM_BYTES, image)) {
      first.write64(FAR, 1);
      first.write64(FAR + 4096, 2);
      assertThat(second.read64(0x1000)).isEqualTo(0x1122_3344_5566_7788L);
      assertThat(second.read64(0xC_0000)).isEqualTo(7);
      assertThat(second.read64(FAR)).isEqualTo(42);
      assertThat(second.read64(FAR + 4096)).isZero();
      assertThat(second.read64(30L << 20)).isZero();
      assertThat(first.read64(FAR)).isEqualTo(1);
    }
    image.verify();
  }

  @Test
  void whatARestoredMemoryHeldIsNotSeenByTheNextUserOfItsFrames() throws IOException {
    RamImage image = image();
    long before = FramePool.host().givenFrames();
    FrameMemory.ofPc(RAM_BYTES, image).close();
    assertThat(FramePool.host().givenFrames()).isEqualTo(before);
    try (FrameMemory memory = FrameMemory.ofPc(RAM_BYTES)) {
      for (long gpa = 0x10_0000; gpa < RAM_BYTES; gpa += 4096) {
        memory.touch(gpa, 7);
        assertThat(memory.read64(gpa)).isZero();
      }
    }
  }

  @Test
  void restoredMemoryCanBeSavedAgain() throws IOException {
    RamImage image = image();
    try (FrameMemory memory = FrameMemory.ofPc(RAM_BYTES, image)) {
      RamImage again = imageOf(memory);
      assertThat(again.pieces()).isEqualTo(image.pieces());
      assertThat(Files.mismatch(again.file(), image.file())).isEqualTo(-1);
    }
  }

  @Test
  void damageIsNoticed() throws IOException {
    RamImage image = image();
    try (FileChannel channel = FileChannel.open(image.file(), StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[] {1}), RamImage.PIECE_BYTES + 100);
    }
    assertThatThrownBy(image::verify)
        .isInstanceOf(RamImage.DamagedException.class)
        .hasMessage("its memory is damaged at 0x3200000");
    try (FileChannel channel = FileChannel.open(image.file(), StandardOpenOption.WRITE)) {
      channel.truncate(RamImage.PIECE_BYTES);
    }
    assertThatThrownBy(image::verify).isInstanceOf(RamImage.DamagedException.class);
    assertThatThrownBy(() -> FrameMemory.ofPc(RAM_BYTES, image))
        .isInstanceOf(RamImage.DamagedException.class);
  }

  @Test
  void piecesOutsideRamAreRefused() throws IOException {
    Path file = Files.write(directory.resolve("pieces"), new byte[2 * RamImage.PIECE_BYTES]);
    for (long gpa : new long[] {-RamImage.PIECE_BYTES, 4096, RAM_BYTES, 0, Long.MIN_VALUE}) {
      List<Piece> pieces = List.of(new Piece(0, new BitSet(), 0), new Piece(gpa, new BitSet(), 0));
      long before = FramePool.host().givenFrames();
      assertThatThrownBy(() -> FrameMemory.ofPc(RAM_BYTES, new RamImage(file, pieces)))
          .isInstanceOf(RamImage.DamagedException.class);
      assertThat(FramePool.host().givenFrames()).isEqualTo(before);
    }
  }
}

package dev.ringzero.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.memory.FrameMap.Kind;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FrameMapTest {
  private static final long MIB = 1L << 20;

  private final FrameMemory memory = FrameMemory.ofPc(8 * MIB);

  @AfterEach
  void close() {
    memory.close();
  }

  @Test
  void everyPageIsInOnePieceOfItsKind() {
    memory.write8(2 * MIB, 1);
    memory.read8(4 * MIB);
    memory.write8(0x5000, 1);
    memory.reclaim(2 * MIB + 0x1000);

    FrameMap map = memory.frameMap();

    assertThat(map.pages(Kind.OWN)).isEqualTo(512);
    assertThat(map.pages(Kind.ZERO)).isEqualTo(512);
    assertThat(map.pages(Kind.GIVEN_BACK)).isEqualTo(1);
    long frames = map.pieces().stream().mapToLong(FrameMap.Piece::pages).sum();
    assertThat(frames).isEqualTo(memory.ramBytes() / FramePool.FRAME_BYTES);
    assertThat(map.pieces())
        .allSatisfy(piece ->
            assertThat(piece.mfn() == FramePool.NONE)
                .isEqualTo(piece.kind() == Kind.UNTOUCHED || piece.kind() == Kind.GIVEN_BACK));
  }

  @Test
  void pieceLeadsToTheFramesOfItsPages() {
    memory.write8(2 * MIB, 1);

    FrameMap.Piece piece =
        memory.frameMap().pieces().stream().filter(FrameMap.Piece::large).findFirst().orElseThrow();

    assertThat(piece.gpa()).isEqualTo(2 * MIB);
    assertThat(piece.pages()).isEqualTo(512);
    assertThat(piece.mfn() << FramePool.FRAME_SHIFT).isEqualTo(memory.table().hpa(2 * MIB));
  }

  @Test
  void sharedFramesAreSharedOnBothSides() {
    memory.write8(2 * MIB, 1);
    try (FrameMemory other = FrameMemory.ofPc(8 * MIB)) {
      memory.shareInto(other);

      assertThat(memory.frameMap().pages(Kind.SHARED)).isEqualTo(512);
      assertThat(other.frameMap().pages(Kind.SHARED)).isEqualTo(512);
    }
  }
}

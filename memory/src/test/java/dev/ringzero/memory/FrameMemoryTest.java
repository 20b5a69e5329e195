package dev.ringzero.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.memory.GuestMemory.Outcome;
import dev.ringzero.x86.Ept;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FrameMemoryTest {
  private static final long MIB = 1L << 20;

  private final long givenBefore = FramePool.host().givenFrames();
  private FrameMemory memory = FrameMemory.ofPc(16 * MIB);

  @AfterEach
  void framesComeBack() {
    memory.close();
    assertThat(FramePool.host().givenFrames()).isEqualTo(givenBefore);
  }

  private void use(FrameMemory other) {
    memory.close();
    memory = other;
  }

  /** Backs 4 to 10 MiB so that 4 and 6 MiB are not neighbours. */
  private void scatter() {
    FramePool pool = memory.pool();
    long[] runs = {pool.allocateRun(), pool.allocateRun(), pool.allocateRun()};
    Arrays.sort(runs);
    for (int i = 2; i >= 0; i--) {
      pool.free(runs[i], FramePool.RUN_FRAMES);
    }
    memory.touch(4 * MIB, Ept.WRITE);
    memory.touch(8 * MIB, Ept.WRITE);
    memory.touch(6 * MIB, Ept.WRITE);
  }

  @Test
  void contiguousGuestMemoryIsScatteredMachineMemory() {
    scatter();

    assertThat(memory.table().hpa(6 * MIB)).isNotEqualTo(memory.table().hpa(4 * MIB) + 2 * MIB);
    memory.write64(6 * MIB - 4, 0x1122_3344_5566_7788L);
    assertThat(memory.read32(6 * MIB - 4)).isEqualTo(0x5566_7788L);
    assertThat(memory.read32(6 * MIB)).isEqualTo(0x1122_3344L);
  }

  @Test
  void untouchedMemoryHasNoFrames() {
    assertThat(memory.statistics().framesGiven()).isZero();
    assertThat(memory.table().hpa(0x5000)).isEqualTo(-1);
  }

  @Test
  void firstTouchGivesTwoMegabytesWhereAllOfThemAreRam() {
    memory.touch(5 * MIB, Ept.WRITE);
    assertThat(memory.table().mappedSize(5 * MIB)).isEqualTo(EptTable.SIZE_2M);

    memory.touch(0x1000, Ept.WRITE);
    assertThat(memory.table().mappedSize(0x1000)).isEqualTo(EptTable.SIZE_4K);
  }

  @Test
  void vgaWindowAndPciHoleAreNoRam() {
    use(FrameMemory.ofPc(4096 * MIB));

    assertThat(memory.touch(0xA_0000, Ept.READ)).isEqualTo(Outcome.NOT_RAM);
    assertThat(memory.touch(0xC000_0000L, Ept.READ)).isEqualTo(Outcome.NOT_RAM);
    assertThat(memory.touch(0xFFFF_F000L, Ept.READ)).isEqualTo(Outcome.NOT_RAM);
    assertThat(memory.touch(-1, Ept.READ)).isEqualTo(Outcome.NOT_RAM);
    assertThat(memory.touch(0x1_0000_0000L, Ept.READ)).isEqualTo(Outcome.MAPPED);
    assertThat(memory.isRam(0xBFFF_FFF8L, 8)).isTrue();
    assertThat(memory.isRam(0xBFFF_FFF8L, 9)).isFalse();
    assertThat(memory.isRam(0x1000, Long.MAX_VALUE)).isFalse();
  }

  @Test
  void outsideRamReadsAreOnesAndWritesDropped() {
    memory.write32(0xC000_0000L, 0);
    assertThat(memory.read16(0xC000_0000L)).isEqualTo(0xFFFF);
    assertThat(memory.write(16 * MIB - 2, new byte[4])).isFalse();
    assertThat(memory.slices(-8, 16, true)).isNull();
  }

  @Test
  void quotaEndsWithAnOutcome() {
    memory.quotaFrames(513);
    assertThat(memory.touch(4 * MIB, Ept.WRITE)).isEqualTo(Outcome.MAPPED);
    assertThat(memory.touch(8 * MIB, Ept.WRITE)).isEqualTo(Outcome.MAPPED);
    assertThat(memory.touch(10 * MIB, Ept.WRITE)).isEqualTo(Outcome.EXHAUSTED);
    assertThatThrownBy(() -> memory.write8(10 * MIB, 1)).isInstanceOf(OutOfFramesException.class);
  }

  @Test
  void slicesShowScatteredRunsAndWritesToThemMarkDirty() {
    scatter();
    try (Slices slices = memory.slices(6 * MIB - 0x800, 0x1000, true)) {
      assertThat(slices.count()).isEqualTo(2);
      assertThat(slices.hpa(0)).isEqualTo(memory.table().hpa(6 * MIB - 0x800));
      assertThat(slices.lengthBytes(0)).isEqualTo(0x800);
      assertThat(slices.hpa(1)).isEqualTo(memory.table().hpa(6 * MIB));
      assertThat(slices.segment(1).byteSize()).isEqualTo(0x800);
    }
    assertThat(memory.table().leaf(6 * MIB) & Ept.DIRTY).isEqualTo(Ept.DIRTY);
    assertThat(memory.table().leaf(8 * MIB) & Ept.DIRTY).isZero();
  }

  @Test
  void deviceWritesToCodePagesAreTold() {
    memory.write8(0x5000, 0x90);
    long mfn = memory.table().hpa(0x5000) >>> 12;
    long[] told = new long[1];
    memory.codeWatcher((frame, offset, lengthBytes) -> told[0] = frame << 12 | offset);
    memory.protectCode(mfn);

    memory.write(0x4FF0, new byte[0x20]);
    assertThat(told[0]).isEqualTo(mfn << 12);

    memory.write16(0x5123, 1);
    assertThat(told[0]).isEqualTo(mfn << 12 | 0x123);

    memory.unprotectCode(mfn);
    memory.write16(0x5456, 1);
    assertThat(told[0]).isEqualTo(mfn << 12 | 0x123);
  }

  @Test
  void reclaimedPageIsZeroAtItsNextTouch() {
    memory.write64(4 * MIB + 0x3000, 7);
    memory.write64(4 * MIB + 0x4000, 8);

    memory.reclaim(4 * MIB + 0x3000);

    assertThat(memory.statistics().framesGiven()).isEqualTo(511);
    assertThat(memory.read64(4 * MIB + 0x3000)).isZero();
    assertThat(memory.read64(4 * MIB + 0x4000)).isEqualTo(8);
  }

  @Test
  void pageThatTheCallerPinnedIsNotReclaimed() {
    try (Slices slices = memory.slices(4 * MIB, 16, true)) {
      assertThat(memory.reclaim(4 * MIB)).isFalse();
      assertThat(memory.reclaim(4 * MIB + 0x1000)).isTrue();
      assertThat(memory.table().hpa(4 * MIB)).isEqualTo(slices.hpa(0));
    }
    assertThat(memory.reclaim(4 * MIB)).isTrue();
    assertThat(memory.reclaim(4 * MIB)).isFalse();
    assertThat(memory.reclaim(-1)).isFalse();
  }

  @Test
  void statisticsTellTouchedFromGiven() {
    memory.write8(4 * MIB, 1);
    memory.write8(4 * MIB + 0x5000, 1);

    GuestMemory.Statistics statistics = memory.statistics();
    assertThat(statistics.framesGiven()).isEqualTo(512);
    assertThat(statistics.framesTouched()).isEqualTo(2);
    assertThat(statistics.tableFrames()).isEqualTo(3);
  }

  @Test
  void bytesRoundTripAcrossPages() {
    byte[] bytes = new byte[10_000];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (i * 31);
    }
    byte[] back = new byte[bytes.length];

    memory.write(2 * MIB - 5000, bytes);
    memory.read(2 * MIB - 5000, back, 0, back.length);

    assertThat(back).isEqualTo(bytes);
  }

  @Test
  void closedMemoryCannotBeUsedByLateDevices() {
    FrameMemory gone = FrameMemory.ofPc(16 * MIB);
    gone.write8(0x5000, 1);
    gone.close();
    gone.close();

    assertThatThrownBy(() -> gone.write8(0x5000, 1)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> gone.slices(0x5000, 1, false))
        .isInstanceOf(IllegalStateException.class);
    assertThat(gone.touch(0x5000, Ept.READ)).isEqualTo(Outcome.EXHAUSTED);
    assertThat(gone.reclaim(0x5000)).isFalse();
    assertThat(gone.statistics().framesGiven()).isZero();
  }

  @Test
  void spaceWithoutRoomForItsTableIsRefused() {
    FramePool empty = new FramePool(0, 1024);
    empty.limitFrames(0);
    assertThatThrownBy(() -> new FrameMemory(empty, List.of(new RamRange(0, MIB))))
        .isInstanceOf(OutOfFramesException.class);
  }
}

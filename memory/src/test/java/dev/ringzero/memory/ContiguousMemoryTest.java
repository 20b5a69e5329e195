package dev.ringzero.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.memory.GuestMemory.Outcome;
import dev.ringzero.x86.Ept;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ContiguousMemoryTest {
  private static final long MIB = 1L << 20;

  private final long givenBefore = FramePool.host().givenFrames();
  private ContiguousMemory memory = ContiguousMemory.ofPc(16 * MIB);

  @AfterEach
  void framesComeBack() {
    memory.close();
    assertThat(FramePool.host().givenFrames()).isEqualTo(givenBefore);
  }

  @Test
  void neighbouringGuestMemoryIsNeighbouringMachineMemory() {
    assertThat(memory.hpa(12 * MIB)).isEqualTo(memory.hpa(4 * MIB) + 8 * MIB);
    memory.write64(6 * MIB - 4, 0x1122_3344_5566_7788L);
    assertThat(memory.read32(6 * MIB - 4)).isEqualTo(0x5566_7788L);
    assertThat(MachineMemory.read32(memory.hpa(6 * MIB))).isEqualTo(0x1122_3344L);
  }

  @Test
  void largePagesOfTheGuestAreLargePagesOfTheHost() {
    List<RamRange> ranges =
        List.of(new RamRange(0, 0xA_0000), new RamRange(0x1_0010_0000L, 4 * MIB));
    try (ContiguousMemory odd = new ContiguousMemory(FramePool.host(), ranges)) {
      assertThat(odd.hpa(0) % (2 * MIB)).isZero();
      assertThat(odd.hpa(0x1_0020_0000L) % (2 * MIB)).isZero();
      assertThat(odd.hpa(0x1_0010_0000L)).isGreaterThanOrEqualTo(odd.hpa(0) + 0xA_0000);
    }
  }

  @Test
  void holesAnswerAllOnes() {
    memory.write32(0xA_0000, 1);
    assertThat(memory.read32(0xA_0000)).isEqualTo(0xFFFF_FFFFL);
    assertThat(memory.slices(0x9_F000, 0x2000, true)).isNull();
    assertThat(memory.touch(0xA_0000, Ept.READ)).isEqualTo(Outcome.NOT_RAM);
    assertThat(memory.touch(0x9_F000, Ept.READ)).isEqualTo(Outcome.MAPPED);
    assertThatThrownBy(() -> memory.hpa(16 * MIB)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void aRangeIsOneSlice() {
    try (Slices slices = memory.slices(4 * MIB + 5, 8 * MIB, true)) {
      assertThat(slices.count()).isEqualTo(1);
      slices.segment(0).fill((byte) 7);
    }
    assertThat(memory.read64(12 * MIB)).isEqualTo(0x07_0707_0707L);
  }

  @Test
  void reclaimedPageIsZeroAndPinnedPageStays() {
    memory.write64(0x5000, 1);
    try (Slices pinned = memory.slices(0x5000, 8, false)) {
      assertThat(memory.reclaim(0x5000)).isFalse();
      assertThat(pinned.count()).isEqualTo(1);
    }
    assertThat(memory.reclaim(0x5008)).isTrue();
    assertThat(memory.read64(0x5000)).isZero();
    assertThat(memory.reclaim(0xA_0000)).isFalse();
  }

  @Test
  void memoryCostsWhatWasTouched() {
    long before = memory.statistics().framesGiven();
    memory.write8(8 * MIB, 1);
    assertThat(memory.statistics().framesGiven()).isGreaterThan(before);
    assertThat(memory.statistics().ramBytes()).isEqualTo(16 * MIB - 0x2_0000);
  }

  @Test
  void memoryThatWasGivenBackComesAgainAsZeros() {
    memory.fill(MIB, 15 * MIB, 0x55);
    memory.close();
    assertThatThrownBy(() -> memory.read8(0)).isInstanceOf(IllegalStateException.class);
    memory = ContiguousMemory.ofPc(16 * MIB);
    for (long gpa = MIB; gpa < 16 * MIB; gpa += 4096) {
      assertThat(memory.read64(gpa)).isZero();
    }
  }

  @Test
  void writtenPagesAreToldOnce() {
    memory.logWrites(true);
    memory.write32(0x9_FFF0, 1);
    memory.write64(0x10_0FFC, 1);
    try (Slices slices = memory.slices(8 * MIB + 0x800, 0x1000, true)) {
      assertThat(written()).containsExactly(0x9_F000L, 0x10_0000L, 0x10_1000L);
      slices.segment(0).fill((byte) 1);
    }
    assertThat(written()).containsExactly(8 * MIB, 8 * MIB + 0x1000);
    assertThat(written()).isEmpty();
  }

  private List<Long> written() {
    List<Long> pages = new ArrayList<>();
    memory.forEachWritten(pages::add);
    return pages;
  }

  @Test
  void moreThanThePoolHasIsRefused() {
    FramePool small = new FramePool(0, 4 * FramePool.RUN_FRAMES);
    List<RamRange> ram = List.of(new RamRange(0, 64 * MIB));
    assertThatThrownBy(() -> new ContiguousMemory(small, ram))
        .isInstanceOf(OutOfFramesException.class);
  }
}

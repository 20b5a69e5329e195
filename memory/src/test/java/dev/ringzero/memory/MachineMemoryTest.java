package dev.ringzero.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MachineMemoryTest {
  private static final long PATTERN = 0x8877_6655_4433_2211L;

  private final long mfn = FramePool.host().allocate();
  private final long hpa = mfn << FramePool.FRAME_SHIFT;

  @AfterEach
  void free() {
    FramePool.host().free(mfn);
  }

  @Test
  void valuesOfEveryWidthRoundTripAtEveryOffset() {
    for (int size = 1; size <= 8; size *= 2) {
      long value = PATTERN & -1L >>> 64 - 8 * size;
      for (long at = hpa; at < hpa + 16; at++) {
        MachineMemory.write64(at + size, 0);
        MachineMemory.write(at, size, PATTERN);
        assertThat(MachineMemory.read(at, size)).isEqualTo(value);
        assertThat(MachineMemory.read8(at + size)).isZero();
      }
    }
  }

  @Test
  void accessesOutsideThePoolAreRefused() {
    long size = MachineMemory.sizeBytes();
    long[] bad = {-8, size - 7, size, Long.MIN_VALUE, Long.MAX_VALUE};
    for (long address : bad) {
      assertThatThrownBy(() -> MachineMemory.read64(address))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> MachineMemory.write64(address, 1))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> MachineMemory.fill(address, 16, 1))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(
              () -> MachineMemory.compareAndExchange128(address, new long[4], MemorySegment.NULL))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @Test
  void compareAndExchangeWithinEightBytesLeavesTheOthers() {
    MachineMemory.write64(hpa, PATTERN);
    assertThat(MachineMemory.compareAndExchangeWithin64(hpa + 3, 2, 0x5544, 0xABCD))
        .isEqualTo(0x5544);
    assertThat(MachineMemory.read64(hpa)).isEqualTo(0x8877_66AB_CD33_2211L);
    assertThat(MachineMemory.compareAndExchangeWithin64(hpa + 3, 2, 0x5544, 0)).isEqualTo(0xABCD);
  }

  @Test
  void sixteenBytesAreComparedAndExchangedByTheHost() {
    assumeTrue(MachineMemory.hasCompareAndExchange128());
    MachineMemory.write64(hpa + 16, 1);
    MachineMemory.write64(hpa + 24, 2);
    MemorySegment found = Arena.ofAuto().allocate(16);

    assertThat(MachineMemory.compareAndExchange128(hpa + 16, new long[] {1, 3, 5, 6}, found))
        .isFalse();
    assertThat(found.get(ValueLayout.JAVA_LONG, 0)).isEqualTo(1);
    assertThat(found.get(ValueLayout.JAVA_LONG, 8)).isEqualTo(2);
    assertThat(MachineMemory.compareAndExchange128(hpa + 16, new long[] {1, 2, 5, 6}, found))
        .isTrue();
    assertThat(MachineMemory.read64(hpa + 16)).isEqualTo(5);
    assertThat(MachineMemory.read64(hpa + 24)).isEqualTo(6);
  }
}

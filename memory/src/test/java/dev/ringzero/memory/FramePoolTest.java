package dev.ringzero.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FramePoolTest {
  private static final int RUN = FramePool.RUN_FRAMES;

  /** Behind what the host's own pool of this JVM gives out from its start. */
  private final FramePool pool =
      new FramePool((MachineMemory.sizeBytes() >>> 12) - 4 * RUN, 4 * RUN);

  @Test
  void framesAreHandedOutOnce() {
    Set<Long> seen = new HashSet<>();
    for (int i = 0; i < 3 * RUN; i++) {
      assertThat(seen.add(pool.allocate())).isTrue();
    }
    assertThat(pool.givenFrames()).isEqualTo(3 * RUN);
  }

  @Test
  void runsAreAlignedAndWhole() {
    pool.allocate();
    long run = pool.allocateRun();

    assertThat(run % RUN).isZero();
    for (int i = 0; i < RUN; i++) {
      assertThat(pool.allocate() / RUN).isNotEqualTo(run / RUN);
    }
  }

  @Test
  void framesAreZeroWhenHandedOutAgain() {
    long mfn = pool.allocate();
    MachineMemory.write64(mfn << 12 | 0x120, -1);
    pool.free(mfn);

    assertThat(pool.allocate()).isEqualTo(mfn);
    assertThat(MachineMemory.read64(mfn << 12 | 0x120)).isZero();
  }

  @Test
  void runsAreZeroWhenHandedOutAgain() {
    long run = pool.allocateRun();
    MachineMemory.write64((run + 511) << 12, -1);
    pool.free(run, RUN);

    assertThat(pool.allocateRun()).isEqualTo(run);
    assertThat(MachineMemory.read64((run + 511) << 12)).isZero();
  }

  @Test
  void framesOfARunComeBackOneByOneToMakeARunAgain() {
    long run = pool.allocateRun();
    for (int i = RUN - 1; i >= 0; i--) {
      pool.free(run + i);
    }
    assertThat(pool.allocateRun()).isEqualTo(run);
  }

  @Test
  void exhaustedPoolGivesNone() {
    for (int i = 0; i < 4; i++) {
      assertThat(pool.allocateRun()).isNotEqualTo(FramePool.NONE);
    }
    assertThat(pool.allocate()).isEqualTo(FramePool.NONE);
    assertThat(pool.allocateRun()).isEqualTo(FramePool.NONE);
  }

  @Test
  void limitIsKept() {
    pool.limitFrames(RUN + 1);
    assertThat(pool.allocateRun()).isNotEqualTo(FramePool.NONE);
    assertThat(pool.allocateRun()).isEqualTo(FramePool.NONE);
    assertThat(pool.allocate()).isNotEqualTo(FramePool.NONE);
    assertThat(pool.allocate()).isEqualTo(FramePool.NONE);
  }

  @Test
  void frameCannotBeFreedTwice() {
    long mfn = pool.allocate();
    pool.free(mfn);
    assertThatThrownBy(() -> pool.free(mfn)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void flagsBelongToOneFrameAndEndWithIt() {
    long mfn = pool.allocate();
    long other = pool.allocate();
    pool.setFlags(mfn, FramePool.CODE);

    assertThat(pool.flags(mfn)).isEqualTo(FramePool.CODE);
    assertThat(pool.flags(other)).isZero();
    pool.free(mfn);
    assertThat(pool.flags(mfn)).isZero();
  }

  @Test
  void frameZeroIsNeverHandedOut() {
    FramePool first = new FramePool(0, 2 * RUN);
    assertThat(first.allocateRun()).isEqualTo(RUN);
    assertThat(first.allocate()).isEqualTo(FramePool.NONE);
  }
}

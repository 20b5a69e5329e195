package dev.ringzero.cpu.translator;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WritableFramesTest {
  private static final int MANY = 1 << 15;

  private final WritableFrames frames = new WritableFrames();

  @Test
  void framesAreKnownByTheOnlyTagUnderWhichTheyMayBeWritten() {
    for (int mfn = 0; mfn < MANY; mfn++) {
      frames.add(mfn, tag(mfn));
    }
    for (int mfn = 0; mfn < MANY; mfn++) {
      assertThat(frames.tag(mfn)).isIn(tag(mfn), WritableFrames.SEVERAL);
    }
    assertThat(frames.tag(MANY - 1)).isEqualTo(tag(MANY - 1));
    assertThat(frames.tag(MANY)).isEqualTo(WritableFrames.NONE);
  }

  private static long tag(long mfn) {
    return mfn + 1 << 12;
  }

  @Test
  void frameThatHasThePlaceOfAnotherIsNamedUntilItIsForgotten() {
    long other = 7 + (1 << 20);
    frames.add(7, 1);
    assertThat(frames.inTheWayOf(7)).isNegative();
    assertThat(frames.inTheWayOf(other)).isEqualTo(7);
    frames.forget(7);
    assertThat(frames.inTheWayOf(other)).isNegative();
    frames.add(other, 2);
    assertThat(frames.tag(other)).isEqualTo(2);
  }

  @Test
  void whatIsNotKnownOfTwoFramesIsNotKnownAfterItGrew() {
    frames.add(5, 1);
    frames.add(5 + (1 << 20), 2);
    for (int mfn = 1 << 10; mfn < 1 << 13; mfn++) {
      frames.add(mfn, tag(mfn));
    }
    assertThat(frames.tag(5)).isEqualTo(WritableFrames.SEVERAL);
    assertThat(frames.tag(5 + (1 << 20))).isEqualTo(WritableFrames.SEVERAL);
  }

  @Test
  void secondTagOfAFrameMeansThatAllHaveToBeSearched() {
    frames.add(9, 1);
    frames.add(9, 2);
    assertThat(frames.tag(9)).isEqualTo(WritableFrames.SEVERAL);
    frames.forget(9);
    assertThat(frames.tag(9)).isEqualTo(WritableFrames.NONE);
  }
}

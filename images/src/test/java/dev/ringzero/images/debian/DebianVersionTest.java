package dev.ringzero.images.debian;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DebianVersionTest {
  @ParameterizedTest
  @CsvSource({
    "1.0, 1.0",
    "1.0, 1.00",
    "0:1.0, 1.0",
    "1.0-0, 1.0",
  })
  void sameVersionsAreEqual(String a, String b) {
    assertThat(DebianVersion.compare(a, b)).isZero();
    assertThat(DebianVersion.compare(b, a)).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "1.2, 1.10",
    "1.0~rc1, 1.0",
    "1.0~~, 1.0~",
    "1.0, 1.0a",
    "1.0a, 1.0+",
    "1.0-1, 1.0-1+b1",
    "2.36-9+deb12u9, 2.36-9+deb12u14",
    "9.9, 1:0.1",
    "1.0-1, 1.0-1.1",
    "20200120-3, 20200120-3.1",
    "1.0-2, 1.0.1-1",
    "99999999999999999998, 99999999999999999999",
  })
  void olderVersionsComeBeforeNewerOnes(String older, String newer) {
    assertThat(DebianVersion.compare(older, newer)).isNegative();
    assertThat(DebianVersion.compare(newer, older)).isPositive();
  }
}

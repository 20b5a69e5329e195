package dev.ringzero.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Flags;
import dev.ringzero.x86.Rflags;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Intel SDM Vol. 1, "SSE4.2 String and Text Instructions". */
class StringCompareTest {
  private static void text(VectorFixture f, int register, String text) {
    byte[] bytes = Arrays.copyOf(text.getBytes(StandardCharsets.ISO_8859_1), 16);
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    f.cpu.vector[4 * register] = buffer.getLong(0);
    f.cpu.vector[4 * register + 1] = buffer.getLong(8);
  }

  private static long index(String first, String second, String immediate) {
    try (VectorFixture f = new VectorFixture()) {
      text(f, 0, first);
      text(f, 1, second);
      f.run("66 0f 3a 63 c1 " + immediate);
      return f.cpu.gpr[Cpu.RCX];
    }
  }

  @Test
  void equalAnyFindsTheFirstByteOfASet() {
    assertThat(index("aeiou", "rhythm and", "00")).isEqualTo(7);
    assertThat(index("aeiou", "rhythm", "00")).isEqualTo(16);
  }

  @Test
  void rangesFindTheFirstByteWithinOrWithout() {
    assertThat(index("09AZ", "abcD5", "04")).isEqualTo(3);
    assertThat(index("az", "abcD5", "14")).isEqualTo(3);
  }

  @Test
  void equalEachFindsTheFirstDifference() {
    assertThat(index("kernel", "kernal", "18")).isEqualTo(4);
    assertThat(index("same", "same", "18")).isEqualTo(16);
  }

  @Test
  void equalOrderedFindsASubstring() {
    assertThat(index("nee", "a needle", "0c")).isEqualTo(2);
    assertThat(index("needle", "sixteen bytes ne", "0c")).isEqualTo(14);
  }

  @Test
  void theHighestIndexIsFoundIfAsked() {
    assertThat(index("l", "hello world", "40")).isEqualTo(9);
  }

  @Test
  void flagsTellEndsOfStringsAndMatches() {
    try (VectorFixture f = new VectorFixture()) {
      text(f, 0, "x");
      text(f, 1, "xyz");
      f.run("66 0f 3a 63 c1 00");
      assertThat(Flags.status(f.cpu)).isEqualTo(Rflags.CF | Rflags.ZF | Rflags.SF | Rflags.OF);
      text(f, 1, "sixteen letters!");
      f.run("66 0f 3a 63 c1 00");
      assertThat(Flags.status(f.cpu)).isEqualTo(Rflags.CF | Rflags.SF);
    }
  }

  @Test
  void explicitLengthsMayBeNegativeOrTooLong() {
    try (VectorFixture f = new VectorFixture()) {
      text(f, 0, "abcd");
      text(f, 1, "dcba");
      f.cpu.gpr[Cpu.RAX] = -1;
      f.cpu.gpr[Cpu.RDX] = 1L << 31;
      f.run("66 0f 3a 61 c1 00");
      assertThat(f.cpu.gpr[Cpu.RCX]).isEqualTo(3);
      assertThat(Flags.status(f.cpu) & Rflags.ZF).isZero();
    }
  }

  @Test
  void masksAreOfBitsOrOfWholeElements() {
    try (VectorFixture f = new VectorFixture()) {
      text(f, 1, "a");
      text(f, 2, "abca");
      f.run("66 0f 3a 62 ca 00");
      assertThat(f.xmm(0)).isEqualTo("0".repeat(31) + "9");
      f.run("66 0f 3a 62 ca 40");
      assertThat(f.xmm(0)).isEqualTo("0".repeat(24) + "ff0000ff");
    }
  }
}

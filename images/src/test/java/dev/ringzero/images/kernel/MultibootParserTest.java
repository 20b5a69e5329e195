package dev.ringzero.images.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.images.kernel.ElfKernel.LoadSegment;
import dev.ringzero.testkit.FakeMultiboot;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class MultibootParserTest {
  private static final int GPA = FakeMultiboot.LOAD_GPA;

  @Test
  void addressesInTheHeaderSayWhatIsLoaded() {
    MultibootKernel kernel =
        MultibootParser.parse(FakeMultiboot.version1(new byte[100])).orElseThrow();

    assertThat(kernel.version()).isEqualTo(1);
    assertThat(kernel.segments()).containsExactly(new LoadSegment(GPA, 0, 132, 0x1_0000));
    assertThat(kernel.entryGpa()).isEqualTo(GPA + 32);
    assertThat(kernel.endGpa()).isEqualTo(GPA + 0x1_0000);
  }

  @Test
  void tagsOfTheSecondVersionSayTheSame() {
    MultibootKernel kernel =
        MultibootParser.parse(FakeMultiboot.version2(new byte[100])).orElseThrow();

    assertThat(kernel.version()).isEqualTo(2);
    assertThat(kernel.segments()).containsExactly(new LoadSegment(GPA, 0, 164, 0x1_0000));
    assertThat(kernel.entryGpa()).isEqualTo(GPA + 64);
  }

  @Test
  void a32BitElfFileIsLoadedByItsSegments() {
    byte[] file = new byte[512];
    ByteBuffer elf = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    elf.putInt(0, 0x464C_457F).put(4, (byte) 1).put(5, (byte) 1).putShort(18, (short) 3);
    elf.putInt(24, 0xC000_1010).putInt(28, 64).putShort(42, (short) 32).putShort(44, (short) 1);
    elf.putInt(64, 1).putInt(68, 256).putInt(72, 0xC000_1000).putInt(76, 0x10_0000);
    elf.putInt(80, 100).putInt(84, 4096);
    elf.putInt(128, FakeMultiboot.MAGIC_1).putInt(132, 3).putInt(136, -FakeMultiboot.MAGIC_1 - 3);

    MultibootKernel kernel = MultibootParser.parse(file).orElseThrow();

    assertThat(kernel.segments()).containsExactly(new LoadSegment(0x10_0000, 256, 100, 4096));
    assertThat(kernel.entryGpa()).as("by its physical address").isEqualTo(0x10_0010);
    assertThat(kernel.alignsModules()).isTrue();
  }

  @Test
  void aFileWithoutAHeaderIsNone() {
    byte[] wrongSum = FakeMultiboot.version1(new byte[0]);
    wrongSum[8]++;

    assertThat(MultibootParser.parse(wrongSum)).isEmpty();
    assertThat(MultibootParser.parse(new byte[3])).isEmpty();
  }

  @Test
  void requirementsThatNobodyKnowsAreRefused() {
    assertThatThrownBy(() -> MultibootParser.parse(FakeMultiboot.version1(1 << 15, new byte[8])))
        .isInstanceOf(MalformedKernelException.class)
        .hasMessageContaining("asks for more than is known");
  }

  @Test
  void everyCutOfAFileIsAKernelOrAComplaint() {
    byte[] one = FakeMultiboot.version1(new byte[8]);
    byte[] two = FakeMultiboot.version2(new byte[8]);
    for (byte[] whole : new byte[][] {one, two}) {
      for (int length = 0; length < whole.length; length++) {
        byte[] cut = Arrays.copyOf(whole, length);
        try {
          MultibootParser.parse(cut);
        } catch (MalformedKernelException e) {
          assertThat(e).hasMessageNotContaining("Exception");
        }
      }
    }
  }
}

package dev.ringzero.x86.instruction;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DecoderTest {
  private final Instruction instruction = new Instruction();

  private int decode(int mode, String hex) {
    byte[] code = HexFormat.of().parseHex(hex.replace(" ", ""));
    return new Decoder().decode(code, 0, code.length, mode, instruction);
  }

  @Test
  void rexWidensOperandsAndExtendsRegisters() {
    assertThat(decode(64, "4d 01 d8")).isEqualTo(3);
    assertThat(instruction.form.meaning).isEqualTo("ADD");
    assertThat(instruction.operandSize).isEqualTo(64);
    assertThat(instruction.reg).isEqualTo(11);
    assertThat(instruction.rm).isEqualTo(8);
    assertThat(instruction.hasMemory()).isFalse();
  }

  @Test
  void rexCountsOnlyRightBeforeTheOpcode() {
    assertThat(decode(64, "48 66 01 d8")).isEqualTo(4);
    assertThat(instruction.operandSize).isEqualTo(16);
    assertThat(instruction.rex).isFalse();
  }

  @Test
  void ripRelativeOperandHasRipAsBase() {
    assertThat(decode(64, "48 8b 05 f0 ff ff ff")).isEqualTo(7);
    assertThat(instruction.base).isEqualTo(Instruction.RIP);
    assertThat(instruction.displacement).isEqualTo(-16);
  }

  @Test
  void stackPointerBaseDefaultsToStackSegment() {
    assertThat(decode(64, "4c 8b 64 24 08")).isEqualTo(5);
    assertThat(instruction.base).isEqualTo(4);
    assertThat(instruction.index).isEqualTo(Instruction.NONE);
    assertThat(instruction.segment).isEqualTo(2);
    assertThat(decode(64, "4d 8b 64 24 08")).isEqualTo(5);
    assertThat(instruction.base).isEqualTo(12);
    assertThat(instruction.segment).isEqualTo(3);
  }

  @Test
  void onlyFsAndGsOverrideIn64BitMode() {
    assertThat(decode(64, "65 2e 8b 00")).isEqualTo(4);
    assertThat(instruction.segment).isEqualTo(5);
    assertThat(decode(32, "65 2e 8b 00")).isEqualTo(4);
    assertThat(instruction.segment).isEqualTo(1);
  }

  @Test
  void sixteenBitAddressingHasBaseAndIndex() {
    assertThat(decode(16, "8b 42 fe")).isEqualTo(3);
    assertThat(instruction.base).isEqualTo(5);
    assertThat(instruction.index).isEqualTo(6);
    assertThat(instruction.displacement).isEqualTo(-2);
    assertThat(instruction.segment).isEqualTo(2);
    assertThat(instruction.operandSize).isEqualTo(16);
  }

  @Test
  void signedByteIsExtendedToTheOperandSize() {
    decode(64, "83 c0 ff");
    assertThat(instruction.immediate).isEqualTo(0xFFFF_FFFFL);
    decode(64, "48 83 c0 ff");
    assertThat(instruction.immediate).isEqualTo(-1L);
    decode(64, "66 83 c0 ff");
    assertThat(instruction.immediate).isEqualTo(0xFFFFL);
  }

  @Test
  void nearBranchesIgnoreTheOperandSizePrefixIn64BitMode() {
    assertThat(decode(64, "66 e8 11 22 33 44")).isEqualTo(6);
    assertThat(instruction.operandSize).isEqualTo(64);
    assertThat(instruction.immediate).isEqualTo(0x44332211);
    assertThat(decode(32, "66 e8 11 22")).isEqualTo(4);
  }

  @Test
  void conditionIsTakenFromTheOpcode() {
    assertThat(decode(64, "75 fe")).isEqualTo(2);
    assertThat(instruction.form.meaning).isEqualTo("JCC");
    assertThat(instruction.form.condition).isEqualTo(5);
    assertThat(instruction.immediate).isEqualTo(-2);
  }

  @Test
  void lockNeedsALockableInstructionWithAMemoryDestination() {
    assertThat(decode(64, "f0 0f b1 11")).isEqualTo(4);
    assertThat(instruction.lock).isTrue();
    assertThat(decode(64, "f0 01 d8")).isEqualTo(Decoder.INVALID);
    assertThat(decode(64, "f0 39 18")).isEqualTo(Decoder.INVALID);
  }

  @Test
  void lastRepeatPrefixWinsOver66() {
    assertThat(decode(64, "66 f2 f3 0f 58 c1")).isEqualTo(6);
    assertThat(instruction.form.meaning).isEqualTo("ADDSS");
    assertThat(instruction.rep).isFalse();
  }

  @Test
  void vexForbidsRexAndLegacyPrefixes() {
    assertThat(decode(64, "c5 f5 58 c2")).isEqualTo(4);
    assertThat(instruction.form.meaning).isEqualTo("VADDPD");
    assertThat(instruction.vectorLength).isEqualTo(256);
    assertThat(instruction.vvvv).isEqualTo(1);
    assertThat(decode(64, "66 c5 f5 58 c2")).isEqualTo(Decoder.INVALID);
    assertThat(decode(64, "40 c5 f5 58 c2")).isEqualTo(Decoder.INVALID);
  }

  @Test
  void unusedVexRegisterMustBeAllOnes() {
    assertThat(decode(64, "c5 f8 28 c1")).isEqualTo(4);
    assertThat(decode(64, "c5 f0 28 c1")).isEqualTo(Decoder.INVALID);
  }

  @Test
  void gatherNeedsThreeDifferentRegisters() {
    assertThat(decode(64, "c4 e2 69 92 04 3f")).isEqualTo(6);
    assertThat(decode(64, "c4 e2 79 92 04 3f")).isEqualTo(Decoder.INVALID);
  }

  @Test
  void missingBytesAreToldFromInvalidOnes() {
    assertThat(decode(64, "48 8b 05 00")).isEqualTo(Decoder.NEEDS_MORE);
    assertThat(decode(64, "06")).isEqualTo(Decoder.INVALID);
    assertThat(decode(64, "66".repeat(14) + "90")).isEqualTo(15);
    assertThat(decode(64, "66".repeat(15) + "90")).isEqualTo(Decoder.TOO_LONG);
  }

  @Test
  void everyCutOfAnInstructionNeedsMore() {
    RandomCode random = new RandomCode(new SplittableRandom(7));
    Decoder decoder = new Decoder();
    for (int i = 0; i < 50_000; i++) {
      byte[] code = random.next();
      int mode = 16 << i % 3;
      int length = decoder.decode(code, 0, code.length, mode, instruction);
      for (int available = 0; available < length; available++) {
        assertThat(decoder.decode(code, 0, available, mode, instruction))
            .isEqualTo(Decoder.NEEDS_MORE);
      }
      if (length > 0) {
        assertThat(decoder.decode(code, 0, length, mode, instruction)).isEqualTo(length);
      }
    }
  }
}

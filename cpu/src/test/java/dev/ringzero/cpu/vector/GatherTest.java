package dev.ringzero.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.cpu.Cpu;
import org.junit.jupiter.api.Test;

/** Intel SDM Vol. 2C, "VPGATHERDD/VPGATHERQD", "VMASKMOV"; Vol. 2B, "MASKMOVDQU". */
class GatherTest {
  private static final String VPGATHERDD = "c4 e2 71 90 04 93"; // XMM0, [RBX + 4 * XMM2], XMM1
  private static final String UNMAPPED = "7fffffff";

  @Test
  void onlyElementsWithTheSignOfTheirMaskSetAreGathered() {
    try (VectorFixture f = new VectorFixture()) {
      f.quadword(0, 0x2222_2222_1111_1111L).quadword(8, 0x4444_4444_3333_3333L);
      f.xmm(0, "aaaaaaaabbbbbbbbccccccccdddddddd");
      f.xmm(1, "80000000000000008000000000000000");
      f.xmm(2, "0000000000000001" + "00000003" + UNMAPPED);
      f.run(VPGATHERDD);
      assertThat(f.xmm(0)).isEqualTo("11111111bbbbbbbb44444444dddddddd");
      assertThat(f.xmm(1)).isEqualTo("0".repeat(32));
    }
  }

  @Test
  void afterAFaultTheElementsBeforeItAreDone() {
    try (VectorFixture f = new VectorFixture()) {
      f.quadword(0, 0x2222_2222_1111_1111L);
      f.xmm(0, "aaaaaaaabbbbbbbbccccccccdddddddd");
      f.xmm(1, "80000000800000008000000080000000");
      f.xmm(2, "00000000" + UNMAPPED + "0000000100000000");
      assertThat(f.outcome(VPGATHERDD)).isEqualTo("#PF(4)");
      assertThat(f.xmm(0)).isEqualTo("aaaaaaaabbbbbbbb2222222211111111");
      assertThat(f.xmm(1)).isEqualTo("ffffffffffffffff0000000000000000");
    }
  }

  @Test
  void registersOfAGatherMustDiffer() {
    try (VectorFixture f = new VectorFixture()) {
      assertThat(f.outcome("c4 e2 69 90 04 93")).isEqualTo("#UD");
      assertThat(f.outcome("c4 e2 79 90 04 93")).isEqualTo("#UD");
      assertThat(f.outcome("c4 e2 71 90 14 93")).isEqualTo("#UD");
    }
  }

  @Test
  void maskedLoadsReadZeroWhereTheMaskIsClearAndDoNotFaultThere() {
    try (VectorFixture f = new VectorFixture()) {
      f.quadword(4088, 0x2222_2222_1111_1111L);
      f.cpu.gpr[Cpu.RBX] += 4088;
      f.xmm(1, "00000000000000008000000080000000");
      f.run("c4 e2 71 2c 03");
      assertThat(f.xmm(0)).isEqualTo("00000000000000002222222211111111");
      f.xmm(1, "00000000800000008000000080000000");
      assertThat(f.outcome("c4 e2 71 2c 03")).isEqualTo("#PF(4)");
    }
  }

  @Test
  void maskedStoresThatFaultWriteNothing() {
    try (VectorFixture f = new VectorFixture()) {
      f.cpu.gpr[Cpu.RBX] += 4088;
      f.xmm(0, "44444444333333332222222211111111");
      f.xmm(1, "00000000000000008000000000000000");
      f.run("c4 e2 71 2e 03");
      assertThat(f.quadword(4088)).isEqualTo(0x2222_2222_0000_0000L);
      f.xmm(1, "80000000000000008000000080000000");
      assertThat(f.outcome("c4 e2 71 2e 03")).isEqualTo("#PF(6)");
      assertThat(f.quadword(4088)).isEqualTo(0x2222_2222_0000_0000L);
    }
  }

  @Test
  void maskedBytesGoToTheDestinationIndex() {
    try (VectorFixture f = new VectorFixture()) {
      f.cpu.gpr[Cpu.RDI] = VectorFixture.DATA + 3;
      f.quadword(0, -1).quadword(8, -1).quadword(16, -1);
      f.xmm(0, "0f0e0d0c0b0a09080706050403020100");
      f.xmm(1, "80000000000000000000000000008000");
      f.run("66 0f f7 c1");
      assertThat(f.quadword(0)).isEqualTo(0xFFFF_FF01_FFFF_FFFFL);
      assertThat(f.quadword(16)).isEqualTo(0xFFFF_FFFF_FF0F_FFFFL);
    }
  }
}

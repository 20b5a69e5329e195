package dev.ringzero.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Rflags;
import org.junit.jupiter.api.Test;

/** Intel SDM Vol. 2A, "Exceptions Type of Instructions"; Vol. 1, "XMM and MXCSR". */
class VectorStateTest {
  private static final String PXOR = "66 0f ef c1";
  private static final String VPXOR = "c5 f1 ef c2";

  @Test
  void legacyInstructionsNeedOsfxsrAndNoEmulation() {
    try (VectorFixture f = new VectorFixture()) {
      f.cpu.cr4 &= ~Cr4.OSFXSR;
      assertThat(f.outcome(PXOR)).isEqualTo("#UD");
      assertThat(f.outcome(VPXOR)).isEmpty();
      f.cpu.cr4 |= Cr4.OSFXSR;
      f.cpu.cr0 |= Cr0.EM;
      assertThat(f.outcome(PXOR)).isEqualTo("#UD");
    }
  }

  @Test
  void vexInstructionsNeedTheirStateEnabled() {
    try (VectorFixture f = new VectorFixture()) {
      f.cpu.xcr0 = 3;
      assertThat(f.outcome(VPXOR)).isEqualTo("#UD");
      f.cpu.xcr0 = 7;
      f.cpu.cr4 &= ~Cr4.OSXSAVE;
      assertThat(f.outcome(VPXOR)).isEqualTo("#UD");
    }
  }

  @Test
  void vexInstructionsAreNotThereInVirtual8086Mode() {
    try (VectorFixture f = new VectorFixture()) {
      f.cpu.systemFlags |= Rflags.VM;
      assertThat(f.outcome(VPXOR)).isEqualTo("#UD");
      assertThat(f.outcome(PXOR)).isEmpty();
    }
  }

  @Test
  void afterATaskSwitchTheFirstUseFaultsBeforeItsOperandIsRead() {
    try (VectorFixture f = new VectorFixture()) {
      f.cpu.cr0 |= Cr0.TS;
      f.cpu.gpr[Cpu.RBX] = 1;
      assertThat(f.outcome("66 0f ef 03")).isEqualTo("#NM");
      assertThat(f.outcome("c5 f1 ef 03")).isEqualTo("#NM");
    }
  }

  @Test
  void legacyFormsKeepTheUpperHalfAndVexFormsClearIt() {
    try (VectorFixture f = new VectorFixture()) {
      f.ymm(0, 4, 3, 2, 1).ymm(1, 8, 7, 6, 5).run(PXOR);
      assertThat(f.ymm(0)).startsWith("00000000000000040000000000000003");
      f.ymm(0, 4, 3, 2, 1).run(VPXOR);
      assertThat(f.ymm(0)).startsWith("0".repeat(32));
    }
  }

  @Test
  void legacyMemoryOperandsMustBeAlignedAndVexOnesNeedNot() {
    try (VectorFixture f = new VectorFixture()) {
      f.cpu.gpr[Cpu.RBX]++;
      assertThat(f.outcome("66 0f ef 03")).isEqualTo("#GP(0)");
      assertThat(f.outcome("c5 f1 ef 03")).isEmpty();
      assertThat(f.outcome("f3 0f 6f 03")).isEmpty();
      assertThat(f.outcome("0f 28 03")).isEqualTo("#GP(0)");
      assertThat(f.outcome("c5 fc 28 03")).isEqualTo("#GP(0)");
    }
  }

  @Test
  void misalignmentComesBeforeTheStackSegmentFault() {
    try (VectorFixture f = new VectorFixture()) {
      f.cpu.gpr[Cpu.RSP] = 1L << 62 | 1;
      assertThat(f.outcome("66 0f ef 04 24")).isEqualTo("#GP(0)");
      f.cpu.gpr[Cpu.RSP] = 1L << 62;
      assertThat(f.outcome("66 0f ef 04 24")).isEqualTo("#SS(0)");
    }
  }

  @Test
  void anUnmaskedExceptionLeavesTheDestinationAndTellsMxcsr() {
    try (VectorFixture f = new VectorFixture()) {
      f.doubles(0, 0, 1).doubles(1, 0, 0);
      f.cpu.mxcsr = 0x1F80 & ~0x200; // divide-by-zero unmasked
      assertThat(f.outcome("f2 0f 5e c1")).isEqualTo("#XM");
      assertThat(f.lowDouble(0)).isEqualTo(1);
      assertThat(f.cpu.mxcsr & 0x3F).isEqualTo(4);
      f.cpu.cr4 &= ~Cr4.OSXMMEXCPT;
      assertThat(f.outcome("f2 0f 5e c1")).isEqualTo("#UD");
    }
  }

  @Test
  void anUnmaskedOperandExceptionHidesThoseOfResults() {
    try (VectorFixture f = new VectorFixture()) {
      f.doubles(0, 1, 0x1p-1074).doubles(1, 3, 1);
      f.cpu.mxcsr = 0x1F80 & ~0x100; // denormal unmasked
      assertThat(f.outcome("66 0f 5e c1")).isEqualTo("#XM");
      assertThat(f.cpu.mxcsr & 0x3F).isEqualTo(2);
    }
  }

  @Test
  void reservedBitsOfMxcsrFault() {
    try (VectorFixture f = new VectorFixture()) {
      f.quadword(0, 0x1_0000).quadword(8, 0xFFFF);
      assertThat(f.outcome("0f ae 13")).isEqualTo("#GP(0)");
      assertThat(f.outcome("0f ae 53 08")).isEmpty();
      f.run("0f ae 5b 10");
      assertThat(f.quadword(16)).isEqualTo(0xFFFF);
    }
  }

  @Test
  void zeroUpperClearsOnlyTheUpperHalves() {
    try (VectorFixture f = new VectorFixture()) {
      f.ymm(15, 4, 3, 2, 1).run("c5 f8 77");
      assertThat(f.ymm(15)).isEqualTo("0".repeat(32) + "00000000000000020000000000000001");
      f.run("c5 fc 77");
      assertThat(f.ymm(15)).isEqualTo("0".repeat(64));
    }
  }
}

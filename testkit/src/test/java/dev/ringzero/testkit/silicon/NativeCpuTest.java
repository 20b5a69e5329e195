package dev.ringzero.testkit.silicon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NativeCpuTest {
  private NativeCpu cpu;
  private final ProcessorState state = new ProcessorState();

  @BeforeEach
  void open() {
    NativeCpu.whyNot().ifPresent(reason -> assumeTrue(false, reason));
    cpu = new NativeCpu();
  }

  @AfterEach
  void close() {
    if (cpu != null) {
      cpu.close();
    }
  }

  private void run(String hex) {
    byte[] bytes = HexFormat.ofDelimiter(" ").parseHex(hex);
    cpu.run(bytes, bytes.length, state);
  }

  @Test
  void additionSetsRegisterAndFlags() {
    state.gpr[0] = -1;
    state.gpr[3] = 1;
    run("48 01 D8"); // ADD RAX, RBX
    assertThat(state.gpr[0]).isZero();
    assertThat(state.flags & 0x8D5).isEqualTo(0x55);
    assertThat(state.exception).isEqualTo(-1);
    assertThat(state.rip).isEqualTo(NativeCpu.CODE + 3);
  }

  @Test
  void stackPointerMayPointIntoTheData() {
    state.gpr[4] = NativeCpu.DATA + 16;
    state.gpr[1] = 0x1122_3344_5566_7788L;
    run("51"); // PUSH RCX
    assertThat(state.gpr[4]).isEqualTo(NativeCpu.DATA + 8);
    assertThat(state.memory[8]).isEqualTo((byte) 0x88);
    assertThat(state.memory[15]).isEqualTo((byte) 0x11);
  }

  @Test
  void divideErrorIsAResult() {
    state.gpr[0] = 7;
    state.gpr[4] = 0xBAD;
    run("F7 F1"); // DIV ECX
    assertThat(state.exception).isZero();
    assertThat(state.rip).isEqualTo(NativeCpu.CODE);
    assertThat(state.gpr[0]).isEqualTo(7);
    assertThat(state.gpr[4]).isEqualTo(0xBAD);
  }

  @Test
  void pageFaultTellsItsAddressAndErrorCode() {
    state.gpr[1] = NativeCpu.DATA - 8;
    run("48 89 01"); // MOV [RCX], RAX
    assertThat(state.exception).isEqualTo(14);
    assertThat(state.errorCode & 7).isIn(6L, 7L);
    assertThat(state.faultAddress).isEqualTo(NativeCpu.DATA - 8);
  }

  @Test
  void invalidOpcodeIsAResult() {
    run("0F 0B");
    assertThat(state.exception).isEqualTo(6);
  }

  @Test
  void branchTargetIsToldByRip() {
    run("EB 40");
    assertThat(state.exception).isEqualTo(-1);
    assertThat(state.rip).isEqualTo(NativeCpu.CODE + 0x42);
  }

  @Test
  void unmaskedSimdExceptionLeavesItsStatusFlag() {
    state.mxcsr = 0x1F80 & ~0x200;
    state.vector[0] = Double.doubleToRawLongBits(1.0);
    run("F2 0F 5E C1"); // DIVSD XMM0, XMM1
    assertThat(state.exception).isEqualTo(19);
    assertThat(state.mxcsr & 0x3F).isEqualTo(4);
  }

  @Test
  void vectorAndX87StateGoThrough() {
    state.vector[4 * 15 + 3] = 0x55AA;
    state.significand[0] = 1L << 63;
    state.signExponent[0] = 0x3FFF;
    state.abridgedTag = 1;
    run("D8 C0"); // FADD ST(0), ST(0)
    assertThat(state.signExponent[0]).isEqualTo(0x4000);
    assertThat(state.significand[0]).isEqualTo(1L << 63);
    assertThat(state.vector[4 * 15 + 3]).isEqualTo(0x55AA);
  }

  @Test
  void manyStatesPerSecond() {
    byte[] add = {0x48, 0x01, (byte) 0xD8};
    state.gpr[3] = 3;
    for (int n = 0; n < 10_000; n++) {
      cpu.run(add, add.length, state);
    }
    assertThat(state.gpr[0]).isEqualTo(30_000);
  }
}

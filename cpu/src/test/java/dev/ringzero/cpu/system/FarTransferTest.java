package dev.ringzero.cpu.system;

import static dev.ringzero.cpu.system.SystemFixture.CODE;
import static dev.ringzero.cpu.system.SystemFixture.CODE_16;
import static dev.ringzero.cpu.system.SystemFixture.CODE_32;
import static dev.ringzero.cpu.system.SystemFixture.CODE_64;
import static dev.ringzero.cpu.system.SystemFixture.CONFORMING_32;
import static dev.ringzero.cpu.system.SystemFixture.DATA;
import static dev.ringzero.cpu.system.SystemFixture.DATA_0;
import static dev.ringzero.cpu.system.SystemFixture.GATE;
import static dev.ringzero.cpu.system.SystemFixture.GDT;
import static dev.ringzero.cpu.system.SystemFixture.HANDLER;
import static dev.ringzero.cpu.system.SystemFixture.INNER_STACK;
import static dev.ringzero.cpu.system.SystemFixture.STACK;
import static dev.ringzero.cpu.system.SystemFixture.TSS;
import static dev.ringzero.cpu.system.SystemFixture.USER_CODE_32;
import static dev.ringzero.cpu.system.SystemFixture.USER_CODE_64;
import static dev.ringzero.cpu.system.SystemFixture.USER_DATA;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.cpu.Cpu;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Intel SDM Vol. 2A, "CALL"; "JMP"; Vol. 2B, "RET"; Vol. 3A, "Call Gates". */
class FarTransferTest {
  /** A far jump with a 32-bit offset. */
  private static String jump(int selector, long offset) {
    return "EA" + little(offset, 4) + little(selector, 2);
  }

  private static String call(int selector, long offset) {
    return "9A" + little(offset, 4) + little(selector, 2);
  }

  private static String little(long value, int bytes) {
    StringBuilder hexadecimal = new StringBuilder();
    for (int n = 0; n < bytes; n++) {
      hexadecimal.append(String.format("%02X", value >>> 8 * n & 0xFF));
    }
    return hexadecimal.toString();
  }

  @ParameterizedTest
  @CsvSource({
    "0, #GP(0)", // null
    "3, #GP(0)", // null with a privilege level
    "10, #GP(10)", // data
    "23, #GP(20)", // nonconforming of an outer level
    "1B, #GP(18)", // requested level above the current one
    "A0, #NP(a0)",
    "A8, #GP(a8)", // beyond the table
    "38, #GP(38)", // busy task
    "48, #GP(48)", // local descriptor table
    "80, ''", // conforming
    "68, ''", // 16-bit code
  })
  void jumpChecksItsSegment(String selector, String outcome) {
    try (SystemFixture f = SystemFixture.protectedMode()) {
      assertThat(f.outcome(jump(Integer.parseInt(selector, 16), HANDLER))).isEqualTo(outcome);
      assertThat(f.cpu.rip).isEqualTo(outcome.isEmpty() ? HANDLER : CODE);
    }
  }

  @Test
  void jumpBeyondTheLimitFaultsBeforeTheSegmentIsLoaded() {
    try (SystemFixture f = SystemFixture.protectedMode()) {
      assertThat(f.outcome(jump(CODE_16, 0x1_0000))).isEqualTo("#GP(0)");
      assertThat(f.cpu.selector[Cpu.CS]).isEqualTo(CODE_32);
    }
  }

  @Test
  void jumpSetsTheAccessedBitInMemory() {
    try (SystemFixture f = SystemFixture.protectedMode()) {
      f.entry(CODE_16, SystemFixture.segment(0, 0xFFFF, 0x9A));
      f.execute(jump(CODE_16, HANDLER));
      assertThat(f.read(GDT + CODE_16 + 5, 1)).isEqualTo(0x9B);
    }
  }

  @Test
  void jumpFromProtectedModeWithPagingTo64BitCodeChangesTheMode() {
    try (SystemFixture f = SystemFixture.longMode()) {
      f.user(USER_CODE_32);
      f.execute(jump(USER_CODE_64, HANDLER));
      assertThat(f.cpu.codeSize).isEqualTo(64);
      assertThat(f.cpu.cpl).isEqualTo(3);
    }
  }

  @Test
  void callPushesTheReturnAddressAndFarReturnTakesIt() {
    try (SystemFixture f = SystemFixture.protectedMode()) {
      f.execute(call(CONFORMING_32, HANDLER));
      assertThat(f.read(STACK - 8, 4)).isEqualTo(CODE + 7);
      assertThat(f.read(STACK - 4, 4)).isEqualTo(CODE_32);
      f.execute("CB");
      assertThat(f.cpu.rip).isEqualTo(CODE + 7);
      assertThat(f.cpu.gpr[Cpu.RSP]).isEqualTo(STACK);
    }
  }

  @Test
  void callThroughAGateSwitchesTheStackAndCopiesParameters() {
    try (SystemFixture f = SystemFixture.protectedMode()) {
      f.entry(GATE, SystemFixture.gate(CODE_32, HANDLER, 0xEC) | 2L << 32);
      f.write(TSS + 4, 4, INNER_STACK);
      f.write(TSS + 8, 2, DATA_0);
      f.user(USER_CODE_32);
      f.write(STACK, 4, 0x1111);
      f.write(STACK + 4, 4, 0x2222);
      f.execute(call(GATE, 0));
      assertThat(f.cpu.cpl).isZero();
      assertThat(f.cpu.rip).isEqualTo(HANDLER);
      assertThat(f.cpu.gpr[Cpu.RSP]).isEqualTo(INNER_STACK - 24);
      assertThat(f.read(INNER_STACK - 4, 4)).isEqualTo(USER_DATA);
      assertThat(f.read(INNER_STACK - 8, 4)).isEqualTo(STACK);
      assertThat(f.read(INNER_STACK - 12, 4)).isEqualTo(0x2222);
      assertThat(f.read(INNER_STACK - 16, 4)).isEqualTo(0x1111);
      assertThat(f.read(INNER_STACK - 20, 4)).isEqualTo(USER_CODE_32);
      assertThat(f.read(INNER_STACK - 24, 4)).isEqualTo(CODE + 7);

      f.execute("CA 08 00");
      assertThat(f.cpu.cpl).isEqualTo(3);
      assertThat(f.cpu.rip).isEqualTo(CODE + 7);
      assertThat(f.cpu.gpr[Cpu.RSP]).isEqualTo(STACK + 8);
    }
  }

  @Test
  void gateInLongModePushesEightByteWordsAndLoadsANullStackSegment() {
    try (SystemFixture f = SystemFixture.longMode()) {
      f.entry(GATE, SystemFixture.gate(CODE_64, HANDLER, 0xEC));
      f.write(GDT + GATE + 8, 8, 0);
      f.write(TSS + 4, 8, INNER_STACK);
      f.user(USER_CODE_64);
      f.write(DATA, 4, 0);
      f.write(DATA + 4, 2, GATE);
      f.cpu.gpr[Cpu.RAX] = DATA;
      f.execute("FF 18");
      assertThat(f.cpu.cpl).isZero();
      assertThat(f.cpu.selector[Cpu.SS]).isZero();
      assertThat(f.cpu.gpr[Cpu.RSP]).isEqualTo(INNER_STACK - 32);
      assertThat(f.read(INNER_STACK - 24, 8)).isEqualTo(USER_CODE_64);
    }
  }

  @Test
  void gateOfAnInnerLevelFaults() {
    try (SystemFixture f = SystemFixture.protectedMode()) {
      f.entry(GATE, SystemFixture.gate(CODE_32, HANDLER, 0x8C));
      f.user(USER_CODE_32);
      assertThat(f.outcome(call(GATE, 0))).isEqualTo("#GP(58)");
    }
  }

  @Test
  void badInnerStackIsAnInvalidTaskFault() {
    try (SystemFixture f = SystemFixture.protectedMode()) {
      f.entry(GATE, SystemFixture.gate(CODE_32, HANDLER, 0xEC));
      f.write(TSS + 4, 4, INNER_STACK);
      f.write(TSS + 8, 2, USER_DATA);
      f.user(USER_CODE_32);
      assertThat(f.outcome(call(GATE, 0))).isEqualTo("#TS(28)");
      assertThat(f.cpu.cpl).isEqualTo(3);
    }
  }

  @Test
  void jumpMayNotGoInwardThroughAGate() {
    try (SystemFixture f = SystemFixture.protectedMode()) {
      f.entry(GATE, SystemFixture.gate(CODE_32, HANDLER, 0xEC));
      f.user(USER_CODE_32);
      assertThat(f.outcome(jump(GATE, 0))).isEqualTo("#GP(18)");
    }
  }

  @Test
  void farReturnInLongModeTo32BitUserCode() {
    try (SystemFixture f = SystemFixture.longMode()) {
      f.write(STACK, 8, HANDLER);
      f.write(STACK + 8, 8, USER_CODE_32);
      f.write(STACK + 16, 8, INNER_STACK);
      f.write(STACK + 24, 8, USER_DATA);
      f.execute("48 CB");
      assertThat(f.cpu.codeSize).isEqualTo(32);
      assertThat(f.cpu.gpr[Cpu.RSP]).isEqualTo(INNER_STACK);
    }
  }

  @Test
  void returnToAnInnerLevelFaults() {
    try (SystemFixture f = SystemFixture.protectedMode()) {
      f.user(USER_CODE_32);
      f.write(STACK, 4, HANDLER);
      f.write(STACK + 4, 4, CODE_32);
      assertThat(f.outcome("CB")).isEqualTo("#GP(18)");
    }
  }

  @Test
  void realModeTransfersLoadParagraphs() {
    try (SystemFixture f = SystemFixture.realMode()) {
      f.execute("9A 34 12 00 08");
      assertThat(f.cpu.rip).isEqualTo(0x1234);
      assertThat(f.cpu.segmentBase[Cpu.CS]).isEqualTo(0x8000);
      assertThat(f.read(STACK - 4, 2)).isEqualTo(CODE + 5);
      f.execute("CB");
      assertThat(f.cpu.rip).isEqualTo(CODE + 5);
      assertThat(f.cpu.segmentBase[Cpu.CS]).isZero();
    }
  }
}

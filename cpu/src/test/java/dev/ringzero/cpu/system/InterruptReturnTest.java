package dev.ringzero.cpu.system;

import static dev.ringzero.cpu.system.SystemFixture.CODE_64;
import static dev.ringzero.cpu.system.SystemFixture.DATA_0;
import static dev.ringzero.cpu.system.SystemFixture.HANDLER;
import static dev.ringzero.cpu.system.SystemFixture.INNER_STACK;
import static dev.ringzero.cpu.system.SystemFixture.STACK;
import static dev.ringzero.cpu.system.SystemFixture.USER_CODE_32;
import static dev.ringzero.cpu.system.SystemFixture.USER_CODE_64;
import static dev.ringzero.cpu.system.SystemFixture.USER_DATA;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.x86.Rflags;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Intel SDM Vol. 2A, "IRET/IRETD/IRETQ". */
class InterruptReturnTest {
  private static void frame64(SystemFixture f, long rip, int cs, long flags, long rsp, int ss) {
    long[] words = {rip, cs, flags, rsp, ss};
    for (int n = 0; n < words.length; n++) {
      f.write(STACK + 8L * n, 8, words[n]);
    }
  }

  @Test
  void returnToUser64LoadsStackAndPrivilege() {
    try (SystemFixture f = SystemFixture.longMode()) {
      frame64(f, HANDLER, USER_CODE_64, 0x202, INNER_STACK, USER_DATA);
      f.execute("48 CF");
      assertThat(f.cpu.rip).isEqualTo(HANDLER);
      assertThat(f.cpu.cpl).isEqualTo(3);
      assertThat(f.cpu.codeSize).isEqualTo(64);
      assertThat(f.cpu.gpr[Cpu.RSP]).isEqualTo(INNER_STACK);
      assertThat(f.flag(Rflags.IF)).isTrue();
    }
  }

  @Test
  void returnToCompatibilityModeChangesTheCodeSize() {
    try (SystemFixture f = SystemFixture.longMode()) {
      frame64(f, HANDLER, USER_CODE_32, 0x202, INNER_STACK, USER_DATA);
      f.execute("48 CF");
      assertThat(f.cpu.codeSize).isEqualTo(32);
    }
  }

  @Test
  void returnToUserDropsInnerDataSegments() {
    try (SystemFixture f = SystemFixture.longMode()) {
      frame64(f, HANDLER, USER_CODE_64, 0x202, INNER_STACK, USER_DATA);
      f.execute("48 CF");
      assertThat(f.cpu.selector[Cpu.DS]).isZero();
      assertThat(f.cpu.segmentAccess[Cpu.DS]).isEqualTo(AccessRights.UNUSABLE);
    }
  }

  @Test
  void returnAtTheSameLevelIn64BitModeLoadsTheStackToo() {
    try (SystemFixture f = SystemFixture.longMode()) {
      frame64(f, HANDLER, CODE_64, 0x2, INNER_STACK, 0);
      f.execute("48 CF");
      assertThat(f.cpu.gpr[Cpu.RSP]).isEqualTo(INNER_STACK);
      assertThat(f.cpu.selector[Cpu.SS]).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0, 2B, #GP(0)", // null code
    "10, 2B, #GP(10)", // data as code
    "33, 10, #GP(10)", // stack of the wrong level
    "33, 0, #GP(0)", // null stack for CPL 3
    "A0, 10, #NP(a0)", // code not present
    "A8, 10, #GP(a8)", // beyond the table
  })
  void badSegmentsFaultAndChangeNothing(String cs, String ss, String outcome) {
    try (SystemFixture f = SystemFixture.longMode()) {
      int code = Integer.parseInt(cs, 16);
      frame64(f, HANDLER, code, 0x202, INNER_STACK, Integer.parseInt(ss, 16));
      assertThat(f.outcome("48 CF")).isEqualTo(outcome);
      assertThat(f.cpu.gpr[Cpu.RSP]).isEqualTo(STACK);
      assertThat(f.cpu.cpl).isZero();
      assertThat(f.flag(Rflags.IF)).isFalse();
    }
  }

  @Test
  void targetThatIsNotCanonicalFaultsAtTheInnerLevel() {
    try (SystemFixture f = SystemFixture.longMode()) {
      frame64(f, 1L << 47, USER_CODE_64, 0x202, INNER_STACK, USER_DATA);
      assertThat(f.outcome("48 CF")).isEqualTo("#GP(0)");
      assertThat(f.cpu.cpl).isZero();
    }
  }

  @Test
  void nestedTaskFlagFaultsInLongMode() {
    try (SystemFixture f = SystemFixture.longMode()) {
      f.cpu.systemFlags |= Rflags.NT;
      assertThat(f.outcome("48 CF")).isEqualTo("#GP(0)");
    }
  }

  @Test
  void userCannotChangePrivilegedFlags() {
    try (SystemFixture f = SystemFixture.longMode()) {
      f.user(USER_CODE_64);
      frame64(f, HANDLER, USER_CODE_64, 0x3202, INNER_STACK, USER_DATA);
      f.execute("48 CF");
      assertThat(f.flag(Rflags.IF)).isFalse();
      assertThat(f.flag(Rflags.IOPL)).isFalse();
    }
  }

  @Test
  void returnInProtectedModeAtTheSameLevelPopsThreeWords() {
    try (SystemFixture f = SystemFixture.protectedMode()) {
      f.write(STACK, 4, HANDLER);
      f.write(STACK + 4, 4, SystemFixture.CODE_32);
      f.write(STACK + 8, 4, 0x202);
      f.execute("CF");
      assertThat(f.cpu.rip).isEqualTo(HANDLER);
      assertThat(f.cpu.gpr[Cpu.RSP]).isEqualTo(STACK + 12);
      assertThat(f.cpu.selector[Cpu.SS]).isEqualTo(DATA_0);
    }
  }

  @Test
  void returnToVirtual8086LoadsAllSegmentsAsParagraphs() {
    try (SystemFixture f = SystemFixture.protectedMode()) {
      long[] words = {0x100, 0x800, Rflags.VM | 0x3202, 0x200, 0x900, 0x10, 0x20, 0x30, 0x40};
      for (int n = 0; n < words.length; n++) {
        f.write(STACK + 4L * n, 4, words[n]);
      }
      f.execute("CF");
      assertThat(f.cpu.cpl).isEqualTo(3);
      assertThat(f.cpu.codeSize).isEqualTo(16);
      assertThat(f.cpu.segmentBase[Cpu.CS]).isEqualTo(0x8000);
      assertThat(f.cpu.segmentBase[Cpu.SS]).isEqualTo(0x9000);
      assertThat(f.cpu.segmentBase[Cpu.ES]).isEqualTo(0x100);
      assertThat(f.cpu.segmentBase[Cpu.GS]).isEqualTo(0x400);
      assertThat(f.cpu.gpr[Cpu.RSP]).isEqualTo(0x200);
    }
  }

  @Test
  void returnInRealModePopsSixteenBitWords() {
    try (SystemFixture f = SystemFixture.realMode()) {
      f.write(STACK, 2, 0x1234);
      f.write(STACK + 2, 2, 0x0800);
      f.write(STACK + 4, 2, 0x0202);
      f.execute("CF");
      assertThat(f.cpu.rip).isEqualTo(0x1234);
      assertThat(f.cpu.segmentBase[Cpu.CS]).isEqualTo(0x8000);
      assertThat(f.cpu.gpr[Cpu.RSP]).isEqualTo(STACK + 6);
      assertThat(f.flag(Rflags.IF)).isTrue();
    }
  }
}

package dev.ringzero.cpu.system;

import static dev.ringzero.cpu.system.SystemFixture.DATA;
import static dev.ringzero.cpu.system.SystemFixture.DATA_0;
import static dev.ringzero.cpu.system.SystemFixture.EXPAND_DOWN;
import static dev.ringzero.cpu.system.SystemFixture.GDT;
import static dev.ringzero.cpu.system.SystemFixture.LDT;
import static dev.ringzero.cpu.system.SystemFixture.LOCAL;
import static dev.ringzero.cpu.system.SystemFixture.STACK;
import static dev.ringzero.cpu.system.SystemFixture.TASK;
import static dev.ringzero.cpu.system.SystemFixture.USER_CODE_32;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.GuestFault;
import dev.ringzero.x86.Rflags;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Intel SDM Vol. 2B, "MOV"; Vol. 3A, "Limit Checking"; "Type Checking". */
class SegmentRegistersTest {
  private static final String MOV_DS_AX = "8E D8";
  private static final String MOV_SS_AX = "8E D0";

  @ParameterizedTest
  @CsvSource({
    "10, 0, ''",
    "0, 0, ''", // null
    "98, 0, #GP(98)", // execute-only code
    "18, 0, ''", // readable code
    "78, 0, #NP(78)",
    "A8, 0, #GP(a8)", // beyond the table
    "38, 0, #GP(38)", // system segment
    "13, 0, #GP(10)", // requested level too low
    "10, 3, #GP(10)",
    "2B, 3, ''",
    "83, 3, ''", // conforming code is open to all
    "C, 0, #GP(c)", // local table not loaded
  })
  void dataSegmentLoadsAreChecked(String selector, int cpl, String outcome) {
    try (SystemFixture f = SystemFixture.protectedMode()) {
      if (cpl == 3) {
        f.user(USER_CODE_32);
      }
      f.cpu.gpr[Cpu.RAX] = Integer.parseInt(selector, 16);
      assertThat(f.outcome(MOV_DS_AX)).isEqualTo(outcome);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "10, ''",
    "0, #GP(0)",
    "11, #GP(10)",
    "2B, #GP(28)",
    "18, #GP(18)",
    "78, #SS(78)",
  })
  void stackSegmentLoadsAreChecked(String selector, String outcome) {
    try (SystemFixture f = SystemFixture.protectedMode()) {
      f.cpu.gpr[Cpu.RAX] = Integer.parseInt(selector, 16);
      assertThat(f.outcome(MOV_SS_AX)).isEqualTo(outcome);
      assertThat(f.cpu.system.stackShadow).isEqualTo(outcome.isEmpty());
    }
  }

  @Test
  void nullStackIsAllowedIn64BitModeBelowUserLevel() {
    try (SystemFixture f = SystemFixture.longMode()) {
      f.cpu.gpr[Cpu.RAX] = 0;
      assertThat(f.outcome(MOV_SS_AX)).isEmpty();
      f.user(SystemFixture.USER_CODE_64);
      f.cpu.gpr[Cpu.RAX] = 3;
      assertThat(f.outcome(MOV_SS_AX)).isEqualTo("#GP(0)");
    }
  }

  @Test
  void codeSegmentCannotBeLoadedByMove() {
    try (SystemFixture f = SystemFixture.protectedMode()) {
      assertThat(f.outcome("8E C8")).isEqualTo("#UD");
    }
  }

  @Test
  void nullSelectorClearsTheBaseOfFs() {
    try (SystemFixture f = SystemFixture.longMode()) {
      f.cpu.segmentBase[Cpu.FS] = 0x1234;
      f.cpu.gpr[Cpu.RAX] = 0;
      f.execute("8E E0");
      assertThat(f.cpu.segmentBase[Cpu.FS]).isZero();
    }
  }

  @Test
  void loadSetsTheAccessedBit() {
    try (SystemFixture f = SystemFixture.protectedMode()) {
      f.entry(DATA_0, SystemFixture.segment(0, 0xF_FFFF, 0xC092));
      f.cpu.gpr[Cpu.RAX] = DATA_0;
      f.execute(MOV_DS_AX);
      assertThat(f.read(GDT + DATA_0 + 5, 1)).isEqualTo(0x93);
    }
  }

  @Test
  void localTableGivesDescriptors() {
    try (SystemFixture f = SystemFixture.protectedMode()) {
      f.cpu.gpr[Cpu.RAX] = LOCAL;
      f.execute("0F 00 D0");
      f.write(LDT + 8, 8, SystemFixture.segment(0x5_0000, 0xFF, 0x93));
      f.cpu.gpr[Cpu.RAX] = 0xC;
      assertThat(f.outcome(MOV_DS_AX)).isEmpty();
      assertThat(f.cpu.segmentBase[Cpu.DS]).isEqualTo(0x5_0000);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "FFF, 1, #GP(0)", // at the limit
    "1000, 4, ''",
    "FFFFFFFC, 4, ''",
    "FFFFFFFD, 4, #GP(0)",
  })
  void expandDownSegmentsEndAtTheTop(String offset, int sizeBytes, String outcome) {
    try (SystemFixture f = SystemFixture.protectedMode()) {
      f.cpu.gpr[Cpu.RAX] = EXPAND_DOWN;
      f.execute(MOV_DS_AX);
      assertThat(linear(f, Cpu.DS, Long.parseLong(offset, 16), sizeBytes, true)).isEqualTo(outcome);
    }
  }

  private static String linear(
      SystemFixture f, int segment, long offset, int sizeBytes, boolean write) {
    try {
      Segmentation.linear(f.cpu, segment, offset, sizeBytes, write);
      return "";
    } catch (GuestFault fault) {
      return (fault.vector == 12 ? "#SS(" : "#GP(") + fault.errorCode + ")";
    }
  }

  @Test
  void codeCannotBeWrittenAndNullCannotBeUsed() {
    try (SystemFixture f = SystemFixture.protectedMode()) {
      assertThat(linear(f, Cpu.CS, 0, 1, false)).isEmpty();
      assertThat(linear(f, Cpu.CS, 0, 1, true)).isEqualTo("#GP(0)");
      SegmentRegisters.setNull(f.cpu, Cpu.ES, 0);
      assertThat(linear(f, Cpu.ES, 0, 1, false)).isEqualTo("#GP(0)");
    }
  }

  @Test
  void realModeChecksLimitsButNotTypes() {
    try (SystemFixture f = SystemFixture.realMode()) {
      assertThat(linear(f, Cpu.CS, 0, 1, true)).isEmpty();
      assertThat(linear(f, Cpu.DS, 0xFFFF, 2, false)).isEqualTo("#GP(0)");
      assertThat(linear(f, Cpu.SS, 0xFFFF, 2, false)).isEqualTo("#SS(0)");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "7FFFFFFFFFFF, 1, ''",
    "7FFFFFFFFFFF, 2, #GP(0)",
    "800000000000, 1, #GP(0)",
    "FFFF7FFFFFFFFFFF, 1, #GP(0)",
    "FFFF800000000000, 8, ''",
  })
  void addressesIn64BitModeMustBeCanonical(String offset, int sizeBytes, String outcome) {
    try (SystemFixture f = SystemFixture.longMode()) {
      long address = Long.parseUnsignedLong(offset, 16);
      assertThat(linear(f, Cpu.DS, address, sizeBytes, false)).isEqualTo(outcome);
      String stack = outcome.isEmpty() ? "" : "#SS(0)";
      assertThat(linear(f, Cpu.SS, address, sizeBytes, false)).isEqualTo(stack);
    }
  }

  @Test
  void segmentBasesCountOnlyForFsAndGsIn64BitMode() {
    try (SystemFixture f = SystemFixture.longMode()) {
      f.cpu.segmentBase[Cpu.DS] = 0x1000;
      f.cpu.segmentBase[Cpu.GS] = 0x1000;
      assertThat(Segmentation.linear(f.cpu, Cpu.DS, 8, 8, true)).isEqualTo(8);
      assertThat(Segmentation.linear(f.cpu, Cpu.GS, 8, 8, true)).isEqualTo(0x1008);
    }
  }

  @Test
  void taskRegisterLoadMarksTheDescriptorBusy() {
    try (SystemFixture f = SystemFixture.longMode()) {
      f.write(GDT + TASK + 5, 1, 0x89);
      f.cpu.gpr[Cpu.RAX] = TASK;
      f.execute("0F 00 D8");
      assertThat(f.read(GDT + TASK + 5, 1)).isEqualTo(0x8B);
      assertThat(f.outcome("0F 00 D8")).isEqualTo("#GP(38)");
    }
  }

  @Test
  void descriptorTableRegistersRoundTripThroughMemory() {
    try (SystemFixture f = SystemFixture.longMode()) {
      f.cpu.gpr[Cpu.RAX] = DATA;
      f.write(DATA, 2, 0x123);
      f.write(DATA + 2, 8, 0xFFFF_8000_0000_1000L);
      f.execute("0F 01 18");
      f.cpu.gpr[Cpu.RAX] = DATA + 0x20;
      f.execute("0F 01 08");
      assertThat(f.read(DATA + 0x20, 2)).isEqualTo(0x123);
      assertThat(f.read(DATA + 0x22, 8)).isEqualTo(0xFFFF_8000_0000_1000L);
      f.write(DATA + 2, 8, 1L << 50);
      f.cpu.gpr[Cpu.RAX] = DATA;
      assertThat(f.outcome("0F 01 10")).isEqualTo("#GP(0)");
    }
  }

  @Test
  void sixteenBitTableLoadTakesTwentyFourBitsOfBase() {
    try (SystemFixture f = SystemFixture.realMode()) {
      f.write(DATA, 2, 0xFF);
      f.write(DATA + 2, 4, 0x1234_5678);
      f.execute("0F 01 16 00 50");
      assertThat(f.cpu.system.gdtrBase).isEqualTo(0x34_5678);
      f.execute("66 0F 01 16 00 50");
      assertThat(f.cpu.system.gdtrBase).isEqualTo(0x1234_5678);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "10, true, C09300, FFFFFFFF",
    "38, true, 8B00, 7FF",
    "58, false, 0, 0", // no descriptor
    "A8, false, 0, 0", // beyond the table
    "0, false, 0, 0",
  })
  void rightsAndLimitsAreShown(String selector, boolean seen, String rights, String limit) {
    try (SystemFixture f = SystemFixture.protectedMode()) {
      f.cpu.gpr[Cpu.RAX] = Integer.parseInt(selector, 16);
      f.execute("0F 02 D8");
      assertThat(f.flag(Rflags.ZF)).isEqualTo(seen);
      f.execute("0F 03 C8");
      assertThat(f.flag(Rflags.ZF)).isEqualTo(seen);
      if (seen) {
        assertThat(f.cpu.gpr[Cpu.RBX] & 0xF0_FF00)
            .isEqualTo(Long.parseLong(rights, 16) & 0xF0_FF00);
        assertThat(f.cpu.gpr[Cpu.RCX]).isEqualTo(Long.parseLong(limit, 16));
      }
    }
  }

  @Test
  void verificationTellsReadableFromWritable() {
    try (SystemFixture f = SystemFixture.protectedMode()) {
      f.cpu.gpr[Cpu.RAX] = SystemFixture.CODE_32;
      f.execute("0F 00 E0");
      assertThat(f.flag(Rflags.ZF)).isTrue();
      f.execute("0F 00 E8");
      assertThat(f.flag(Rflags.ZF)).isFalse();
    }
  }

  @Test
  void requestedLevelIsRaisedToThatOfTheCaller() {
    try (SystemFixture f = SystemFixture.protectedMode()) {
      f.cpu.gpr[Cpu.RAX] = 0x10;
      f.cpu.gpr[Cpu.RBX] = 3;
      f.execute("63 D8");
      assertThat(f.cpu.gpr[Cpu.RAX]).isEqualTo(0x13);
      assertThat(f.flag(Rflags.ZF)).isTrue();
    }
  }

  @Test
  void farPointerLoadsSegmentAndRegister() {
    try (SystemFixture f = SystemFixture.protectedMode()) {
      f.write(DATA, 4, 0x1122_3344);
      f.write(DATA + 4, 2, DATA_0);
      f.cpu.gpr[Cpu.RAX] = DATA;
      f.execute("0F B4 18");
      assertThat(f.cpu.gpr[Cpu.RBX]).isEqualTo(0x1122_3344);
      assertThat(f.cpu.selector[Cpu.FS]).isEqualTo(DATA_0);
    }
  }

  @Test
  void popOfAStackSegmentHoldsInterruptsBack() {
    try (SystemFixture f = SystemFixture.protectedMode()) {
      f.write(STACK, 4, DATA_0);
      f.execute("17");
      assertThat(f.cpu.system.interruptShadow).isTrue();
      assertThat(f.cpu.gpr[Cpu.RSP]).isEqualTo(STACK + 4);
    }
  }
}

package dev.ringzero.cpu.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Efer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Intel SDM Vol. 3A, "Control Registers"; "Initializing IA-32e Mode". */
class ControlRegisterTest {
  private static final String MOV_CR0_RAX = "0F 22 C0";
  private static final String MOV_CR3_RAX = "0F 22 D8";
  private static final String MOV_CR4_RAX = "0F 22 E0";

  @ParameterizedTest
  @ValueSource(
      longs = {
        1L << 32 | 0x8000_0031L, // upper half
        0x8000_0030L, // PG without PE
        0x2000_0011L, // NW without CD
        0x0000_0031L, // paging off in 64-bit mode
      })
  void valuesThatCr0CannotTakeFault(long value) {
    try (SystemFixture f = SystemFixture.longMode()) {
      f.cpu.gpr[Cpu.RAX] = value;
      assertThat(f.outcome(MOV_CR0_RAX)).isEqualTo("#GP(0)");
    }
  }

  @ParameterizedTest
  @ValueSource(
      longs = {
        1L << 32, // upper half
        0x2020, // VMXE, which this processor has not
        0x0000, // PAE off in IA-32e mode
        0x1020, // LA57
        1L << 23 | 0x20, // CET
      })
  void valuesThatCr4CannotTakeFault(long value) {
    try (SystemFixture f = SystemFixture.longMode()) {
      f.cpu.gpr[Cpu.RAX] = value;
      assertThat(f.outcome(MOV_CR4_RAX)).isEqualTo("#GP(0)");
    }
  }

  @Test
  void processContextsNeedAnEmptyPcid() {
    try (SystemFixture f = SystemFixture.longMode()) {
      f.cpu.gpr[Cpu.RAX] = Cr4.PAE | Cr4.PCIDE;
      f.cpu.cr3 |= 0x18;
      assertThat(f.outcome(MOV_CR4_RAX)).isEqualTo("#GP(0)");
      f.cpu.cr3 &= ~0xFFFL;
      assertThat(f.outcome(MOV_CR4_RAX)).isEmpty();
    }
  }

  @Test
  void noFlushBitOfCr3IsNotKept() {
    try (SystemFixture f = SystemFixture.longMode()) {
      f.cpu.cr4 |= Cr4.PCIDE;
      long root = f.cpu.cr3;
      f.cpu.gpr[Cpu.RAX] = 1L << 63 | root | 5;
      assertThat(f.outcome(MOV_CR3_RAX)).isEmpty();
      assertThat(f.cpu.cr3).isEqualTo(root | 5);
    }
  }

  @Test
  void reservedAddressBitsOfCr3Fault() {
    try (SystemFixture f = SystemFixture.longMode()) {
      f.cpu.gpr[Cpu.RAX] = 1L << 46;
      assertThat(f.outcome(MOV_CR3_RAX)).isEqualTo("#GP(0)");
      f.cpu.gpr[Cpu.RAX] = 1L << 63;
      assertThat(f.outcome(MOV_CR3_RAX)).isEqualTo("#GP(0)");
    }
  }

  @Test
  void pagingWithLongModeEnabledActivatesIt() {
    try (SystemFixture f = SystemFixture.longMode()) {
      long root = f.cpu.cr3;
      try (SystemFixture g = SystemFixture.protectedMode()) {
        g.cpu.cr3 = root;
        g.cpu.cr4 = Cr4.PAE;
        g.cpu.efer = Efer.LME;
        g.cpu.gpr[Cpu.RAX] = Cr0.PG | Cr0.PE;
        assertThat(g.outcome(MOV_CR0_RAX)).isEmpty();
        assertThat(g.cpu.efer & Efer.LMA).isNotZero();
        assertThat(g.cpu.codeSize).isEqualTo(32);
        assertThat(g.cpu.cr0 & Cr0.ET).isNotZero();
      }
    }
  }

  @Test
  void longModeNeedsPhysicalAddressExtension() {
    try (SystemFixture f = SystemFixture.protectedMode()) {
      f.cpu.efer = Efer.LME;
      f.cpu.gpr[Cpu.RAX] = Cr0.PG | Cr0.PE;
      assertThat(f.outcome(MOV_CR0_RAX)).isEqualTo("#GP(0)");
    }
  }

  @Test
  void longModeCannotBeSwitchedWhilePagingIsOn() {
    try (SystemFixture f = SystemFixture.longMode()) {
      f.cpu.gpr[Cpu.RCX] = 0xC000_0080L;
      f.cpu.gpr[Cpu.RAX] = Efer.SCE;
      f.cpu.gpr[Cpu.RDX] = 0;
      assertThat(f.outcome("0F 30")).isEqualTo("#GP(0)");
    }
  }

  @Test
  void leavingProtectedModeKeepsDescriptorsUntilSegmentsAreLoaded() {
    try (SystemFixture f = SystemFixture.protectedMode()) {
      f.cpu.gpr[Cpu.RAX] = Cr0.ET;
      assertThat(f.outcome(MOV_CR0_RAX)).isEmpty();
      assertThat(f.cpu.codeSize).isEqualTo(32);
      assertThat(f.cpu.segmentLimit[Cpu.DS]).isEqualTo(0xFFFF_FFFFL);
    }
  }

  @Test
  void taskPriorityGoesToTheInterruptController() {
    try (SystemFixture f = SystemFixture.longMode()) {
      f.cpu.gpr[Cpu.RAX] = 7;
      f.execute("44 0F 22 C0");
      assertThat(f.apic.priority).isEqualTo(7);
      f.cpu.gpr[Cpu.RAX] = 16;
      assertThat(f.outcome("44 0F 22 C0")).isEqualTo("#GP(0)");
      f.execute("44 0F 20 C3");
      assertThat(f.cpu.gpr[Cpu.RBX]).isEqualTo(7);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"0F 20 C8", "0F 22 C8", "0F 20 E8", "0F 22 F8"})
  void controlRegistersThatDoNotExistAreInvalid(String code) {
    try (SystemFixture f = SystemFixture.longMode()) {
      assertThat(f.outcome(code)).isEqualTo("#UD");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0F 20 C0",
        "0F 22 C0",
        "0F 06",
        "0F 01 38",
        "0F 08",
        "0F 09",
        "0F 32",
        "0F 30",
        "F4",
        "0F 21 C0",
        "0F 01 F0",
        "0F 01 10",
        "0F 01 18",
        "0F 01 F8"
      })
  void userMayNotUsePrivilegedInstructions(String code) {
    try (SystemFixture f = SystemFixture.longMode()) {
      f.user(SystemFixture.USER_CODE_64);
      f.cpu.gpr[Cpu.RAX] = SystemFixture.DATA;
      assertThat(f.outcome(code)).isEqualTo("#GP(0)");
    }
  }

  @Test
  void machineStatusWordCannotLeaveProtectedMode() {
    try (SystemFixture f = SystemFixture.protectedMode()) {
      f.cpu.gpr[Cpu.RAX] = 0x8;
      f.execute("0F 01 F0");
      assertThat(f.cpu.cr0 & 0xF).isEqualTo(Cr0.PE | Cr0.TS);
      f.execute("0F 06");
      assertThat(f.cpu.cr0 & Cr0.TS).isZero();
    }
  }

  @Test
  void userModePreventionHidesSystemRegisters() {
    try (SystemFixture f = SystemFixture.longMode()) {
      f.user(SystemFixture.USER_CODE_64);
      f.cpu.gpr[Cpu.RAX] = SystemFixture.DATA;
      assertThat(f.outcome("0F 01 00")).isEmpty();
      f.cpu.cr4 |= Cr4.UMIP;
      for (String code :
          new String[] {"0F 01 00", "0F 01 08", "0F 00 C0", "0F 00 C8", "0F 01 E0"}) {
        assertThat(f.outcome(code)).as(code).isEqualTo("#GP(0)");
      }
    }
  }

  @Test
  void extendedControlRegisterChecksItsBits() {
    try (SystemFixture f = SystemFixture.longMode()) {
      assertThat(f.outcome("0F 01 D1")).isEqualTo("#UD");
      f.cpu.cr4 |= Cr4.OSXSAVE;
      f.cpu.gpr[Cpu.RCX] = 0;
      f.cpu.gpr[Cpu.RDX] = 0;
      for (long bad : new long[] {0, 6, 5, 0xF}) {
        f.cpu.gpr[Cpu.RAX] = bad;
        assertThat(f.outcome("0F 01 D1")).isEqualTo("#GP(0)");
      }
      f.cpu.gpr[Cpu.RAX] = 7;
      f.execute("0F 01 D1");
      assertThat(f.cpu.xcr0).isEqualTo(7);
    }
  }

  @Test
  void invalidationByProcessContextChecksTypeAndDescriptor() {
    try (SystemFixture f = SystemFixture.longMode()) {
      f.cpu.gpr[Cpu.RAX] = SystemFixture.DATA;
      f.write(SystemFixture.DATA, 8, 0);
      f.write(SystemFixture.DATA + 8, 8, 0x1000);
      for (long type = 0; type <= 3; type++) {
        f.cpu.gpr[Cpu.RCX] = type;
        assertThat(f.outcome("66 0F 38 82 08")).isEmpty();
      }
      f.cpu.gpr[Cpu.RCX] = 4;
      assertThat(f.outcome("66 0F 38 82 08")).isEqualTo("#GP(0)");
      f.cpu.gpr[Cpu.RCX] = 1;
      f.write(SystemFixture.DATA, 8, 1);
      assertThat(f.outcome("66 0F 38 82 08")).isEqualTo("#GP(0)");
    }
  }
}

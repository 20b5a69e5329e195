package dev.ringzero.cpu.system;

import static dev.ringzero.cpu.system.SystemFixture.STACK;
import static dev.ringzero.cpu.system.SystemFixture.USER_CODE_64;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Rflags;
import org.junit.jupiter.api.Test;

/** Intel SDM Vol. 2A, "CLI"; Vol. 2B, "POPF"; "PUSHF"; "STI". */
class FlagInstructionsTest {
  @Test
  void interruptsStayHeldBackForOneInstructionAfterSti() {
    try (SystemFixture f = SystemFixture.longMode()) {
      f.execute("FB");
      assertThat(f.flag(Rflags.IF)).isTrue();
      assertThat(f.cpu.system.interruptShadow).isTrue();
      f.cpu.system.endShadow();
      f.execute("FB");
      assertThat(f.cpu.system.interruptShadow).isFalse();
      f.execute("FA");
      assertThat(f.flag(Rflags.IF)).isFalse();
    }
  }

  @Test
  void userNeedsIoPrivilegeForTheInterruptFlag() {
    try (SystemFixture f = SystemFixture.longMode()) {
      f.user(USER_CODE_64);
      assertThat(f.outcome("FA")).isEqualTo("#GP(0)");
      assertThat(f.outcome("FB")).isEqualTo("#GP(0)");
      f.ioPrivilege(3);
      assertThat(f.outcome("FB")).isEmpty();
    }
  }

  @Test
  void protectedModeVirtualInterruptsUseTheVirtualFlag() {
    try (SystemFixture f = SystemFixture.longMode()) {
      f.cpu.cr4 |= Cr4.PVI;
      f.user(USER_CODE_64);
      f.execute("FB");
      assertThat(f.flag(Rflags.VIF)).isTrue();
      assertThat(f.flag(Rflags.IF)).isFalse();
      f.cpu.systemFlags |= Rflags.VIP;
      assertThat(f.outcome("FB")).isEqualTo("#GP(0)");
    }
  }

  @Test
  void popOfFlagsKeepsWhatTheLevelMayNotChange() {
    try (SystemFixture f = SystemFixture.longMode()) {
      f.user(USER_CODE_64);
      f.write(STACK, 8, 0x24_7FFF);
      f.execute("9D");
      assertThat(f.flag(Rflags.IF)).isFalse();
      assertThat(f.flag(Rflags.IOPL)).isFalse();
      assertThat(f.flag(Rflags.ID)).isTrue();
      assertThat(f.flag(Rflags.TF)).isTrue();
      assertThat(f.cpu.gpr[Cpu.RSP]).isEqualTo(STACK + 8);
    }
  }

  @Test
  void pushOfFlagsHidesResumeAndVirtualMode() {
    try (SystemFixture f = SystemFixture.longMode()) {
      f.cpu.systemFlags |= Rflags.RF;
      f.execute("9C");
      assertThat(f.read(STACK - 8, 8)).isEqualTo(Rflags.FIXED);
    }
  }

  @Test
  void accessControlFlagIsForSupervisorsOnly() {
    try (SystemFixture f = SystemFixture.longMode()) {
      f.execute("0F 01 CB");
      assertThat(f.flag(Rflags.AC)).isTrue();
      f.execute("0F 01 CA");
      assertThat(f.flag(Rflags.AC)).isFalse();
      f.user(USER_CODE_64);
      assertThat(f.outcome("0F 01 CB")).isEqualTo("#UD");
    }
  }

  @Test
  void virtual8086ModeWithExtensionsUsesTheVirtualFlag() {
    try (SystemFixture f = SystemFixture.protectedMode()) {
      f.cpu.systemFlags |= Rflags.VM | Rflags.VIF;
      SegmentRegisters.loadParagraph(f.cpu, Cpu.CS, 0);
      SegmentRegisters.loadParagraph(f.cpu, Cpu.SS, 0);
      ControlRegisters.stateReplaced(f.cpu, true);
      Modes.privilege(f.cpu, 3);
      assertThat(f.outcome("9C")).isEqualTo("#GP(0)");
      f.cpu.cr4 |= Cr4.VME;
      f.execute("9C");
      assertThat(f.read(STACK - 2, 2) & (Rflags.IF | Rflags.IOPL))
          .isEqualTo(Rflags.IF | Rflags.IOPL);
      f.write(STACK - 2, 2, 0);
      f.execute("9D");
      assertThat(f.flag(Rflags.VIF)).isFalse();
    }
  }
}

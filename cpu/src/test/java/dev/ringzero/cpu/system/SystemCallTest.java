package dev.ringzero.cpu.system;

import static dev.ringzero.cpu.system.SystemFixture.CODE;
import static dev.ringzero.cpu.system.SystemFixture.HANDLER;
import static dev.ringzero.cpu.system.SystemFixture.STACK;
import static dev.ringzero.cpu.system.SystemFixture.USER_CODE_32;
import static dev.ringzero.cpu.system.SystemFixture.USER_CODE_64;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.x86.Efer;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.Vector;
import org.junit.jupiter.api.Test;

/** Intel SDM Vol. 3A, "Performing Fast Calls to System Procedures". */
class SystemCallTest {
  @Test
  void systemCallGoesToTheKernelAndBack() {
    try (SystemFixture f = SystemFixture.longMode()) {
      Cpu cpu = f.cpu;
      cpu.system.star = 0x0023_0010L << 32;
      cpu.system.lstar = HANDLER;
      cpu.system.sfmask = Rflags.IF | Rflags.TF;
      f.user(USER_CODE_64);
      cpu.systemFlags |= Rflags.IF;
      f.execute("0F 05");
      assertThat(cpu.rip).isEqualTo(HANDLER);
      assertThat(cpu.cpl).isZero();
      assertThat(cpu.selector[Cpu.CS]).isEqualTo(0x10);
      assertThat(cpu.selector[Cpu.SS]).isEqualTo(0x18);
      assertThat(cpu.gpr[Cpu.RCX]).isEqualTo(CODE + 2);
      assertThat(cpu.gpr[11] & Rflags.IF).isNotZero();
      assertThat(f.flag(Rflags.IF)).isFalse();

      f.execute("48 0F 07");
      assertThat(cpu.rip).isEqualTo(CODE + 2);
      assertThat(cpu.cpl).isEqualTo(3);
      assertThat(cpu.selector[Cpu.CS]).isEqualTo(0x33);
      assertThat(cpu.selector[Cpu.SS]).isEqualTo(0x2B);
      assertThat(cpu.codeSize).isEqualTo(64);
      assertThat(f.flag(Rflags.IF)).isTrue();
    }
  }

  @Test
  void onAmdACallFromCompatibilityModeGoesToItsOwnTarget() {
    try (SystemFixture f = SystemFixture.longMode()) {
      f.cpu.system.star = 0x0023_0010L << 32;
      f.cpu.system.cstar = HANDLER;
      f.user(USER_CODE_32);
      assertThat(f.outcome("0F 05")).as("Intel").isEqualTo("#UD");
      f.cpu.system.amdSystemCalls = true;
      f.execute("0F 05");
      assertThat(f.cpu.rip).isEqualTo(HANDLER);
      assertThat(f.cpu.codeSize).isEqualTo(64);
      assertThat(f.cpu.gpr[Cpu.RCX]).isEqualTo(CODE + 2);
      assertThat(f.outcome("0F 34")).as("SYSENTER in long mode").isEqualTo("#UD");
    }
  }

  @Test
  void aSingleStepDependsOnTheFlagsThatACallLoads() {
    try (SystemFixture f = SystemFixture.longMode()) {
      Cpu cpu = f.cpu;
      f.write(SystemFixture.TSS + 4, 8, STACK);
      f.gate64(Vector.DB, SystemFixture.CODE_64, HANDLER + 64, 0x8E, 0);
      cpu.system.star = 0x0023_0010L << 32;
      cpu.system.lstar = HANDLER;
      cpu.system.sfmask = Rflags.TF;
      f.user(USER_CODE_64);
      cpu.systemFlags |= Rflags.TF;
      f.execute("0F 05");
      DebugUnit.afterInstruction(cpu, true);
      assertThat(cpu.rip).as("none in the kernel").isEqualTo(HANDLER);

      f.execute("48 0F 07");
      assertThat(cpu.rip).as("one after the return").isEqualTo(HANDLER + 64);
      assertThat(f.read(cpu.gpr[Cpu.RSP], 8)).isEqualTo(CODE + 2);
    }
  }

  @Test
  void returnWithoutWideOperandsGoesToCompatibilityMode() {
    try (SystemFixture f = SystemFixture.longMode()) {
      f.cpu.system.star = 0x0023_0010L << 32;
      f.cpu.gpr[Cpu.RCX] = 0xFFFF_0000_0000_9000L;
      f.cpu.gpr[11] = 0x202;
      f.execute("0F 07");
      assertThat(f.cpu.rip).isEqualTo(HANDLER);
      assertThat(f.cpu.codeSize).isEqualTo(32);
      assertThat(f.cpu.selector[Cpu.CS]).isEqualTo(0x23);
    }
  }

  @Test
  void returnToAnAddressThatIsNotCanonicalFaultsInTheKernel() {
    try (SystemFixture f = SystemFixture.longMode()) {
      f.cpu.gpr[Cpu.RCX] = 1L << 47;
      assertThat(f.outcome("48 0F 07")).isEqualTo("#GP(0)");
      assertThat(f.cpu.cpl).isZero();
    }
  }

  @Test
  void systemCallNeedsItsEnableBitAnd64BitMode() {
    try (SystemFixture f = SystemFixture.longMode()) {
      f.user(USER_CODE_32);
      assertThat(f.outcome("0F 05")).isEqualTo("#UD");
      f.user(USER_CODE_64);
      f.cpu.efer &= ~Efer.SCE;
      assertThat(f.outcome("0F 05")).isEqualTo("#UD");
    }
  }

  @Test
  void sysenterNeedsASelectorAndSysexitReturns() {
    try (SystemFixture f = SystemFixture.longMode()) {
      Cpu cpu = f.cpu;
      f.user(USER_CODE_32);
      assertThat(f.outcome("0F 34")).isEqualTo("#GP(0)");
      cpu.system.sysenterCs = 0x10;
      cpu.system.sysenterEsp = STACK;
      cpu.system.sysenterEip = HANDLER;
      cpu.systemFlags |= Rflags.IF;
      f.execute("0F 34");
      assertThat(cpu.codeSize).isEqualTo(64);
      assertThat(cpu.cpl).isZero();
      assertThat(f.flag(Rflags.IF)).isFalse();

      cpu.gpr[Cpu.RCX] = STACK;
      cpu.gpr[Cpu.RDX] = CODE;
      f.execute("0F 35");
      assertThat(cpu.codeSize).isEqualTo(32);
      assertThat(cpu.selector[Cpu.CS]).isEqualTo(0x23);
      assertThat(cpu.selector[Cpu.SS]).isEqualTo(0x2B);
      assertThat(cpu.rip).isEqualTo(CODE);
    }
  }

  @Test
  void basesOfGsAreExchanged() {
    try (SystemFixture f = SystemFixture.longMode()) {
      f.cpu.segmentBase[Cpu.GS] = 1;
      f.cpu.system.kernelGsBase = 2;
      f.execute("0F 01 F8");
      assertThat(f.cpu.segmentBase[Cpu.GS]).isEqualTo(2);
      assertThat(f.cpu.system.kernelGsBase).isEqualTo(1);
      f.user(USER_CODE_32);
      assertThat(f.outcome("0F 01 F8")).isEqualTo("#UD");
    }
  }
}

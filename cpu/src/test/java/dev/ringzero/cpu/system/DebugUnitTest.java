package dev.ringzero.cpu.system;

import static dev.ringzero.cpu.system.SystemFixture.CODE;
import static dev.ringzero.cpu.system.SystemFixture.CODE_64;
import static dev.ringzero.cpu.system.SystemFixture.DATA;
import static dev.ringzero.cpu.system.SystemFixture.HANDLER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.GuestFault;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.Vector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Intel SDM Vol. 3B, "Debug Registers"; "Debug Exceptions". */
class DebugUnitTest {
  private SystemFixture f;
  private Cpu cpu;

  @BeforeEach
  void start() {
    f = SystemFixture.longMode();
    cpu = f.cpu;
    f.gate64(Vector.DB, CODE_64, HANDLER, 0x8E, 0);
  }

  @AfterEach
  void end() {
    f.close();
  }

  @Test
  void registersHaveFixedBits() {
    cpu.gpr[Cpu.RAX] = 0;
    f.execute("0F 23 F0");
    f.execute("0F 21 F3");
    assertThat(cpu.gpr[Cpu.RBX]).isEqualTo(0xFFFF_0FF0L);
    cpu.gpr[Cpu.RAX] = 0xFFFF_DFFFL & ~(1L << 13);
    f.execute("0F 23 F8");
    f.execute("0F 21 FB");
    assertThat(cpu.gpr[Cpu.RBX]).isEqualTo(0xFFFF_07FFL);
    cpu.gpr[Cpu.RAX] = 1L << 32;
    assertThat(f.outcome("0F 23 F8")).isEqualTo("#GP(0)");
  }

  @Test
  void aliasesExistOnlyWithoutDebuggingExtensions() {
    assertThat(f.outcome("0F 21 E0")).isEmpty();
    assertThat(cpu.gpr[Cpu.RAX]).isEqualTo(cpu.dr[6]);
    cpu.cr4 |= Cr4.DE;
    assertThat(f.outcome("0F 21 E0")).isEqualTo("#UD");
  }

  @Test
  void generalDetectProtectsTheRegisters() {
    cpu.dr[7] |= 1 << 13;
    assertThat(f.outcome("0F 21 C0")).isEqualTo("#DB");
    Events.raise(cpu, cpu.fault(Vector.DB));
    assertThat(cpu.dr[6] & 1 << 13).isNotZero();
    assertThat(cpu.dr[7] & 1 << 13).isZero();
  }

  @Test
  void instructionBreakpointIsAFaultThatResumeFlagSuppresses() {
    cpu.dr[0] = CODE;
    cpu.dr[7] |= 1;
    assertThatThrownBy(() -> DebugUnit.beforeInstruction(cpu, CODE)).isInstanceOf(GuestFault.class);
    Events.raise(cpu, cpu.fault(Vector.DB));
    assertThat(cpu.dr[6] & 0xF).isEqualTo(1);
    cpu.systemFlags |= Rflags.RF;
    DebugUnit.beforeInstruction(cpu, CODE);
    DebugUnit.afterInstruction(cpu, false);
    assertThat(f.flag(Rflags.RF)).isFalse();
  }

  @Test
  void breakpointBitsAreThoseOfTheLastExceptionAndOthersStay() {
    cpu.dr[6] |= 1 << 14 | 2;
    cpu.dr[0] = CODE;
    cpu.dr[7] |= 1;
    assertThatThrownBy(() -> DebugUnit.beforeInstruction(cpu, CODE)).isInstanceOf(GuestFault.class);
    Events.raise(cpu, cpu.fault(Vector.DB));
    assertThat(cpu.dr[6] & 0xF00F).isEqualTo(1 << 14 | 1);
  }

  @Test
  void int1ReplacesTrapsThatWaitAndIsNotSteppedItself() {
    cpu.systemFlags |= Rflags.TF;
    DebugUnit.dataAccess(cpu, CODE, 4, true);
    f.execute("F1");
    DebugUnit.afterInstruction(cpu, true);
    assertThat(cpu.rip).as("delivered once").isEqualTo(HANDLER);
    assertThat(cpu.dr[6] & 0xF00F).isZero();
  }

  @Test
  void singleStepIsATrapAfterTheInstruction() {
    cpu.systemFlags |= Rflags.TF;
    cpu.rip = CODE + 3;
    DebugUnit.afterInstruction(cpu, true);
    assertThat(cpu.rip).isEqualTo(HANDLER);
    assertThat(cpu.dr[6] & 1 << 14).isNotZero();
    assertThat(f.read(cpu.gpr[Cpu.RSP], 8)).isEqualTo(CODE + 3);
    assertThat(f.read(cpu.gpr[Cpu.RSP] + 16, 8) & Rflags.RF).isZero();
    assertThat(f.flag(Rflags.TF)).isFalse();
  }

  @Test
  void singleStepOverAnInstructionOfTheMonitorTrapsAtTheNextEntry() {
    cpu.systemFlags |= Rflags.TF;
    assertThat(f.outcome("0F A2")).isEqualTo("CPUID");
    cpu.rip += 2;
    DebugUnit.afterEmulation(cpu);
    Events.deliverPending(cpu);
    assertThat(cpu.rip).isEqualTo(HANDLER);
    assertThat(f.read(cpu.gpr[Cpu.RSP], 8)).isEqualTo(CODE + 2);
  }

  @Test
  void dataBreakpointHitsOverlappingAccesses() {
    cpu.dr[1] = DATA + 4;
    cpu.dr[7] |= 4 | 0xDL << 20; // four bytes, on writes
    DebugUnit.dataAccess(cpu, DATA, 4, true);
    DebugUnit.dataAccess(cpu, DATA + 4, 4, false);
    DebugUnit.afterInstruction(cpu, false);
    assertThat(cpu.rip).isEqualTo(CODE);
    DebugUnit.dataAccess(cpu, DATA, 8, true);
    DebugUnit.afterInstruction(cpu, false);
    assertThat(cpu.rip).isEqualTo(HANDLER);
    assertThat(cpu.dr[6] & 0xF).isEqualTo(2);
  }

  @Test
  void watchedDataIsSeenThoughItsPageWasCached() {
    cpu.mmu.write32(DATA, 0);
    cpu.gpr[Cpu.RAX] = DATA;
    f.execute("0F 23 C0");
    cpu.gpr[Cpu.RAX] = 0x400 | 1 | 0xDL << 16; // four bytes, on writes
    f.execute("0F 23 F8");
    cpu.mmu.read32(DATA);
    cpu.mmu.write32(DATA + 4, 1);
    DebugUnit.afterInstruction(cpu, false);
    assertThat(cpu.rip).isNotEqualTo(HANDLER);
    cpu.mmu.write32(DATA, 1);
    DebugUnit.afterInstruction(cpu, false);
    assertThat(cpu.rip).isEqualTo(HANDLER);
  }

  @Test
  void lockedAccessToWatchedDataIsSeen() {
    cpu.dr[3] = DATA;
    cpu.dr[7] |= 0x40 | 0xFL << 28; // four bytes, on reads and writes
    cpu.mmu.flushAll();
    cpu.mmu.getAndAdd(DATA, 4, 1);
    DebugUnit.afterInstruction(cpu, false);
    assertThat(cpu.dr[6] & 0xF).isEqualTo(8);
  }

  @Test
  void portBreakpointNeedsDebuggingExtensions() {
    cpu.dr[2] = 0x3F8;
    cpu.dr[7] |= 0x10 | 2L << 24;
    cpu.gpr[Cpu.RDX] = 0x3F8;
    f.execute("EC");
    DebugUnit.afterInstruction(cpu, false);
    assertThat(cpu.rip).isEqualTo(CODE + 1);
    cpu.cr4 |= Cr4.DE;
    f.execute("EC");
    DebugUnit.afterInstruction(cpu, false);
    assertThat(cpu.rip).isEqualTo(HANDLER);
  }

  @Test
  void stackSegmentLoadHoldsDebugTrapsBack() {
    cpu.systemFlags |= Rflags.TF;
    cpu.gpr[Cpu.RAX] = SystemFixture.DATA_0;
    f.execute("8E D0");
    DebugUnit.afterInstruction(cpu, true);
    assertThat(cpu.rip).isEqualTo(CODE + 2);
  }
}

package dev.ringzero.cpu.system;

import static dev.ringzero.cpu.system.SystemFixture.CODE;
import static dev.ringzero.cpu.system.SystemFixture.CODE_32;
import static dev.ringzero.cpu.system.SystemFixture.CODE_64;
import static dev.ringzero.cpu.system.SystemFixture.HANDLER;
import static dev.ringzero.cpu.system.SystemFixture.IDT;
import static dev.ringzero.cpu.system.SystemFixture.INNER_STACK;
import static dev.ringzero.cpu.system.SystemFixture.INTERRUPT_STACK;
import static dev.ringzero.cpu.system.SystemFixture.STACK;
import static dev.ringzero.cpu.system.SystemFixture.TSS;
import static dev.ringzero.cpu.system.SystemFixture.USER_CODE_64;
import static dev.ringzero.cpu.system.SystemFixture.USER_DATA;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.system.Events.Kind;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.Vector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Intel SDM Vol. 3A, "Exception and Interrupt Handling in 64-bit Mode". */
class LongModeEventsTest {
  private SystemFixture f;
  private Cpu cpu;

  @BeforeEach
  void start() {
    f = SystemFixture.longMode();
    cpu = f.cpu;
    f.write(TSS + 4, 8, INNER_STACK);
    f.write(TSS + 0x24, 8, INTERRUPT_STACK);
    f.gate64(Vector.GP, CODE_64, HANDLER, 0x8E, 0);
    f.gate64(Vector.PF, CODE_64, HANDLER + 0x100, 0x8F, 0);
    f.gate64(Vector.DF, CODE_64, HANDLER + 0x200, 0x8E, 1);
    f.gate64(0x80, CODE_64, HANDLER + 0x300, 0xEE, 0);
    f.gate64(0x40, CODE_64, HANDLER + 0x400, 0x8E, 0);
  }

  @AfterEach
  void end() {
    f.close();
  }

  @Test
  void exceptionWithErrorCodeAtTheSameLevelKeepsTheStackAligned() {
    cpu.gpr[Cpu.RSP] = STACK - 4;
    cpu.systemFlags |= Rflags.IF;
    f.raise(Vector.GP, true, 0x1234);
    assertThat(cpu.rip).isEqualTo(HANDLER);
    assertThat(cpu.gpr[Cpu.RSP]).isEqualTo(STACK - 16 - 48);
    assertThat(f.read(STACK - 64, 8)).isEqualTo(0x1234);
    assertThat(f.read(STACK - 56, 8)).isEqualTo(CODE);
    assertThat(f.read(STACK - 48, 8)).isEqualTo(CODE_64);
    assertThat(f.read(STACK - 40, 8)).isEqualTo(Rflags.FIXED | Rflags.IF | Rflags.RF);
    assertThat(f.read(STACK - 32, 8)).isEqualTo(STACK - 4);
    assertThat(f.read(STACK - 24, 8)).isEqualTo(SystemFixture.DATA_0);
    assertThat(f.flag(Rflags.IF)).isFalse();
  }

  @Test
  void trapGateLeavesInterruptsEnabled() {
    cpu.systemFlags |= Rflags.IF;
    f.raise(Vector.PF, true, 0);
    assertThat(f.flag(Rflags.IF)).isTrue();
  }

  @Test
  void interruptAtUserLevelSwitchesToTheStackOfTheTaskAndNullsTheStackSegment() {
    f.user(USER_CODE_64);
    Events.deliver(cpu, 0x40, Kind.EXTERNAL_INTERRUPT);
    assertThat(cpu.cpl).isZero();
    assertThat(cpu.selector[Cpu.SS]).isZero();
    assertThat(cpu.gpr[Cpu.RSP]).isEqualTo(INNER_STACK - 40);
    assertThat(f.read(INNER_STACK - 8, 8)).isEqualTo(USER_DATA);
    assertThat(f.read(INNER_STACK - 32, 8)).isEqualTo(USER_CODE_64);
  }

  @Test
  void interruptStackTableIsUsedAtAnyLevel() {
    f.raise(Vector.DF, true, 0);
    assertThat(cpu.gpr[Cpu.RSP]).isEqualTo(INTERRUPT_STACK - 48);
  }

  @Test
  void softwareInterruptSavesTheNextInstruction() {
    f.user(USER_CODE_64);
    f.execute("CD 80");
    assertThat(cpu.rip).isEqualTo(HANDLER + 0x300);
    assertThat(f.read(INNER_STACK - 40, 8)).isEqualTo(CODE + 2);
    assertThat(f.read(INNER_STACK - 24, 8) & Rflags.RF).isZero();
  }

  @Test
  void softwareInterruptThroughAPrivilegedGateFaultsWithoutExternalBit() {
    f.user(USER_CODE_64);
    assertThat(f.outcome("CD 40")).isEqualTo("#GP(202)");
    assertThat(cpu.rip).isEqualTo(CODE);
  }

  @Test
  void missingGateOfAnInterruptRaisesWithExternalBit() {
    Events.deliver(cpu, 0x41, Kind.EXTERNAL_INTERRUPT);
    assertThat(cpu.rip).isEqualTo(HANDLER);
    assertThat(f.read(cpu.gpr[Cpu.RSP], 8)).isEqualTo(0x41 << 3 | 3);
  }

  @Test
  void gateMustLeadTo64BitCode() {
    f.gate64(0x42, CODE_32, HANDLER, 0xEE, 0);
    assertThat(f.outcome("CD 42")).isEqualTo("#GP(18)");
  }

  @Test
  void gateThatIsNotPresentRaisesNotPresent() {
    f.gate64(0x42, CODE_64, HANDLER, 0x6E, 0);
    assertThat(f.outcome("CD 42")).isEqualTo("#NP(212)");
  }

  @Test
  void gateBeyondTheTableIsAGeneralProtectionFault() {
    cpu.system.idtrLimit = 0x20 * 16 - 1;
    assertThat(f.outcome("CD 20")).isEqualTo("#GP(102)");
  }

  @Test
  void contributoryFaultDuringOneMakesADoubleFault() {
    f.write(IDT + 16L * Vector.GP, 8, 0);
    f.raise(Vector.TS, true, 0);
    assertThat(cpu.rip).isEqualTo(HANDLER + 0x200);
    assertThat(f.read(cpu.gpr[Cpu.RSP], 8)).isZero();
  }

  @Test
  void benignExceptionThatFaultsIsReplacedByTheFault() {
    f.raise(Vector.UD, false, 0);
    assertThat(cpu.rip).isEqualTo(HANDLER);
    assertThat(f.read(cpu.gpr[Cpu.RSP], 8)).isEqualTo(Vector.UD << 3 | 3);
  }

  @Test
  void faultDuringADoubleFaultIsATripleFault() {
    f.write(IDT + 16L * Vector.DF, 8, 0);
    f.write(IDT + 16L * Vector.GP, 8, 0);
    assertThat(f.triples(() -> f.raise(Vector.GP, true, 0))).isTrue();
  }

  @Test
  void stackThatIsNotCanonicalRaisesAStackFault() {
    f.gate64(Vector.SS, CODE_64, HANDLER + 0x500, 0x8E, 1);
    cpu.gpr[Cpu.RSP] = 0x1234_5678_9ABC_DEF0L;
    Events.deliver(cpu, 0x40, Kind.EXTERNAL_INTERRUPT);
    assertThat(cpu.rip).isEqualTo(HANDLER + 0x500);
  }

  @Test
  void nonMaskableInterruptBlocksOthersUntilReturn() {
    f.gate64(Vector.NMI, CODE_64, HANDLER, 0x8E, 0);
    Events.deliver(cpu, Vector.NMI, Kind.NMI);
    assertThat(cpu.system.nmiBlocked).isTrue();
    f.execute("48 CF");
    assertThat(cpu.system.nmiBlocked).isFalse();
    assertThat(cpu.rip).isEqualTo(CODE);
  }

  @Test
  void injectedExceptionWaitsForTheNextEntry() {
    Events.inject(cpu, Vector.GP, Kind.EXCEPTION, true, 0x10);
    assertThat(cpu.rip).isEqualTo(CODE);
    Events.deliverPending(cpu);
    assertThat(cpu.rip).isEqualTo(HANDLER);
    assertThat(cpu.system.eventPending()).isFalse();
  }
}

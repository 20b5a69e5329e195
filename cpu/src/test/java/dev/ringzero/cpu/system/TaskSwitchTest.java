package dev.ringzero.cpu.system;

import static dev.ringzero.cpu.system.SystemFixture.CODE;
import static dev.ringzero.cpu.system.SystemFixture.CODE_32;
import static dev.ringzero.cpu.system.SystemFixture.DATA_0;
import static dev.ringzero.cpu.system.SystemFixture.GDT;
import static dev.ringzero.cpu.system.SystemFixture.HANDLER;
import static dev.ringzero.cpu.system.SystemFixture.INNER_STACK;
import static dev.ringzero.cpu.system.SystemFixture.OTHER_TASK;
import static dev.ringzero.cpu.system.SystemFixture.OTHER_TSS;
import static dev.ringzero.cpu.system.SystemFixture.TASK;
import static dev.ringzero.cpu.system.SystemFixture.TSS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.Vector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Intel SDM Vol. 3A, "Task Switching"; "Task Linking". */
class TaskSwitchTest {
  private static final String JUMP = "EA 00 00 00 00 88 00";
  private static final String CALL = "9A 00 00 00 00 88 00";
  private static final String CALL_GATE = "9A 00 00 00 00 90 00";

  private SystemFixture f;
  private Cpu cpu;

  @BeforeEach
  void start() {
    f = SystemFixture.protectedMode();
    cpu = f.cpu;
    f.write(OTHER_TSS + 0x20, 4, HANDLER);
    f.write(OTHER_TSS + 0x24, 4, Rflags.FIXED);
    f.write(OTHER_TSS + 0x28, 4, 0xAAAA);
    f.write(OTHER_TSS + 0x38, 4, INNER_STACK);
    for (int at : new int[] {0x48, 0x50, 0x54}) {
      f.write(OTHER_TSS + at, 2, DATA_0);
    }
    f.write(OTHER_TSS + 0x4C, 2, CODE_32);
  }

  @AfterEach
  void end() {
    f.close();
  }

  private long type(int selector) {
    return f.read(GDT + selector + 5, 1) & 0xF;
  }

  @Test
  void jumpSavesTheOldTaskAndLoadsTheNew() {
    cpu.gpr[Cpu.RBX] = 0x1234;
    f.execute(JUMP);
    assertThat(cpu.rip).isEqualTo(HANDLER);
    assertThat(cpu.gpr[Cpu.RAX]).isEqualTo(0xAAAA);
    assertThat(cpu.gpr[Cpu.RSP]).isEqualTo(INNER_STACK);
    assertThat(cpu.system.trSelector).isEqualTo(OTHER_TASK);
    assertThat(cpu.cr0 & Cr0.TS).isNotZero();
    assertThat(f.read(TSS + 0x20, 4)).isEqualTo(CODE + 7);
    assertThat(f.read(TSS + 0x34, 4)).isEqualTo(0x1234);
    assertThat(f.read(TSS + 0x4C, 2)).isEqualTo(CODE_32);
    assertThat(type(TASK)).isEqualTo(AccessRights.TSS_AVAILABLE);
    assertThat(type(OTHER_TASK)).isEqualTo(AccessRights.TSS_BUSY);
  }

  @Test
  void callLinksTheTasksAndReturnGoesBack() {
    f.execute(CALL);
    assertThat(f.flag(Rflags.NT)).isTrue();
    assertThat(f.read(OTHER_TSS, 2)).isEqualTo(TASK);
    assertThat(type(TASK)).isEqualTo(AccessRights.TSS_BUSY);

    f.execute("CF");
    assertThat(cpu.rip).isEqualTo(CODE + 7);
    assertThat(cpu.system.trSelector).isEqualTo(TASK);
    assertThat(f.flag(Rflags.NT)).isFalse();
    assertThat(type(OTHER_TASK)).isEqualTo(AccessRights.TSS_AVAILABLE);
    assertThat(f.read(OTHER_TSS + 0x24, 4) & Rflags.NT).isZero();
  }

  @Test
  void taskGateLeadsToItsTask() {
    f.execute(CALL_GATE);
    assertThat(cpu.system.trSelector).isEqualTo(OTHER_TASK);
  }

  @Test
  void exceptionThroughATaskGatePushesItsErrorCodeInTheNewTask() {
    f.gate32(Vector.DF, OTHER_TASK, 0, 0x85);
    f.raise(Vector.DF, true, 0);
    assertThat(cpu.rip).isEqualTo(HANDLER);
    assertThat(cpu.gpr[Cpu.RSP]).isEqualTo(INNER_STACK - 4);
    assertThat(f.read(TSS + 0x20, 4)).isEqualTo(CODE);
  }

  @Test
  void busyTaskCannotBeEntered() {
    f.write(GDT + OTHER_TASK + 5, 1, 0x8B);
    assertThat(f.outcome(JUMP)).isEqualTo("#GP(88)");
  }

  @Test
  void taskStateSegmentThatIsTooSmallFaults() {
    f.write(GDT + OTHER_TASK, 2, 0x66);
    assertThat(f.outcome(JUMP)).isEqualTo("#TS(88)");
    assertThat(cpu.system.trSelector).isEqualTo(TASK);
  }

  @Test
  void badSegmentOfTheNewTaskFaultsInTheNewTask() {
    f.write(OTHER_TSS + 0x4C, 2, DATA_0);
    assertThat(f.outcome(JUMP)).isEqualTo("#TS(10)");
    assertThat(cpu.system.trSelector).isEqualTo(OTHER_TASK);
    assertThat(cpu.rip).isEqualTo(HANDLER);
  }

  @Test
  void sixteenBitTaskHasWordRegisters() {
    f.entry(OTHER_TASK, SystemFixture.segment(OTHER_TSS, 0x2B, 0x81));
    f.write(OTHER_TSS, 8, 0);
    f.write(OTHER_TSS + 0x0E, 2, HANDLER);
    f.write(OTHER_TSS + 0x10, 2, 2);
    f.write(OTHER_TSS + 0x12, 2, 0x5555);
    f.write(OTHER_TSS + 0x22, 2, DATA_0);
    f.write(OTHER_TSS + 0x24, 2, CODE_32);
    f.write(OTHER_TSS + 0x26, 2, DATA_0);
    f.write(OTHER_TSS + 0x28, 2, 0);
    f.write(OTHER_TSS + 0x2A, 2, 0);
    f.execute(JUMP);
    assertThat(cpu.rip).isEqualTo(HANDLER);
    assertThat(cpu.gpr[Cpu.RAX] & 0xFFFF).isEqualTo(0x5555);
  }

  @Test
  void tasksDoNotExistInLongMode() {
    try (SystemFixture wide = SystemFixture.longMode()) {
      wide.write(SystemFixture.DATA, 4, 0);
      wide.write(SystemFixture.DATA + 4, 2, OTHER_TASK);
      wide.cpu.gpr[Cpu.RAX] = SystemFixture.DATA;
      assertThat(wide.outcome("FF 28")).isEqualTo("#GP(88)");
    }
  }
}

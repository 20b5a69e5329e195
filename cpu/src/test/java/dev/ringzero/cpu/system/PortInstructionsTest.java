package dev.ringzero.cpu.system;

import static dev.ringzero.cpu.system.SystemFixture.CODE;
import static dev.ringzero.cpu.system.SystemFixture.DATA;
import static dev.ringzero.cpu.system.SystemFixture.TSS;
import static dev.ringzero.cpu.system.SystemFixture.USER_CODE_64;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.Rflags;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Intel SDM Vol. 1, "Input/Output". */
class PortInstructionsTest {
  private static final int MAP = 0x100;

  private SystemFixture f;
  private Cpu cpu;

  @BeforeEach
  void start() {
    f = SystemFixture.longMode();
    cpu = f.cpu;
    cpu.gpr[Cpu.RDX] = 0x3F8;
  }

  @AfterEach
  void end() {
    f.close();
  }

  @Test
  void byteInputKeepsTheRestOfTheRegister() {
    cpu.gpr[Cpu.RAX] = 0x1122_3344_5566_7788L;
    f.ports.value = 0xAB;
    f.execute("E4 71");
    assertThat(cpu.gpr[Cpu.RAX]).isEqualTo(0x1122_3344_5566_77ABL);
    assertThat(f.ports.port).isEqualTo(0x71);
    f.ports.value = 0x89AB_CDEFL;
    f.execute("ED");
    assertThat(cpu.gpr[Cpu.RAX]).isEqualTo(0x89AB_CDEFL);
    assertThat(f.ports.sizeBytes).isEqualTo(4);
  }

  @Test
  void outputTruncatesTheRegisterAndIsCounted() {
    cpu.gpr[Cpu.RAX] = 0x1234_5678;
    f.execute("66 EF");
    assertThat(f.ports.written).isEqualTo(0x5678);
    assertThat(f.ports.sizeBytes).isEqualTo(2);
    assertThat(cpu.exits.count(ExitReason.IO_INSTRUCTION)).isEqualTo(1);
  }

  @Test
  void stringInputStoresAndCounts() {
    f.ports.value = 0x5A;
    cpu.gpr[Cpu.RCX] = 3;
    cpu.gpr[Cpu.RDI] = DATA;
    f.execute("F3 6C");
    assertThat(f.read(DATA, 4)).isEqualTo(0x5A_5A5A);
    assertThat(cpu.gpr[Cpu.RCX]).isZero();
    assertThat(cpu.gpr[Cpu.RDI]).isEqualTo(DATA + 3);
  }

  @Test
  void stringOutputGoesDownWithTheDirectionFlag() {
    cpu.systemFlags |= Rflags.DF;
    f.write(DATA, 2, 0x4321);
    cpu.gpr[Cpu.RSI] = DATA;
    f.execute("66 6F");
    assertThat(f.ports.written).isEqualTo(0x4321);
    assertThat(cpu.gpr[Cpu.RSI]).isEqualTo(DATA - 2);
  }

  @Test
  void longRepetitionPausesForInterrupts() {
    cpu.gpr[Cpu.RCX] = 1000;
    cpu.gpr[Cpu.RSI] = DATA;
    f.execute("F3 6E");
    assertThat(cpu.rip).isEqualTo(CODE);
    assertThat(cpu.gpr[Cpu.RCX]).isBetween(1L, 999L);
  }

  @Test
  void userNeedsIoPrivilegeOrThePermissionMap() {
    f.write(TSS + 0x66, 2, MAP);
    f.write(TSS + MAP + 0x3F8 / 8, 2, 0xFF);
    f.user(USER_CODE_64);
    assertThat(f.outcome("EC")).isEqualTo("#GP(0)");
    f.write(TSS + MAP + 0x3F8 / 8, 2, 0xFFF0);
    assertThat(f.outcome("EC")).isEmpty();
    assertThat(f.outcome("ED")).isEmpty();
    cpu.gpr[Cpu.RDX] = 0x3FA;
    assertThat(f.outcome("ED")).isEqualTo("#GP(0)");
    f.ioPrivilege(3);
    assertThat(f.outcome("ED")).isEmpty();
  }

  @Test
  void permissionMapBeyondTheSegmentDenies() {
    f.write(TSS + 0x66, 2, 0x7FF);
    f.user(USER_CODE_64);
    cpu.gpr[Cpu.RDX] = 0;
    assertThat(f.outcome("EC")).isEqualTo("#GP(0)");
  }
}

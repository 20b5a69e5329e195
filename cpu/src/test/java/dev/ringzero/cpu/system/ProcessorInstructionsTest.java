package dev.ringzero.cpu.system;

import static dev.ringzero.cpu.system.SystemFixture.DATA;
import static dev.ringzero.cpu.system.SystemFixture.USER_CODE_64;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Rflags;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Identification, randomness, waiting, and what goes to the monitor. */
class ProcessorInstructionsTest {
  private SystemFixture f;
  private Cpu cpu;

  @BeforeEach
  void start() {
    f = SystemFixture.longMode();
    cpu = f.cpu;
  }

  @AfterEach
  void end() {
    f.close();
  }

  @ParameterizedTest
  @CsvSource({
    "0F A2, CPUID, 2",
    "F4, HLT, 1",
    "0F 01 C1, VMCALL, 3",
    "0F 01 D9, VMCALL, 3",
    "0F 01 C9, MWAIT, 3",
  })
  void monitorIsAskedWithTheLengthOfTheInstruction(String code, String reason, int length) {
    assertThat(f.outcome(code)).isEqualTo(reason);
    assertThat(cpu.exit.instructionLength).isEqualTo(length);
    assertThat(cpu.rip).isEqualTo(SystemFixture.CODE);
  }

  @ParameterizedTest
  @CsvSource({"0F 0B, #UD", "0F B9 C0, #UD", "0F FF C0, #UD", "0F 33, #GP(0)", "F3 90, ''"})
  void othersEndByThemselves(String code, String outcome) {
    assertThat(f.outcome(code)).isEqualTo(outcome);
  }

  @Test
  void randomNumbersComeFromTheEntropyWithCarrySet() {
    f.execute("48 0F C7 F0");
    assertThat(cpu.gpr[Cpu.RAX]).isEqualTo(0x5A00_0000_0000_0000L);
    assertThat(f.flag(Rflags.CF)).isTrue();
  }

  @Test
  void processorIdComesFromItsAuxiliaryRegister() {
    cpu.system.tscAux = 7;
    f.execute("F3 0F C7 F8");
    assertThat(cpu.gpr[Cpu.RAX]).isEqualTo(7);
    f.execute("0F 01 F9");
    assertThat(cpu.gpr[Cpu.RCX]).isEqualTo(7);
  }

  @Test
  void segmentBasesCanBeReadAndWrittenWhereEnabled() {
    cpu.gpr[Cpu.RAX] = 0x1234_5678_9ABCL;
    assertThat(f.outcome("F3 48 0F AE D0")).isEqualTo("#UD");
    cpu.cr4 |= Cr4.FSGSBASE;
    f.user(USER_CODE_64);
    f.execute("F3 48 0F AE D0");
    f.execute("F3 48 0F AE C3");
    assertThat(cpu.gpr[Cpu.RBX]).isEqualTo(0x1234_5678_9ABCL);
    f.execute("F3 0F AE C3");
    assertThat(cpu.gpr[Cpu.RBX]).isEqualTo(0x5678_9ABCL);
    cpu.gpr[Cpu.RAX] = 1L << 47;
    assertThat(f.outcome("F3 48 0F AE D8")).isEqualTo("#GP(0)");
  }

  @Test
  void lineFlushChecksItsAddress() {
    cpu.gpr[Cpu.RAX] = DATA;
    assertThat(f.outcome("0F AE 38")).isEmpty();
    cpu.gpr[Cpu.RAX] = 1L << 47;
    assertThat(f.outcome("0F AE 38")).isEqualTo("#GP(0)");
    cpu.gpr[Cpu.RAX] = 1L << 40;
    assertThat(f.outcome("66 0F AE 38")).isEqualTo("#PF(0)");
  }
}

package dev.ringzero.cpu.translator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Flags;
import dev.ringzero.cpu.GuestFixture;
import dev.ringzero.engine.Execution;
import dev.ringzero.engine.Register;
import dev.ringzero.x86.Rflags;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ComparingExecutorTest {
  private final GuestFixture guest = new GuestFixture(new Execution(Execution.Way.COMPARED, false));

  @BeforeAll
  static void needsAHostThatCanRunIt() {
    TranslatingExecutor.whyNot().ifPresent(reason -> assumeTrue(false, reason));
  }

  @AfterEach
  void close() {
    guest.close();
  }

  private long compared() {
    return guest.cpu.statistics().translation().orElseThrow().compared();
  }

  @Test
  void blocksRunOnceForTheGuestHoweverOftenTheyAreCompared() {
    guest.set(Register.RCX, 1000).set(Register.RAX, 0).set(Register.RDI, GuestFixture.DATA);
    // inc rax; add [rdi],rax; push rax; call next; pop rbx; pop rbx; dec rcx; jnz
    guest.run("48 FF C0  48 01 07  50  E8 00 00 00 00  5B  5B  48 FF C9  75 ED");
    assertThat(guest.get(Register.RAX)).isEqualTo(1000);
    assertThat(guest.memory.read64(GuestFixture.DATA)).isEqualTo(1000 * 1001 / 2);
    assertThat(guest.get(Register.RSP)).isEqualTo(GuestFixture.STACK);
    assertThat(compared()).isGreaterThan(4);
  }

  @Test
  void x87StateIsComparedAndRunsOnce() {
    guest.set(Register.RCX, 500).set(Register.RDI, GuestFixture.DATA);
    // fninit; fld1; loop: fld1; fadd st(1),st; fstp [rdi]; dec ecx; jnz; fstp [rdi]
    guest.run("DB E3  D9 E8  D9 E8  DC C1  DD 1F  FF C9  75 F6  DD 1F");
    double sum = Double.longBitsToDouble(guest.memory.read64(GuestFixture.DATA));
    assertThat(sum).isEqualTo(501);
    assertThat(compared()).isGreaterThan(2);
  }

  @Test
  void differencesAreNamedWithBothValues() {
    Cpu cpu = new Cpu();
    ProcessorSnapshot interpreted = new ProcessorSnapshot();
    interpreted.take(cpu);
    assertThat(interpreted.differences(cpu, FlagLiveness.ALL)).isEmpty();
    cpu.gpr[3] = 7;
    cpu.vector[5] = 1;
    Flags.status(cpu, Rflags.CF);
    assertThat(interpreted.differences(cpu, FlagLiveness.ALL))
        .containsExactly(
            "GPR 3: interpreted 0, translated 7",
            "status flags: interpreted 44, translated 1",
            "YMM1 lane 1: interpreted 0, translated 1");
    assertThat(interpreted.differences(cpu, 0)).hasSize(2);
  }

  @Test
  void flagsAreDeadWhereBothWaysOfABranchOverwriteThem() {
    byte[] page = new byte[4096]; // zeros are add [rax], al, which writes all flags
    page[0] = 0x74; // je +2
    page[1] = 2;
    page[2] = (byte) 0xF9; // stc
    page[3] = (byte) 0x90; // nop
    assertThat(new DeadFlags(page).at(0)).isEqualTo(FlagLiveness.ALL & ~(int) Rflags.ZF);
    page[4] = (byte) 0xC3; // ret
    assertThat(new DeadFlags(page).at(0)).isZero();
    assertThat(new DeadFlags(page).at(2)).isEqualTo((int) Rflags.CF);
  }
}

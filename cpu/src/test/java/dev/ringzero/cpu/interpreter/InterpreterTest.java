package dev.ringzero.cpu.interpreter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.cpu.GuestFixture;
import dev.ringzero.engine.Register;
import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.Rflags;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InterpreterTest {
  private final GuestFixture guest = new GuestFixture(false);

  @AfterEach
  void close() {
    guest.close();
  }

  @Test
  void loopRunsAsOftenAsItCounts() {
    guest.set(Register.RCX, 1000).set(Register.RAX, 0);
    guest.run("48 FF C0  48 FF C9  75 F8"); // inc rax; dec rcx; jnz
    assertThat(guest.get(Register.RAX)).isEqualTo(1000);
    assertThat(guest.cpu.statistics().instructions()).isEqualTo(3000);
  }

  @Test
  void callReturnsBehindItself() {
    guest.run("E8 02 00 00 00  EB 04  B0 2A  C3  90"); // call f; jmp end; f: mov al,42; ret
    assertThat(guest.get(Register.RAX) & 0xFF).isEqualTo(42);
    assertThat(guest.get(Register.RSP)).isEqualTo(GuestFixture.STACK);
  }

  @Test
  void storeIntoTheRunningBlockTakesEffectAtTheNextInstruction() {
    // mov byte [rip+1],7 patches the immediate of the mov al,1 behind it.
    guest.run("C6 05 01 00 00 00 07  B0 01");
    assertThat(guest.get(Register.RAX) & 0xFF).isEqualTo(7);
    guest.run("C6 05 01 00 00 00 09  B0 01");
    assertThat(guest.get(Register.RAX) & 0xFF).isEqualTo(9);
  }

  @Test
  void storeIntoAnEarlierBlockDropsIt() {
    guest.bytes(GuestFixture.CODE + 0x100, "B0 01 C3"); // mov al,1; ret
    // call it; mov byte [it+1],5; call it again
    guest.run("E8 FB 00 00 00  C6 05 F5 00 00 00 05  E8 EF 00 00 00");
    assertThat(guest.get(Register.RAX) & 0xFF).isEqualTo(5);
  }

  @Test
  void instructionAcrossAPageEndRuns() {
    guest.bytes(GuestFixture.CODE + 0xFFD, "B8 78 56 34 12 F4"); // mov eax,12345678h; hlt
    guest.set(Register.RIP, GuestFixture.CODE + 0xFFD).toHalt();
    assertThat(guest.get(Register.RAX)).isEqualTo(0x1234_5678);
    guest.bytes(GuestFixture.CODE + 0x1000, "99");
    guest.set(Register.RIP, GuestFixture.CODE + 0xFFD).toHalt();
    assertThat(guest.get(Register.RAX)).isEqualTo(0x1299_5678);
  }

  @Test
  void undecodableBytesFaultOnlyWhenTheyAreReached() {
    guest.run("B0 07  EB 02  FF FF");
    assertThat(guest.get(Register.RAX) & 0xFF).isEqualTo(7);
  }

  @Test
  void instructionAfterStiRunsBeforeAnInterrupt() {
    guest.pins.vector = 32;
    guest.cpu.interruptPending();
    guest.run("FB"); // sti, then hlt
    assertThat(guest.get(Register.RFLAGS) & Rflags.IF).isNotZero();
    assertThat(guest.cpu.wakes()).isTrue();
  }

  @Test
  void stopRequestEndsAnEndlessLoop() {
    guest.bytes(GuestFixture.CODE, "EB FE").set(Register.RIP, GuestFixture.CODE);
    guest.cpu.requestStop();
    assertThat(guest.runUntilExit()).isEqualTo(ExitReason.STOP_REQUESTED);
    assertThat(guest.get(Register.RIP)).isEqualTo(GuestFixture.CODE);
  }

  @Test
  void breakpointOfTheMonitorStopsBeforeItsInstruction() {
    guest.bytes(GuestFixture.CODE, "B0 01 B0 02 F4").set(Register.RIP, GuestFixture.CODE);
    guest.cpu.breakpoints(new long[] {GuestFixture.CODE + 2});
    assertThat(guest.runUntilExit()).isEqualTo(ExitReason.MONITOR_DEBUG);
    assertThat(guest.get(Register.RAX) & 0xFF).isEqualTo(1);
    guest.toHalt();
    assertThat(guest.get(Register.RAX) & 0xFF).isEqualTo(2);
  }

  @Test
  void singleStepStopsAfterEachInstruction() {
    guest.bytes(GuestFixture.CODE, "B0 01 B0 02 F4").set(Register.RIP, GuestFixture.CODE);
    guest.cpu.singleStep(true);
    assertThat(guest.runUntilExit()).isEqualTo(ExitReason.MONITOR_DEBUG);
    assertThat(guest.get(Register.RIP)).isEqualTo(GuestFixture.CODE + 2);
  }
}

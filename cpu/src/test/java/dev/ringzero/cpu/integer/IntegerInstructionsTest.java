package dev.ringzero.cpu.integer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.cpu.GuestFixture;
import dev.ringzero.engine.Register;
import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.Rflags;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class IntegerInstructionsTest {
  private static final long DATA = GuestFixture.DATA;

  private final GuestFixture guest = new GuestFixture();

  @AfterEach
  void close() {
    guest.close();
  }

  @Test
  void additionSetsCarryAndOverflowByWidth() {
    guest.set(Register.RAX, 0xFF).set(Register.RCX, 1).run("00 C8"); // add al,cl
    assertThat(guest.get(Register.RAX)).isZero();
    assertThat(guest.flags()).isEqualTo("zapc");
    guest.set(Register.RAX, 0x7FFF_FFFFL).run("01 C8"); // add eax,ecx
    assertThat(guest.flags()).isEqualTo("osap");
  }

  @Test
  void doublewordResultClearsTheUpperHalf() {
    guest.set(Register.RAX, -1).run("FF C0"); // inc eax
    assertThat(guest.get(Register.RAX)).isZero();
    guest.set(Register.RAX, -1).run("66 FF C0"); // inc ax
    assertThat(guest.get(Register.RAX)).isEqualTo(0xFFFF_FFFF_FFFF_0000L);
  }

  @Test
  void incrementKeepsCarry() {
    guest.run("F9 FF C0"); // stc; inc eax
    assertThat(guest.flags()).contains("c");
    guest.run("F8 FF C8"); // clc; dec eax
    assertThat(guest.flags()).doesNotContain("c");
  }

  @Test
  void highByteRegistersAreThoseWithoutRex() {
    guest
        .set(Register.RAX, 0x1122)
        .set(Register.RSP, GuestFixture.STACK)
        .run("B4 77"); // mov ah,77h
    assertThat(guest.get(Register.RAX)).isEqualTo(0x7722);
  }

  @Test
  void quotientOf128BitsFits() {
    guest.set(Register.RDX, 5).set(Register.RAX, 7).set(Register.RCX, 0x1_0000_0000L);
    guest.run("48 F7 F1"); // div rcx
    assertThat(guest.get(Register.RAX)).isEqualTo(0x5_0000_0000L);
    assertThat(guest.get(Register.RDX)).isEqualTo(7);
  }

  @Test
  void divisionThatDoesNotFitFaultsWithNothingChanged() {
    guest.set(Register.RDX, 1).set(Register.RAX, 7).set(Register.RCX, 1);
    guest.bytes(GuestFixture.CODE, "48 F7 F1").set(Register.RIP, GuestFixture.CODE);
    assertThat(guest.runUntilExit()).isEqualTo(ExitReason.TRIPLE_FAULT);
    assertThat(guest.get(Register.RIP)).isEqualTo(GuestFixture.CODE);
    assertThat(guest.get(Register.RAX)).isEqualTo(7);
  }

  @Test
  void bitOffsetInARegisterReachesBytesBeforeTheOperand() {
    guest.set(Register.RDI, DATA + 8).set(Register.RCX, -1);
    guest.run("48 0F AB 0F"); // bts [rdi],rcx
    assertThat(guest.memory.read64(DATA)).isEqualTo(Long.MIN_VALUE);
  }

  @Test
  void compareAndExchangeStoresOnlyWhatItExpected() {
    guest.memory.write32(DATA, 5);
    guest.set(Register.RDI, DATA).set(Register.RAX, 5).set(Register.RCX, 9);
    guest.run("F0 0F B1 0F"); // lock cmpxchg [rdi],ecx
    assertThat(guest.memory.read32(DATA)).isEqualTo(9);
    assertThat(guest.flags()).contains("z");
    guest.run("F0 0F B1 0F");
    assertThat(guest.get(Register.RAX)).isEqualTo(9);
    assertThat(guest.flags()).doesNotContain("z");
  }

  @Test
  void lockedAdditionAcrossAPageEndIsDone() {
    guest.memory.write64(DATA + 0xFFC, 0xFFFF_FFFFL);
    guest.set(Register.RDI, DATA + 0xFFC).set(Register.RCX, 1);
    guest.run("F0 48 01 0F"); // lock add [rdi],rcx
    assertThat(guest.memory.read64(DATA + 0xFFC)).isEqualTo(0x1_0000_0000L);
  }

  @Test
  void enterAndLeaveAreEachOthersInverse() {
    guest.set(Register.RBP, 0x1234).run("C8 10 00 00 C9"); // enter 16,0; leave
    assertThat(guest.get(Register.RBP)).isEqualTo(0x1234);
    assertThat(guest.get(Register.RSP)).isEqualTo(GuestFixture.STACK);
  }

  @Test
  void repeatedMoveCrossesPages() {
    byte[] bytes = new byte[10_000];
    new Random(1).nextBytes(bytes);
    guest.memory.write(DATA + 5, bytes);
    guest.set(Register.RSI, DATA + 5).set(Register.RDI, DATA + 0x8003);
    guest.set(Register.RCX, bytes.length).run("F3 A4"); // rep movsb
    byte[] moved = new byte[bytes.length];
    guest.memory.read(DATA + 0x8003, moved, 0, moved.length);
    assertThat(moved).isEqualTo(bytes);
    assertThat(guest.get(Register.RCX)).isZero();
    assertThat(guest.get(Register.RSI)).isEqualTo(DATA + 5 + bytes.length);
  }

  @Test
  void overlappingMoveRepeatsWhatItWrote() {
    guest.memory.write8(DATA, 0x5A);
    guest.set(Register.RSI, DATA).set(Register.RDI, DATA + 1).set(Register.RCX, 100);
    guest.run("F3 A4");
    assertThat(guest.memory.read64(DATA + 90)).isEqualTo(0x5A5A_5A5A_5A5A_5A5AL);
  }

  @Test
  void moveGoesDownWithTheDirectionFlag() {
    guest.memory.write32(DATA, 0x4433_2211);
    guest.set(Register.RSI, DATA + 3).set(Register.RDI, DATA + 13).set(Register.RCX, 4);
    guest.run("FD F3 A4 FC"); // std; rep movsb; cld
    assertThat(guest.memory.read32(DATA + 10)).isEqualTo(0x4433_2211);
    assertThat(guest.get(Register.RSI)).isEqualTo(DATA - 1);
  }

  @Test
  void repeatedScanStopsBehindTheByteItFound() {
    guest.memory.write8(DATA + 70, 0x2A);
    guest.set(Register.RDI, DATA).set(Register.RAX, 0x2A).set(Register.RCX, 1000);
    guest.run("F2 AE"); // repne scasb
    assertThat(guest.get(Register.RDI)).isEqualTo(DATA + 71);
    assertThat(guest.get(Register.RCX)).isEqualTo(929);
    assertThat(guest.flags()).contains("z");
  }

  @Test
  void stopRequestInterruptsARepeatedStoreBetweenElements() {
    guest.set(Register.RDI, DATA).set(Register.RAX, 0x1234).set(Register.RCX, 100_000);
    guest.bytes(GuestFixture.CODE, "F3 66 AB F4").set(Register.RIP, GuestFixture.CODE);
    guest.cpu.singleStep(true); // rep stosw
    guest.cpu.requestStop();
    assertThat(guest.runUntilExit()).isEqualTo(ExitReason.STOP_REQUESTED);
    guest.cpu.singleStep(false);
    guest.toHalt();
    assertThat(guest.get(Register.RDI)).isEqualTo(DATA + 200_000);
    assertThat(guest.get(Register.RCX)).isZero();
  }

  @Test
  void trapFlagStopsARepeatedInstructionAfterEachElement() {
    guest.set(Register.RDI, DATA).set(Register.RCX, 3);
    guest.set(Register.RFLAGS, Rflags.TF);
    guest.bytes(GuestFixture.CODE, "F3 AA F4").set(Register.RIP, GuestFixture.CODE);
    guest.runUntilExit(); // no IDT: the debug trap becomes a triple fault
    assertThat(guest.get(Register.RCX)).isEqualTo(2);
    assertThat(guest.get(Register.RIP)).isEqualTo(GuestFixture.CODE);
  }

  @Test
  void checksumIsCastagnolis() {
    guest.memory.write64(DATA, 0x3837_3635_3433_3231L); // "12345678"
    guest.set(Register.RAX, 0xFFFF_FFFFL).set(Register.RSI, DATA).set(Register.RCX, 0x39);
    guest.run("F2 48 0F 38 F1 06  F2 0F 38 F0 C1  F7 D0"); // crc32 rax,[rsi]; crc32 eax,cl; not eax
    assertThat(guest.get(Register.RAX)).isEqualTo(0xE306_9283L);
  }
}

package dev.ringzero.cpu.translator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ringzero.cpu.GuestFixture;
import dev.ringzero.engine.Register;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Ept;
import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.Rflags;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TranslatingExecutorTest {
  private final GuestFixture guest = new GuestFixture(true);

  @BeforeAll
  static void needsAHostThatCanRunIt() {
    TranslatingExecutor.whyNot().ifPresent(reason -> assumeTrue(false, reason));
  }

  @AfterEach
  void close() {
    guest.close();
  }

  @Test
  void loopRunsAsOftenAsItCounts() {
    guest.set(Register.RCX, 100_000).set(Register.RAX, 0);
    guest.run("48 FF C0  48 FF C9  75 F8"); // inc rax; dec rcx; jnz
    assertThat(guest.get(Register.RAX)).isEqualTo(100_000);
    assertThat(guest.cpu.statistics().interpreted()).isLessThan(100);
  }

  @Test
  void registersWithoutAHostRegisterKeepTheirValues() {
    guest.set(Register.R12, 12).set(Register.R13, 13).set(Register.R14, 14).set(Register.R15, 15);
    guest.set(Register.RDI, GuestFixture.DATA);
    // add r12,r13; xchg r14,r15; mov [rdi],r12; add r15,[rdi]; push r13; pop r12
    guest.run("4D 01 EC  4D 87 F7  4C 89 27  4C 03 3F  41 55  41 5C");
    assertThat(guest.get(Register.R12)).isEqualTo(13);
    assertThat(guest.get(Register.R13)).isEqualTo(13);
    assertThat(guest.get(Register.R14)).isEqualTo(15);
    assertThat(guest.get(Register.R15)).isEqualTo(14 + 25);
  }

  @Test
  void instructionsOnRegistersWithoutAHostRegisterKeepTheirWidths() {
    guest.set(Register.R12, -1).set(Register.R13, 0x1_0000_0002L).set(Register.R14, -1);
    guest.set(Register.R15, 0x8000_0000_0000_0001L).set(Register.RAX, 5);
    // mov r12d,eax; add r13,rax; mov r14w,ax; cmp r15,1; sar r15,1; mov rbx,r13; movzx ecx,r13b
    guest.run("41 89 C4  49 01 C5  66 41 89 C6  49 83 FF 01  49 D1 FF  4C 89 EB  41 0F B6 CD");
    assertThat(guest.get(Register.R12)).isEqualTo(5);
    assertThat(guest.get(Register.R13)).isEqualTo(0x1_0000_0007L);
    assertThat(guest.get(Register.R14)).isEqualTo(-1L << 16 | 5);
    assertThat(guest.get(Register.R15)).isEqualTo(0xC000_0000_0000_0000L);
    assertThat(guest.get(Register.RBX)).isEqualTo(0x1_0000_0007L);
    assertThat(guest.get(Register.RCX)).isEqualTo(7);
    // mov r12,r13; xor r13d,r13d; bsf r12,r13; mov r14,-2; bts r15,rax; imul rdx,r12,3
    guest.run("4D 89 EC  45 31 ED  4D 0F BC E5  49 C7 C6 FE FF FF FF  49 0F AB C7  49 6B D4 03");
    assertThat(guest.get(Register.R12)).isEqualTo(0x1_0000_0007L);
    assertThat(guest.get(Register.R13)).isZero();
    assertThat(guest.get(Register.R14)).isEqualTo(-2);
    assertThat(guest.get(Register.R15)).isEqualTo(0xC000_0000_0000_0020L);
    assertThat(guest.get(Register.RDX)).isEqualTo(0x3_0000_0015L);
    guest.set(Register.R12, 0x8000_0000L).run("4D 63 E4"); // movsxd r12,r12d
    assertThat(guest.get(Register.R12)).isEqualTo(-0x8000_0000L);
  }

  @Test
  void highByteRegistersAreThoseOfTheFirstFour() {
    guest.set(Register.RAX, 0x1234).set(Register.RBX, 0);
    guest.run("B4 56  88 E3  0F B6 CC"); // mov ah,56h; mov bl,ah; movzx ecx,ah
    assertThat(guest.get(Register.RAX)).isEqualTo(0x5634);
    assertThat(guest.get(Register.RBX)).isEqualTo(0x56);
    assertThat(guest.get(Register.RCX)).isEqualTo(0x56);
    assertThat(guest.get(Register.RSP)).isEqualTo(GuestFixture.STACK);
  }

  @Test
  void flagsLiveAcrossMemoryAccesses() {
    guest.set(Register.RDI, GuestFixture.DATA).set(Register.RAX, -1L).set(Register.RBX, 0);
    // add rax,1; mov [rdi],rax; mov rcx,[rdi]; adc rbx,0; stc; mov [rdi],rax
    guest.run("48 83 C0 01  48 89 07  48 8B 0F  48 83 D3 00  F9  48 89 07");
    assertThat(guest.get(Register.RBX)).isEqualTo(1);
    assertThat(guest.flags()).contains("c");
  }

  @Test
  void storeIntoTheRunningBlockTakesEffectAtTheNextInstruction() {
    guest.run("C6 05 01 00 00 00 07  B0 01"); // mov byte [rip+1],7; mov al,1
    assertThat(guest.get(Register.RAX) & 0xFF).isEqualTo(7);
    guest.run("C6 05 01 00 00 00 09  B0 01");
    assertThat(guest.get(Register.RAX) & 0xFF).isEqualTo(9);
  }

  @Test
  void storeIntoALinkedBlockDropsTheLink() {
    guest.set(Register.RCX, 3).set(Register.RDX, 0);
    // again: jmp next; next: mov al,1; add rdx,rax; mov byte [next+1],5; dec ecx; jnz again
    guest.set(Register.RAX, 0);
    guest.run("EB 00  B0 01  48 01 C2  C6 05 F5 FF FF FF 05  FF C9  75 EC");
    assertThat(guest.get(Register.RDX)).isEqualTo(1 + 5 + 5);
  }

  @Test
  void accessAcrossAPageEndIsWhole() {
    guest.set(Register.RDI, GuestFixture.DATA + 0xFFC);
    guest.set(Register.RAX, 0x1122_3344_5566_7788L);
    guest.run("48 89 07  48 8B 1F"); // mov [rdi],rax; mov rbx,[rdi]
    assertThat(guest.get(Register.RBX)).isEqualTo(0x1122_3344_5566_7788L);
    assertThat(guest.memory.read32(GuestFixture.DATA + 0x1000)).isEqualTo(0x1122_3344);
  }

  @Test
  void addressesOfNoPageNeverReachMemory() {
    // mov rbx,[rdi] once where the page is known, once with an address that is not canonical
    guest.set(Register.RDI, GuestFixture.DATA).run("48 8B 1F");
    guest.bytes(GuestFixture.CODE, "48 8B 1F F4").set(Register.RIP, GuestFixture.CODE);
    for (long address : new long[] {1L << 63, 1L << 62, GuestFixture.DATA | 1L << 48}) {
      guest.set(Register.RIP, GuestFixture.CODE).set(Register.RDI, address);
      assertThat(guest.runUntilExit()).isEqualTo(ExitReason.TRIPLE_FAULT);
    }
  }

  @Test
  void bitStringsReachBeyondTheirOperand() {
    guest.set(Register.RDI, GuestFixture.DATA + 0x100);
    guest.set(Register.RAX, 1000).set(Register.R13, -5);
    guest.run("48 0F AB 07  4C 0F AB 2F"); // bts [rdi],rax; bts [rdi],r13
    assertThat(guest.memory.read64(GuestFixture.DATA + 0x100 + 120)).isEqualTo(1L << 40);
    assertThat(guest.memory.read64(GuestFixture.DATA + 0xF8)).isEqualTo(1L << 59);
  }

  @Test
  void divisionGivesQuotientAndRemainder() {
    guest.set(Register.RDX, 0).set(Register.RAX, 1000).set(Register.R14, 7);
    guest.run("49 F7 F6"); // div r14
    assertThat(guest.get(Register.RAX)).isEqualTo(142);
    assertThat(guest.get(Register.RDX)).isEqualTo(6);
    guest.set(Register.RAX, -1000 & 0xFFFF_FFFFL).set(Register.RBX, 7);
    guest.run("99  F7 FB"); // cdq; idiv ebx
    assertThat((int) guest.get(Register.RAX)).isEqualTo(-142);
    assertThat((int) guest.get(Register.RDX)).isEqualTo(-6);
  }

  @Test
  void divisionByZeroIsTheGuestsFault() {
    guest.bytes(GuestFixture.CODE, "48 F7 F1"); // div rcx
    guest.set(Register.RCX, 0).set(Register.RDX, 0).set(Register.RIP, GuestFixture.CODE);
    assertThat(guest.runUntilExit()).isEqualTo(ExitReason.TRIPLE_FAULT);
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
  void shadowOfStiLastsThroughAnExitOfTheNextInstruction() {
    guest.bytes(GuestFixture.CODE, "48 89 07  FB  FF 06  F4"); // mov [rdi],rax; sti; inc [rsi]; hlt
    guest.set(Register.RDI, GuestFixture.DATA).set(Register.RSI, 0x80_0000);
    guest.set(Register.RIP, GuestFixture.CODE);
    ExitReason reason = guest.cpu.run();
    while (guest.get(Register.RIP) != GuestFixture.CODE + 4) { // first touches of memory
      assertThat(reason).isEqualTo(ExitReason.EPT_VIOLATION);
      guest.memory.touch(guest.cpu.exit().gpa, Ept.RIGHTS);
      reason = guest.cpu.run();
    }
    assertThat(reason).isEqualTo(ExitReason.EPT_VIOLATION);
    guest.pins.vector = 32;
    guest.cpu.interruptPending();
    assertThat(guest.runUntilExit()).isEqualTo(ExitReason.TRIPLE_FAULT); // there is no IDT
    assertThat(guest.get(Register.RIP)).isEqualTo(GuestFixture.CODE + 6);
    assertThat(guest.memory.read32(0x80_0000)).isEqualTo(1);
  }

  @Test
  void poppedFlagsAreTakenWhereTheyAreOrdinary() {
    // push 0x8D7; popf; pushf; pop rax; setc cl; sti; nop; push 0x202; popf; pushf; pop rdx
    guest.set(Register.RCX, 0);
    guest.run(
        "68 D7 08 00 00  9D  9C  58  0F 92 C1  FB  90  68 02 02 00 00  9D  9C  5A  68 02 00 00 00 "
            + " 9D");
    assertThat(guest.get(Register.RAX)).isEqualTo(0x8D7);
    assertThat(guest.get(Register.RCX)).isEqualTo(1);
    assertThat(guest.get(Register.RDX)).isEqualTo(0x202);
    assertThat(guest.get(Register.RFLAGS)).isEqualTo(2);
    assertThat(guest.cpu.statistics().interpreted()).isLessThan(10);
    guest.run("68 02 00 04 00  9D  9C  58  6A 02  9D"); // AC is the interpreter's
    assertThat(guest.get(Register.RAX)).isEqualTo(0x4_0002);
  }

  @Test
  void poppedInterruptFlagLetsAWaitingInterruptIn() {
    guest.pins.vector = 32;
    guest.cpu.interruptPending();
    guest
        .bytes(GuestFixture.CODE, "68 02 02 00 00  9D  90  F4")
        .set(Register.RIP, GuestFixture.CODE);
    assertThat(guest.runUntilExit()).isEqualTo(ExitReason.TRIPLE_FAULT);
    assertThat(guest.get(Register.RIP)).isEqualTo(GuestFixture.CODE + 6);
  }

  @Test
  void branchesThatCountAreTakenAsOftenAsTheyCount() {
    guest.set(Register.RCX, 50_000).set(Register.RAX, 0).set(Register.RBX, 0);
    guest.run("48 FF C0  E2 FB  E3 02  0F 0B  48 83 C3 01"); // inc rax; loop; jrcxz over; ud2
    assertThat(guest.get(Register.RAX)).isEqualTo(50_000);
    assertThat(guest.get(Register.RCX)).isZero();
    guest.set(Register.RCX, 10).set(Register.RAX, 0);
    guest.run("FF C0  83 F8 03  E0 F9  0F 94 C3"); // inc eax; cmp eax,3; loopne; sete bl
    assertThat(guest.get(Register.RAX)).isEqualTo(3);
    assertThat(guest.get(Register.RCX)).isEqualTo(7);
    assertThat(guest.get(Register.RBX)).isEqualTo(1);
    guest.set(Register.RCX, 0x7_0000_0001L).set(Register.RAX, 0).run("FF C0  67 E2 FB");
    assertThat(guest.get(Register.RAX)).isEqualTo(1);
    assertThat(guest.get(Register.RCX)).isZero();
    assertThat(guest.cpu.statistics().interpreted()).isLessThan(20);
  }

  @Test
  void tableLookUpAndControlOfVectorsRunNatively() {
    guest.set(Register.CR4, guest.get(Register.CR4) | Cr4.OSXSAVE).set(Register.RCX, 0);
    guest.set(Register.RAX, 7).set(Register.RDX, 0);
    guest.run("0F 01 D1"); // xsetbv
    guest.set(Register.RBX, GuestFixture.DATA).set(Register.RAX, 0x1122_3344_5566_0305L);
    guest.memory.write64(GuestFixture.DATA, 0x9988_7766_5544_3322L);
    guest.memory.write64(GuestFixture.DATA + 8, 0x7F80); // towards zero
    // xlat; ldmxcsr [rbx+8]; stmxcsr [rbx+16]; vstmxcsr [rbx+24]
    guest.run("D7  0F AE 53 08  0F AE 5B 10  C5 F8 AE 5B 18");
    assertThat(guest.get(Register.RAX)).isEqualTo(0x1122_3344_5566_0377L);
    assertThat(guest.memory.read64(GuestFixture.DATA + 16)).isEqualTo(0x7F80);
    assertThat(guest.memory.read64(GuestFixture.DATA + 24)).isEqualTo(0x7F80);
    assertThat(guest.cpu.statistics().interpreted()).isLessThan(10);
    guest.memory.write64(GuestFixture.DATA + 8, 0x1_0000); // reserved
    guest.bytes(GuestFixture.CODE, "90 0F AE 53 08").set(Register.RIP, GuestFixture.CODE);
    assertThat(guest.runUntilExit()).isEqualTo(ExitReason.TRIPLE_FAULT);
    assertThat(guest.get(Register.RIP)).isEqualTo(GuestFixture.CODE + 1);
  }

  @Test
  void pushedFlagsAreThoseOfTheGuest() {
    guest.run("FA  31 C0  F9  9C  58"); // cli; xor eax,eax; stc; pushf; pop rax
    assertThat(guest.get(Register.RAX)).isEqualTo(Rflags.FIXED | Rflags.ZF | Rflags.PF | Rflags.CF);
    guest.run("FB  90  9C  58"); // sti; nop; pushf; pop rax
    assertThat(guest.get(Register.RAX) & Rflags.IF).isNotZero();
  }

  @Test
  void stopRequestEndsAnEndlessLoop() {
    guest.bytes(GuestFixture.CODE, "EB FE").set(Register.RIP, GuestFixture.CODE);
    Thread stopper = Thread.ofVirtual().start(guest.cpu::requestStop);
    assertThat(guest.runUntilExit()).isEqualTo(ExitReason.STOP_REQUESTED);
    assertThat(stopper).isNotNull();
    assertThat(guest.get(Register.RIP)).isEqualTo(GuestFixture.CODE);
  }
}

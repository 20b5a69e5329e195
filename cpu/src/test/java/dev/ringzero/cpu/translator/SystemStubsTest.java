package dev.ringzero.cpu.translator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ringzero.cpu.GuestFixture;
import dev.ringzero.engine.Register;
import dev.ringzero.engine.SegmentState;
import dev.ringzero.engine.ShortCalls;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Efer;
import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.Rflags;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class SystemStubsTest {
  private static final long USER = GuestFixture.CODE + 0x1000;
  private static final long HANDLER = GuestFixture.CODE + 0x2000;
  private static final int STAR = 0xC000_0081;
  private static final int LSTAR = 0xC000_0082;
  private static final int SFMASK = 0xC000_0084;
  private static final long LINUX_MASK = 0x25_7FD5;

  @BeforeAll
  static void needsAHostThatCanRunIt() {
    TranslatingExecutor.whyNot().ifPresent(reason -> assumeTrue(false, reason));
  }

  private static GuestFixture guest(boolean translator, long mask) {
    GuestFixture guest = new GuestFixture(translator);
    guest.memory.write64(0x1000, 0x2000 | 7); // user pages, all of them
    guest.memory.write64(0x2000, 0x87);
    guest.cpu.msr(0xC000_0080, Efer.LME | Efer.LMA | Efer.SCE);
    guest.cpu.msr(STAR, 0x23L << 48 | 0x10L << 32);
    guest.cpu.msr(LSTAR, HANDLER);
    guest.cpu.msr(SFMASK, mask);
    return guest;
  }

  @Test
  void callsThatTheMonitorAnswersShortlyAreExitsAllTheSame() {
    try (GuestFixture guest = guest(true, LINUX_MASK)) {
      guest.cpu.eventsExit(true);
      guest.cpu.shortCalls((rax, rdi, rsi, rdx, r10) -> rax == 7 ? rdi + r10 : ShortCalls.EXIT);
      guest.set(Register.RDI, 5).set(Register.R10, 30).set(Register.RCX, 1).set(Register.R11, 2);

      // mov eax,7; syscall; mov rbx,rax; mov eax,8; syscall
      guest.bytes(GuestFixture.CODE, "B8 07 00 00 00  0F 05  48 89 C3  B8 08 00 00 00  0F 05");
      guest.cpu.register(Register.RIP, GuestFixture.CODE);

      assertThat(guest.runUntilExit()).isEqualTo(ExitReason.SYSCALL);
      assertThat(guest.get(Register.RBX)).isEqualTo(35);
      assertThat(guest.get(Register.RAX)).isEqualTo(8);
      assertThat(guest.get(Register.RCX)).isEqualTo(1);
      assertThat(guest.get(Register.R11)).isEqualTo(2);
      assertThat(guest.cpu.exits().count(ExitReason.SYSCALL))
          .isEqualTo(1); // the other has not ended
    }
  }

  /** A user loop of system calls, counted by the handler; tells what is left of it. */
  private static String systemCalls(boolean translator, long mask, String userCode, int times) {
    try (GuestFixture guest = guest(translator, mask)) {
      guest.bytes(USER, userCode + "0F 05  EB F8"); // syscall; jmp USER + userCode
      guest.bytes(HANDLER, "48 FF C3  4C 89 DA  48 39 EB  74 03  48 0F 07  F4");
      // inc rbx; mov rdx,r11; cmp rbx,rbp; je stop; sysretq; stop: hlt
      guest.set(Register.RCX, USER).set(Register.R11, 0x202);
      guest.set(Register.RBX, 0).set(Register.RBP, times);
      guest.run("48 0F 07"); // sysretq, to a halt in the handler
      if (translator && times > 100) {
        assertThat(guest.cpu.statistics().interpreted()).isLessThan(100);
      }
      return "%x %x %x %x %s cs %x ss %x"
          .formatted(
              guest.get(Register.RCX),
              guest.get(Register.R11),
              guest.get(Register.RDX),
              guest.get(Register.RFLAGS),
              guest.get(Register.RBX),
              guest.cpu.segment(SegmentState.CS).selector(),
              guest.cpu.segment(SegmentState.SS).selector());
    }
  }

  @Test
  void systemCallsRunNativelyAndLeaveWhatTheInterpreterLeaves() {
    String userCode = "48 83 C8 FF"; // or rax,-1: sign and parity
    assertThat(systemCalls(true, LINUX_MASK, userCode, 10_000))
        .isEqualTo(systemCalls(false, LINUX_MASK, userCode, 10_000))
        .contains("cs 10 ss 18");
  }

  @Test
  void systemCallsWithAnUnusualMaskLeaveFlagsAlone() {
    String userCode = "48 83 C8 FF";
    assertThat(systemCalls(true, 0, userCode, 5)).isEqualTo(systemCalls(false, 0, userCode, 5));
  }

  @Test
  void returnToAnAddressThatIsNotCanonicalFaults() {
    try (GuestFixture guest = guest(true, LINUX_MASK)) {
      guest.set(Register.RCX, 1L << 47).set(Register.R11, 0x202);
      guest.bytes(GuestFixture.CODE, "48 0F 07").set(Register.RIP, GuestFixture.CODE);
      assertThat(guest.runUntilExit()).isEqualTo(ExitReason.TRIPLE_FAULT);
    }
  }

  @Test
  void interruptsThatWaitAreTakenAfterTheReturnThatEnablesThem() {
    try (GuestFixture guest = guest(true, LINUX_MASK)) {
      guest.pins.vector = 32;
      guest.cpu.interruptPending();
      guest.bytes(USER, "EB FE"); // for ever, but for the interrupt, which there is no handler for
      guest.set(Register.RCX, USER).set(Register.R11, Rflags.IF | Rflags.FIXED);
      guest.bytes(GuestFixture.CODE, "48 0F 07").set(Register.RIP, GuestFixture.CODE);
      assertThat(guest.runUntilExit()).isEqualTo(ExitReason.TRIPLE_FAULT);
    }
  }

  @Test
  void userPagesAreWithinReachBetweenStacAndClacOnly() {
    try (GuestFixture guest = guest(true, LINUX_MASK)) {
      guest.set(Register.CR4, guest.get(Register.CR4) | Cr4.SMAP);
      guest.set(Register.RDI, GuestFixture.DATA).set(Register.RCX, 7);
      guest.run("0F 01 CB  48 89 0F  48 8B 07  0F 01 CA"); // stac; store; load; clac
      assertThat(guest.get(Register.RAX)).isEqualTo(7);
      assertThat(guest.get(Register.RFLAGS) & Rflags.AC).isZero();
      guest.bytes(GuestFixture.CODE, "0F 01 CB  48 8B 07  0F 01 CA  48 8B 07  F4");
      guest.set(Register.RIP, GuestFixture.CODE);
      assertThat(guest.runUntilExit()).isEqualTo(ExitReason.TRIPLE_FAULT);
    }
  }

  @Test
  void swapGsExchangesTheBases() {
    try (GuestFixture guest = guest(true, LINUX_MASK)) {
      guest.cpu.msr(0xC000_0101, GuestFixture.DATA);
      guest.cpu.msr(0xC000_0102, GuestFixture.DATA + 0x100);
      guest.memory.write64(GuestFixture.DATA + 0x108, 42);
      guest.run("0F 01 F8  65 48 8B 04 25 08 00 00 00"); // swapgs; mov rax,gs:[8]
      assertThat(guest.get(Register.RAX)).isEqualTo(42);
      assertThat(guest.cpu.msr(0xC000_0102)).isEqualTo(GuestFixture.DATA);
    }
  }
}

package dev.ringzero.cpu.translator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ringzero.cpu.GuestFixture;
import dev.ringzero.engine.Register;
import dev.ringzero.x86.ExitReason;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The state that the guest sees wherever translated code is left. */
class PreciseStateTest {
  private static final long NOT_CANONICAL = 0x8000_0000_0000_1234L;

  private final GuestFixture guest = new GuestFixture(true);

  @BeforeAll
  static void needsAHostThatCanRunIt() {
    TranslatingExecutor.whyNot().ifPresent(reason -> assumeTrue(false, reason));
  }

  @AfterEach
  void close() {
    guest.close();
  }

  @ParameterizedTest
  @CsvSource({"C3", "C2 08 00", "FF E0", "FF D0", "FF 27", "FF 17"}) // ret, jmp, call
  void jumpToAnAddressThatIsNotCanonicalFaultsBeforeItHasDoneAnything(String hex) {
    long stack = GuestFixture.STACK - 64;
    guest.memory.write64(stack, NOT_CANONICAL);
    guest.memory.write64(stack - 8, 0);
    guest.memory.write64(GuestFixture.DATA, NOT_CANONICAL);
    guest.set(Register.RAX, NOT_CANONICAL).set(Register.RDI, GuestFixture.DATA);
    guest.set(Register.RSP, stack);
    guest.bytes(GuestFixture.CODE, "90" + hex + "F4").set(Register.RIP, GuestFixture.CODE);
    assertThat(guest.runUntilExit()).isEqualTo(ExitReason.TRIPLE_FAULT);
    assertThat(guest.get(Register.RIP)).isEqualTo(GuestFixture.CODE + 1);
    assertThat(guest.get(Register.RSP)).isEqualTo(stack);
    assertThat(guest.memory.read64(stack - 8)).isZero();
  }

  @Test
  void byteShiftByACountOfZeroModulo32KeepsFlagsWhateverItsRexPrefixSays() {
    guest.set(Register.RAX, 0).set(Register.RDX, 1);
    guest.run("F9  48 C0 EA 20  48 83 D0 00"); // stc; shr dl,32 with REX.W; adc rax,0
    assertThat(guest.get(Register.RAX)).isEqualTo(1);
    assertThat(guest.get(Register.RDX)).isEqualTo(1);
  }

  @Test
  void flagsThatOnlyTheTargetOfABranchToAnotherPageReadsReachIt() {
    guest.set(Register.RDI, GuestFixture.DATA).set(Register.RAX, 0).set(Register.RCX, 1);
    guest.bytes(GuestFixture.CODE + 0x1000, "48 83 D0 00 F4"); // adc rax,0; hlt
    // stc; mov rbx,[rdi]; inc ecx; jnz to there; xor ebx,ebx
    guest.bytes(GuestFixture.CODE, "F9  48 8B 1F  FF C1  0F 85 F4 0F 00 00  31 DB  F4");
    guest.set(Register.RIP, GuestFixture.CODE).toHalt();
    assertThat(guest.get(Register.RAX)).isEqualTo(1);
  }
}

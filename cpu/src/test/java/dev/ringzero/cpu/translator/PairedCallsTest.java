package dev.ringzero.cpu.translator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ringzero.cpu.GuestFixture;
import dev.ringzero.engine.Register;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Guest calls and returns, which are pairs on the host's stack, where they are no pairs. */
class PairedCallsTest {
  private static final long COUNT = 3000;

  @BeforeAll
  static void needsAHostThatCanRunIt() {
    TranslatingExecutor.whyNot().ifPresent(reason -> assumeTrue(false, reason));
  }

  private static long run(String hex) {
    try (GuestFixture guest = new GuestFixture()) {
      guest.set(Register.RAX, 0).set(Register.RCX, COUNT).set(Register.RBX, COUNT);
      long stack = guest.get(Register.RSP);
      guest.run(hex);
      assertThat(guest.get(Register.RSP)).isEqualTo(stack);
      return guest.get(Register.RAX);
    }
  }

  @Test
  void recursionGoesDeeperThanTheHostsStackHasRoom() {
    // call f; jmp end; f: inc rax; dec rcx; jz out; call f; inc rax; out: ret
    String hex = "E8 02000000 EB 11 48FFC0 48FFC9 7408 E8 F3FFFFFF 48FFC0 C3";
    assertThat(run(hex)).isEqualTo(2 * COUNT - 1);
  }

  @Test
  void aReturnGoesWhereTheStackSaysNotWhereItsCallWas() {
    // again: call f; inc rax; dec rcx; jnz again; jmp end; f: add qword [rsp],3; ret
    String skipsTheInc = "E8 0A000000 48FFC0 48FFC9 75F3 EB06 48830424 03 C3";
    assertThat(run(skipsTheInc)).isZero();
  }

  @Test
  void aReturnWithoutACallIsAJump() {
    // again: lea rdx,[rip+2]; push rdx; ret; int3; inc rax; dec rcx; jnz again
    String hex = "488D15 03000000 52 C3 CC 48FFC0 48FFC9 75EE";
    assertThat(run(hex)).isEqualTo(COUNT);
  }

  @Test
  void aCallThatDoesNotReturnLeavesTheNextOnesWhole() {
    // again: call f; f: add rsp,8; call g; dec rcx; jnz again; jmp end; g: inc rax; ret
    String hex = "E8 00000000 4883C408 E8 07000000 48FFC9 75ED EB04 48FFC0 C3";
    assertThat(run(hex)).isEqualTo(COUNT);
  }

  @Test
  void returnsThroughPointersAndWithReleaseGoBack() {
    // lea rdx,[rip+f]; again: push rax; call rdx; dec rcx; jnz again; jmp end; f: inc rax; ret 8
    String hex = "488D15 0A000000 50 FFD2 48FFC9 75F8 EB06 48FFC0 C20800";
    assertThat(run(hex)).isEqualTo(COUNT);
  }
}

package dev.ringzero.cpu.translator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ringzero.cpu.GuestFixture;
import dev.ringzero.engine.Execution;
import dev.ringzero.engine.Register;
import dev.ringzero.engine.TranslatedBlock;
import dev.ringzero.engine.TranslationStatistics;
import dev.ringzero.x86.ExitReason;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TranslationStatisticsTest {
  private static final Execution COUNTED = new Execution(true, true);
  private static final Execution INTERPRETED = new Execution(false, false);

  @BeforeAll
  static void needsAHostThatCanRunIt() {
    TranslatingExecutor.whyNot().ifPresent(reason -> assumeTrue(false, reason));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "48 FF C0  48 FF C9  75 F8", // inc rax; dec rcx; jnz
        "F6 C1 01  74 03  48 FF C0  48 FF C9  75 F3", // test cl,1; jz; inc rax; dec; jnz
        "48 8B 04 CF  48 89 04 CE  48 FF C9  75 F3", // copies quadwords, across a page's end
        "51  E8 02 00 00 00  EB 04  FF C0 C3 90  59  48 FF C9  75 EE", // push, call, ret, pop
        "99  F7 FB  0F A2  FF C9  75 F7" // cdq; idiv ebx; cpuid; dec ecx; jnz
      })
  void instructionsAreCountedAsTheInterpreterCountsThem(String hex) {
    assertThat(instructions(hex, COUNTED)).isEqualTo(instructions(hex, INTERPRETED));
  }

  private static long instructions(String hex, Execution execution) {
    try (GuestFixture guest = new GuestFixture(execution)) {
      guest.set(Register.RCX, 1000).set(Register.RBX, 3);
      guest.set(Register.RDI, GuestFixture.DATA + 0x801).set(Register.RSI, GuestFixture.DATA);
      guest.bytes(GuestFixture.CODE, hex + "F4").set(Register.RIP, GuestFixture.CODE);
      ExitReason reason = guest.runUntilExit();
      for (; reason == ExitReason.CPUID; reason = guest.runUntilExit()) {
        guest.cpu.skipInstruction();
      }
      assertThat(reason).isEqualTo(ExitReason.HLT);
      return guest.cpu.statistics().instructions();
    }
  }

  @Test
  void instructionsAreNotCountedUnlessAskedFor() {
    try (GuestFixture guest = new GuestFixture(new Execution(true, false))) {
      guest.run("90");
      assertThat(guest.cpu.statistics().instructions()).isEqualTo(-1);
    }
  }

  @Test
  void accessesAreCountedByTheLevelThatServedThem() {
    try (GuestFixture guest = new GuestFixture(COUNTED)) {
      guest.set(Register.RCX, 100).set(Register.RDI, GuestFixture.DATA);
      guest.run("48 8B 07  48 03 07  FF C9  75 F6"); // mov rax,[rdi]; add rax,[rdi]; dec ecx; jnz
      TranslationStatistics figures = guest.cpu.statistics().translation().orElseThrow();
      assertThat(figures.accesses()).isBetween(200L, 204L);
      assertThat(figures.misses()).isBetween(1L, 4L);
      assertThat(figures.firstLevelHits() + figures.secondLevelHits() + figures.misses())
          .isEqualTo(figures.accesses());
      assertThat(figures.blocks()).isPositive();
      assertThat(figures.hostBytes()).isGreaterThan(figures.guestBytes());
      assertThat(figures.exits()).containsKey("special");
    }
  }

  @Test
  void translationIsShownBesideItsGuestCode() {
    try (GuestFixture guest = new GuestFixture(true)) {
      guest.set(Register.RDI, GuestFixture.DATA).run("48 03 07  48 89 C3"); // add; mov rbx,rax
      List<TranslatedBlock> found = guest.cpu.translations(GuestFixture.CODE + 3);
      assertThat(found).hasSize(1);
      assertThat(found.getFirst().parts())
          .anySatisfy(part -> {
            assertThat(part.gva()).isEqualTo(GuestFixture.CODE);
            assertThat(part.guest()).isEqualTo("add rax, qword ptr [rdi]");
            assertThat(part.host().getLast().text()).isEqualTo("add rax, qword ptr [r14 + r15]");
          });
      assertThat(guest.cpu.translations(GuestFixture.CODE + 1)).isEmpty();
      assertThat(guest.cpu.translations(GuestFixture.DATA)).isEmpty();
      assertThat(guest.cpu.translations(1L << 62)).isEmpty();
    }
  }
}

package dev.ringzero.cpu.translator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ringzero.cpu.GuestFixture;
import dev.ringzero.engine.Register;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Machines whose pages hold the same run the same translations, and never each other's. */
class SharedCodeTest {
  /** Calls the page behind n times: r: call 0x1000; add rbx,rax; dec rcx; jnz r; hlt. */
  private static final String CALLER = "E8 FB 0F 00 00  48 01 C3  48 FF C9  75 F3  F4";

  private static final long CALLED = GuestFixture.CODE + 0x1000;
  private static final int ROUNDS = 300;
  private static final int CALLS = 200;

  @BeforeAll
  static void needsAHostThatCanRunIt() {
    TranslatingExecutor.whyNot().ifPresent(reason -> assumeTrue(false, reason));
  }

  private static GuestFixture guest(int answer) {
    GuestFixture guest = new GuestFixture();
    guest.bytes(GuestFixture.CODE, CALLER);
    answer(guest, answer);
    return guest;
  }

  /** Lets the called page be: mov eax,answer; ret. */
  private static void answer(GuestFixture guest, int answer) {
    guest.bytes(CALLED, "B8 %08X C3".formatted(Integer.reverseBytes(answer)));
  }

  private static long sum(GuestFixture guest, int calls) {
    guest.set(Register.RIP, GuestFixture.CODE).set(Register.RBX, 0).set(Register.RCX, calls);
    guest.toHalt();
    return guest.get(Register.RBX);
  }

  private static long blocks(GuestFixture guest) {
    return guest.cpu.statistics().translation().orElseThrow().blocks();
  }

  @Test
  void whatOneMachineTranslatedAnotherRuns() {
    try (GuestFixture first = guest(0x5EED);
        GuestFixture second = guest(0x5EED)) {
      assertThat(sum(first, CALLS)).isEqualTo(CALLS * 0x5EEDL);
      assertThat(blocks(first)).isPositive();
      assertThat(sum(second, CALLS)).isEqualTo(CALLS * 0x5EEDL);
      assertThat(blocks(second)).isZero();
    }
  }

  @Test
  void jumpThatOneMachineLinkedLeadsAnotherToItsOwnPage() {
    try (GuestFixture first = guest(3);
        GuestFixture second = guest(7)) {
      assertThat(sum(first, CALLS)).isEqualTo(3 * CALLS);
      assertThat(sum(second, CALLS)).isEqualTo(7 * CALLS);
      answer(first, 7);
      answer(second, 3);
      assertThat(sum(first, CALLS)).isEqualTo(7 * CALLS);
      assertThat(sum(second, CALLS)).isEqualTo(3 * CALLS);
    }
  }

  @Test
  void machineThatChangesItsCodeChangesNoOthers() {
    try (GuestFixture first = guest(11);
        GuestFixture second = guest(11)) {
      assertThat(sum(first, CALLS)).isEqualTo(11 * CALLS);
      assertThat(sum(second, CALLS)).isEqualTo(11 * CALLS);
      answer(first, 12);
      assertThat(sum(second, CALLS)).isEqualTo(11 * CALLS);
      assertThat(sum(first, CALLS)).isEqualTo(12 * CALLS);
    }
  }

  @Test
  void processorThatWasTrimmedGoesOnAsBefore() {
    try (GuestFixture guest = guest(31)) {
      assertThat(sum(guest, CALLS)).isEqualTo(31 * CALLS);
      long before = blocks(guest);
      guest.cpu.trim();
      assertThat(sum(guest, CALLS)).isEqualTo(31 * CALLS);
      assertThat(blocks(guest)).isEqualTo(before);
      answer(guest, 32);
      assertThat(sum(guest, CALLS)).isEqualTo(32 * CALLS);
    }
  }

  @Test
  void codeThatNobodyHasAnyMoreIsTranslatedAgain() {
    try (GuestFixture guest = guest(21)) {
      sum(guest, CALLS);
      answer(guest, 22);
      sum(guest, CALLS);
      long before = blocks(guest);
      answer(guest, 21);
      assertThat(sum(guest, CALLS)).isEqualTo(21 * CALLS);
      assertThat(blocks(guest)).isGreaterThan(before);
    }
  }

  @Test
  void manyMachinesChangeTheirCodeWhileAllRun() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<Long>> wrong = new ArrayList<>();
      for (int machine = 0; machine < 4; machine++) {
        int seed = machine;
        wrong.add(threads.submit((Callable<Long>) () -> wrongSums(seed)));
      }
      for (Future<Long> each : wrong) {
        assertThat(each.get()).isZero();
      }
    }
  }

  private static long wrongSums(int seed) {
    long wrong = 0;
    try (GuestFixture guest = guest(0)) {
      for (int round = 0; round < ROUNDS; round++) {
        int answer = (round * 7 + seed) % 5;
        answer(guest, answer);
        wrong += sum(guest, CALLS) == (long) CALLS * answer ? 0 : 1;
      }
    }
    return wrong;
  }
}

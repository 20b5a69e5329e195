package dev.ringzero.vmm.machine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.cpu.SoftwareEngine;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Whatever a guest does, its run ends: by an exit the monitor knows, or soon after it was asked to
 * stop. {@code -Dringzero.fuzz.seconds} makes the search longer, {@code -Dringzero.fuzz.seed} moves
 * it; a failure names the seed that shows it again as the first.
 */
@Timeout(
    value = 2,
    unit = java.util.concurrent.TimeUnit.MINUTES,
    threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HostileGuestTest {
  private static final long FIRST_SEED = Long.getLong("ringzero.fuzz.seed", 1);
  private static final long SECONDS = Long.getLong("ringzero.fuzz.seconds", 2);
  private static final int GUESTS = 50;
  private static final long STOP_EVERY_NANOS = 1_000_000;

  private final AtomicReference<HostileMachine> running = new AtomicReference<>();

  @Test
  void interpreterSurvivesEveryGuest() throws InterruptedException {
    survive(false);
  }

  @Test
  void translatorSurvivesEveryGuest() throws InterruptedException {
    Assumptions.assumeTrue(SoftwareEngine.whyNoTranslator().isEmpty());
    survive(true);
  }

  private void survive(boolean translator) throws InterruptedException {
    AtomicBoolean done = new AtomicBoolean();
    Thread stopper = Thread.ofPlatform().daemon().start(() -> askToStop(done));
    try {
      long end = System.nanoTime() + SECONDS * 1_000_000_000;
      long seed = FIRST_SEED;
      do {
        runGuests(seed++, translator);
      } while (System.nanoTime() < end);
      assertThat(seed).isGreaterThan(FIRST_SEED);
    } finally {
      done.set(true);
      stopper.join();
    }
  }

  private void runGuests(long seed, boolean translator) {
    try (HostileMachine machine = new HostileMachine(seed, translator)) {
      running.set(machine);
      for (int guest = 0; guest < GUESTS; guest++) {
        machine.runGuest();
      }
    } catch (RuntimeException | Error e) {
      throw new AssertionError("seed " + seed, e);
    } finally {
      running.set(null);
    }
  }

  private void askToStop(AtomicBoolean done) {
    while (!done.get()) {
      LockSupport.parkNanos(STOP_EVERY_NANOS);
      HostileMachine machine = running.get();
      if (machine != null) {
        machine.cpu().requestStop();
      }
    }
  }
}

package dev.ringzero.vmm.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HostClockTest {
  private static final long HERTZ = 1_000_000_000;

  @Test
  void anAlarmThatRingsIsOverWhenTheClockStandsStill() throws InterruptedException {
    try (HostClock clock = new HostClock(HERTZ)) {
      CountDownLatch rings = new CountDownLatch(1);
      CountDownLatch goOn = new CountDownLatch(1);
      AtomicBoolean over = new AtomicBoolean();
      clock.schedule(
          clock.nanoTime(),
          () -> {
            rings.countDown();
            try {
              goOn.await();
              over.set(true);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
      rings.await();
      AtomicBoolean overWhenPaused = new AtomicBoolean();
      Thread pausing =
          Thread.ofPlatform()
              .start(() -> {
                clock.pause();
                overWhenPaused.set(over.get());
              });
      while (pausing.getState() != Thread.State.BLOCKED && pausing.isAlive()) {
        Thread.onSpinWait();
      }
      goOn.countDown();
      pausing.join();
      assertThat(overWhenPaused).isTrue();
    }
  }

  @Test
  void alarmsRingAfterThePauseAndNotBeforeTheirTime() throws InterruptedException {
    try (HostClock clock = new HostClock(HERTZ)) {
      CountDownLatch rang = new CountDownLatch(1);
      clock.pause();
      long paused = clock.nanoTime();
      clock.schedule(paused + 1_000_000, rang::countDown);
      clock.schedule(paused, rang::countDown).cancel();
      assertThat(clock.nanoTime()).isEqualTo(paused);
      assertThat(rang.getCount()).isEqualTo(1);
      clock.resume();
      rang.await();
      assertThat(clock.nanoTime()).isGreaterThanOrEqualTo(paused + 1_000_000);
    }
  }
}

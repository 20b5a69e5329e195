package dev.ringzero.vmm.machine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.engine.AgentRunner;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class AgentPoolTest {
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final CountDownLatch failed = new CountDownLatch(1);
  private final AgentPool pool =
      new AgentPool(
          "test",
          2,
          cause -> {
            failure.set(cause);
            failed.countDown();
          });

  @AfterEach
  void close() {
    pool.close();
  }

  @Test
  void anAgentThatWasWokenStepsOnceThePoolIsReleased() throws Exception {
    Semaphore steps = new Semaphore(0);
    AgentRunner.Waker waker =
        pool.add(
            "agent",
            () -> {
              steps.release();
              return false;
            });
    waker.wake();
    waker.wake();
    assertThat(steps.availablePermits()).isZero();
    pool.release();
    steps.acquire();
    pool.hold();
    assertThat(steps.availablePermits()).isZero();
    waker.wake();
    pool.release();
    steps.acquire();
  }

  @Test
  void anAgentStepsAgainWhileThereIsMoreToDo() throws Exception {
    AtomicInteger left = new AtomicInteger(100);
    CountDownLatch done = new CountDownLatch(1);
    pool.add(
            "agent",
            () -> {
              if (left.decrementAndGet() == 0) {
                done.countDown();
                return false;
              }
              return true;
            })
        .wake();
    pool.release();
    done.await();
    assertThat(left.get()).isZero();
  }

  @Test
  void anAgentNeverStepsOnTwoThreadsAndMissesNoWakeUp() throws Exception {
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger pending = new AtomicInteger();
    AtomicInteger overlaps = new AtomicInteger();
    Semaphore taken = new Semaphore(0);
    AgentRunner.Waker waker =
        pool.add(
            "agent",
            () -> {
              overlaps.addAndGet(inside.getAndIncrement());
              taken.release(pending.getAndSet(0));
              inside.decrementAndGet();
              return false;
            });
    pool.add("other", () -> false);
    pool.release();
    for (int i = 0; i < 10_000; i++) {
      pending.incrementAndGet();
      waker.wake();
    }
    taken.acquire(10_000);
    assertThat(overlaps.get()).isZero();
  }

  @Test
  void anAgentThatFailsIsToldOfAndStepsNoMore() throws Exception {
    AtomicInteger steps = new AtomicInteger();
    AgentRunner.Waker waker =
        pool.add(
            "agent",
            () -> {
              steps.incrementAndGet();
              throw new IllegalStateException("broken");
            });
    pool.release();
    waker.wake();
    failed.await();
    assertThat(failure.get()).hasMessage("broken");
  }

  @Test
  void threadsGoWhenThereIsNothingToDoAndComeWithTheWork() throws Exception {
    Semaphore steps = new Semaphore(0);
    AgentRunner.Waker waker =
        pool.add(
            "agent",
            () -> {
              steps.release();
              return false;
            });
    assertThat(pool.threads()).isZero();
    pool.release();
    waker.wake();
    steps.acquire();
    while (pool.threads() > 0) {
      Thread.onSpinWait();
    }
    waker.wake();
    steps.acquire();
  }
}

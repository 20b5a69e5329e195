package dev.ringzero.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RevocationTest {
  private static final int PROCESSORS = 4;
  private static final int FRAMES = 4;
  private static final int STEPS_PER_POLL = 8;

  private final Pins pins = new Pins();
  private final Revocation revocation = new Revocation(pins);
  private final AtomicBoolean stop = new AtomicBoolean();
  private final AtomicLong failures = new AtomicLong();

  @Test
  void callerDropsItsOwnAtOnce() {
    List<Long> dropped = new ArrayList<>();
    Revocation.User user =
        revocation.register((first, count, rights) -> dropped.add(first), () -> {});
    user.enter();
    revocation.revoke(5, 1, Revoker.WRITE);
    assertThat(dropped).containsExactly(5L);
  }

  @Test
  void userOutsideDropsWhenItEnters() {
    List<Long> dropped = new ArrayList<>();
    Revocation.User user =
        revocation.register((first, count, rights) -> dropped.add(first), () -> {});

    revocation.revoke(5, 1, Revoker.WRITE);
    assertThat(dropped).isEmpty();

    user.enter();
    assertThat(dropped).containsExactly(5L);
  }

  @Test
  void moreRequestsThanTheQueueHoldsBecomeOneForEverything() {
    List<Long> dropped = new ArrayList<>();
    Revocation.User user =
        revocation.register((first, count, rights) -> dropped.add(count), () -> {});
    for (int i = 0; i < 2000; i++) {
      revocation.revoke(i, 1, Revoker.READ);
    }
    user.enter();
    assertThat(dropped).containsExactly(Long.MAX_VALUE);
  }

  @Test
  void whoIsOutsideLearnsOfManyRequestsOneByOne() {
    List<Long> dropped = new ArrayList<>();
    Revocation.User user =
        revocation.register((first, count, rights) -> dropped.add(first), () -> {});
    for (int i = 0; i < 300; i++) {
      revocation.revoke(i, 1, Revoker.WRITE);
      revocation.revoke(i, 1, 0);
    }
    user.enter();
    assertThat(dropped).hasSize(300).startsWith(0L).endsWith(299L);
  }

  @Test
  void pinnedSlicesAreWaitedFor() throws InterruptedException {
    FrameMemory memory = FrameMemory.ofPc(2L << 20);
    Slices slices = memory.slices(0x5000, 16, true);
    long mfn = slices.hpa(0) >>> 12;
    AtomicBoolean done = new AtomicBoolean();
    Thread revoker =
        new Thread(() -> {
          memory.revocation().revoke(mfn, 1, Revoker.WRITE);
          done.set(true);
        });
    memory.revocation().revoke(mfn + 1, 1, Revoker.WRITE);
    revoker.start();
    while (revoker.getState() == Thread.State.NEW) {
      Thread.onSpinWait();
    }
    assertThat(done).isFalse();
    slices.close();
    revoker.join();
    assertThat(done).isTrue();
    memory.close();
  }

  /**
   * Four threads play vCPUs that cache "may use this frame" as a translation. Who takes a frame
   * revokes it, and then closes it: from then on nobody may use it.
   */
  @Test
  void framesAreNeverUsedAfterTheirRevocation() throws InterruptedException {
    AtomicIntegerArray taken = new AtomicIntegerArray(FRAMES);
    AtomicIntegerArray closed = new AtomicIntegerArray(FRAMES);
    AtomicLong revocations = new AtomicLong();
    boolean[][] cached = new boolean[PROCESSORS][FRAMES];
    run(
        number -> (first, count, rights) -> drop(cached[number], first, count),
        (number, user, step) -> {
          int frame = step / STEPS_PER_POLL % FRAMES;
          if (cached[number][frame]) {
            pause(step);
            if (closed.get(frame) != 0) {
              failures.incrementAndGet();
            }
          } else if (taken.get(frame) == 0) {
            cached[number][frame] = true;
          }
          if (step % 61 == 0 && taken.compareAndSet(frame, 0, 1)) {
            revocation.revoke(frame, 1, Revoker.WRITE);
            closed.set(frame, 1);
            revocations.incrementAndGet();
            pause(0);
            closed.set(frame, 0);
            taken.set(frame, 0);
          }
        },
        () -> revocations.get() >= 2000);

    assertThat(failures).hasValue(0);
  }

  @Test
  void exclusiveSectionsAreAlone() throws InterruptedException {
    AtomicInteger inside = new AtomicInteger();
    AtomicLong sections = new AtomicLong();
    run(
        number -> (first, count, rights) -> {},
        (number, user, step) -> {
          if (step % 32 == 0) {
            user.beginExclusive();
            if (inside.get() != 0) {
              failures.incrementAndGet();
            }
            pause(0);
            if (inside.get() != 0) {
              failures.incrementAndGet();
            }
            user.endExclusive();
            sections.incrementAndGet();
          } else {
            inside.incrementAndGet();
            pause(step);
            inside.decrementAndGet();
          }
          if (step % 100 == 7) {
            revocation.revoke(1, 1, Revoker.WRITE);
          }
        },
        () -> sections.get() >= 2000);

    assertThat(failures).hasValue(0);
  }

  /** Lets others run in the middle of what must not be seen by them. */
  private static void pause(int step) {
    if (step % 5 == 0) {
      Thread.yield();
    } else {
      Thread.onSpinWait();
    }
  }

  private static void drop(boolean[] cached, long first, long count) {
    for (int frame = 0; frame < FRAMES; frame++) {
      if (frame >= first && frame - first < count) {
        cached[frame] = false;
      }
    }
  }

  private interface Step {
    void run(int number, Revocation.User user, int step);
  }

  private interface Listeners {
    Revocation.Listener of(int number);
  }

  private interface Done {
    boolean now();
  }

  private void run(Listeners listeners, Step step, Done done) throws InterruptedException {
    List<Revocation.User> users = new ArrayList<>();
    for (int i = 0; i < PROCESSORS; i++) {
      users.add(revocation.register(listeners.of(i), () -> {}));
    }
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < PROCESSORS; i++) {
      int number = i;
      Thread thread = new Thread(() -> play(number, users.get(number), step));
      thread.start();
      threads.add(thread);
    }
    while (!done.now()) {
      Thread.yield();
    }
    stop.set(true);
    for (Thread thread : threads) {
      thread.join();
    }
  }

  private void play(int number, Revocation.User user, Step step) {
    user.enter();
    for (int i = number; !stop.get(); i++) {
      step.run(number, user, i);
      if (i % STEPS_PER_POLL == 0) {
        user.poll();
      }
      if (i % 1000 == 0) {
        user.leave();
        Thread.yield();
        user.enter();
      }
    }
    user.leave();
  }
}

package dev.ringzero.vmm.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.vmm.schedule.VcpuTask.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PhysicalCpusTest {
  private final PhysicalCpus cpus = new PhysicalCpus(2, PhysicalCpus.LEAST_SLICE_NANOS);

  @AfterEach
  void endThreads() {
    cpus.close();
  }

  /** Counts, until it is told to stop; waits when there is nothing to count. */
  private static class Counter implements VcpuTask {
    final Semaphore work = new Semaphore(0);
    final AtomicInteger done = new AtomicInteger();
    final int goal;

    Counter(int goal) {
      this.goal = goal;
    }

    @Override
    public String name() {
      return "counter";
    }

    @Override
    public Outcome run() {
      if (!work.tryAcquire()) {
        return Outcome.WAITS;
      }
      return done.incrementAndGet() == goal ? Outcome.ENDED : Outcome.MORE;
    }

    @Override
    public void stop() {}
  }

  /** Runs until it has met another, and is stopped or there is a CPU for each, so many times. */
  private static final class Spinner implements VcpuTask {
    private final AtomicInteger running;
    private final AtomicInteger most;
    private int turns;
    private final AtomicInteger others;
    private volatile boolean stop;

    Spinner(AtomicInteger running, AtomicInteger most, AtomicInteger others, int turns) {
      this.running = running;
      this.most = most;
      this.others = others;
      this.turns = turns;
    }

    @Override
    public String name() {
      return "spinner";
    }

    @Override
    public Outcome run() {
      most.accumulateAndGet(running.incrementAndGet(), Math::max);
      while (most.get() < 2 || !stop && others.get() > 2) {
        Thread.onSpinWait();
      }
      stop = false;
      running.decrementAndGet();
      if (--turns > 0) {
        return Outcome.MORE;
      }
      others.decrementAndGet();
      return Outcome.ENDED;
    }

    @Override
    public void stop() {
      stop = true;
    }
  }

  @Test
  void aTaskThatThrowsEndsAloneAndSoDoesAListener() throws InterruptedException {
    cpus.addListener(slice -> {
      throw new IllegalStateException("a listener of the test");
    });
    for (int n = 0; n < 4; n++) {
      Seat broken =
          cpus.group(ProcessorShare.USUAL)
              .add(
                  new Counter(1) {
                    @Override
                    public Outcome run() {
                      throw new IllegalStateException("a task of the test");
                    }
                  });
      broken.wake();
      broken.awaitEnd();
    }
    Counter counter = new Counter(2);
    counter.work.release(2);
    Seat seat = cpus.group(ProcessorShare.USUAL).add(counter);
    seat.wake();
    seat.awaitEnd();
    assertThat(counter.done).hasValue(2);
  }

  @Test
  void noWakeIsLost() throws InterruptedException {
    List<Counter> counters = new ArrayList<>();
    List<Seat> seats = new ArrayList<>();
    for (int n = 0; n < 5; n++) {
      Counter counter = new Counter(2000);
      counters.add(counter);
      seats.add(cpus.group(ProcessorShare.USUAL).add(counter));
    }
    for (int round = 0; round < 2000; round++) {
      for (int n = 0; n < counters.size(); n++) {
        counters.get(n).work.release();
        seats.get(n).wake();
      }
    }
    for (Seat seat : seats) {
      seat.awaitEnd();
    }
    assertThat(counters).allSatisfy(counter -> assertThat(counter.done).hasValue(2000));
    assertThat(cpus.times()).isEmpty();
  }

  @Test
  void noMoreRunAtOnceThanThereArePhysicalCpus() throws InterruptedException {
    AtomicInteger running = new AtomicInteger();
    AtomicInteger spinners = new AtomicInteger(8);
    AtomicInteger most = new AtomicInteger();
    CopyOnWriteArrayList<Slice> slices = new CopyOnWriteArrayList<>();
    cpus.addListener(slices::add);
    PhysicalCpus.Group group = cpus.group(ProcessorShare.USUAL);
    List<Seat> seats = new ArrayList<>();
    for (int n = 0; n < 8; n++) {
      seats.add(group.add(new Spinner(running, most, spinners, 20)));
    }
    seats.forEach(Seat::wake);
    for (Seat seat : seats) {
      seat.awaitEnd();
    }
    assertThat(most).hasValue(2);
    assertThat(slices).extracting(Slice::cpu).contains(0, 1);
    assertThat(slices).extracting(Slice::end).contains(Slice.End.PREEMPTED, Slice.End.ENDED);
    assertThat(slices).allSatisfy(s -> assertThat(s.endedNanos()).isGreaterThan(s.beganNanos()));
  }

  @Test
  void pinnedVcpuRunsThereAlone() throws InterruptedException {
    CopyOnWriteArrayList<Slice> slices = new CopyOnWriteArrayList<>();
    cpus.addListener(slices::add);
    Counter counter = new Counter(3);
    Seat seat = cpus.group(new ProcessorShare(100, ProcessorShare.NO_CAP, Set.of(1))).add(counter);
    counter.work.release(3);
    seat.wake();
    seat.awaitEnd();
    assertThat(slices).isNotEmpty().allSatisfy(slice -> assertThat(slice.cpu()).isEqualTo(1));
  }

  @Test
  void theLastSliceIsToldBeforeTheEnd() throws InterruptedException {
    CopyOnWriteArrayList<Slice> slices = new CopyOnWriteArrayList<>();
    cpus.addListener(slices::add);
    for (int n = 0; n < 1000; n++) {
      Counter counter = new Counter(1);
      Seat seat = cpus.group(ProcessorShare.USUAL).add(counter);
      counter.work.release();
      seat.wake();
      seat.awaitEnd();
      assertThat(slices.getLast().end()).isEqualTo(Slice.End.ENDED);
      slices.clear();
    }
  }

  @Test
  void vcpuWithAThreadOfItsOwnMissesNoWake() throws InterruptedException {
    Counter counter = new Counter(5000);
    Seat seat = new OwnThread(counter, () -> {});
    for (int n = 0; n < 5000; n++) {
      counter.work.release();
      seat.wake();
    }
    seat.awaitEnd();
    assertThat(counter.done).hasValue(5000);
  }
}

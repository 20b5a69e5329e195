package dev.ringzero.vmm.schedule;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * Threads of the host, one for each physical CPU, that run the vCPUs which sit here, as {@link
 * FairShare} decides. A thread is made when the first vCPU needs it. One more thread cuts slices
 * that last too long; it sleeps while nothing has to be cut.
 */
public final class PhysicalCpus implements AutoCloseable {
  /** Short enough to look simultaneous, and some hundred times what a switch costs. */
  public static final long USUAL_SLICE_NANOS = 2_000_000;

  public static final long LEAST_SLICE_NANOS = 100_000;
  public static final long MOST_SLICE_NANOS = 1_000_000_000;

  /** How long a physical CPU looks for work before it sleeps, where that paid lately. */
  private static final long POLL_NANOS = 20_000;

  /** Those of this process, as many as the host has. */
  private static final class Host {
    private static final PhysicalCpus CPUS =
        new PhysicalCpus(Runtime.getRuntime().availableProcessors(), USUAL_SLICE_NANOS);
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition cut = lock.newCondition();
  private final FairShare<VcpuSeat> policy;
  private final Cpu[] cpus;
  private final List<VcpuSeat> seats = new ArrayList<>();
  private final CopyOnWriteArrayList<Consumer<Slice>> listeners = new CopyOnWriteArrayList<>();
  private Thread cutter;
  private boolean closed;

  /**
   * Makes physical CPUs.
   *
   * @param count of them, from 1
   * @param sliceNanos for how long a vCPU may run while others want to
   */
  public PhysicalCpus(int count, long sliceNanos) {
    if (count < 1 || sliceNanos < LEAST_SLICE_NANOS || sliceNanos > MOST_SLICE_NANOS) {
      throw new IllegalArgumentException(count + " physical CPUs, slices of " + sliceNanos + " ns");
    }
    policy = new FairShare<>(count, sliceNanos);
    cpus = new Cpu[count];
    for (int n = 0; n < count; n++) {
      cpus[n] = new Cpu(n);
    }
  }

  /** As many as the host has, with the usual slices; for all machines that ask for no others. */
  public static PhysicalCpus host() {
    return Host.CPUS;
  }

  public int count() {
    return cpus.length;
  }

  /** A machine whose vCPUs have a share together. */
  public Group group(ProcessorShare share) {
    lock.lock();
    try {
      return new Group(policy.domain(share, System.nanoTime()));
    } finally {
      lock.unlock();
    }
  }

  /**
   * Tells of each slice when it ended, on the physical CPU's thread; of a vCPU's last one before
   * {@link Seat#awaitEnd()} returns.
   */
  public void addListener(Consumer<Slice> listener) {
    listeners.add(listener);
  }

  public void removeListener(Consumer<Slice> listener) {
    listeners.remove(listener);
  }

  /** What each vCPU had so far. */
  public List<VcpuTime> times() {
    lock.lock();
    try {
      return seats.stream().map(VcpuSeat::time).toList();
    } finally {
      lock.unlock();
    }
  }

  /** Ends the threads; no vCPU may sit here any more. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      cut.signalAll();
      for (Cpu cpu : cpus) {
        cpu.work.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /** The vCPUs of one machine. */
  public final class Group {
    private final Domain domain;
    private int members;

    private Group(Domain domain) {
      this.domain = domain;
    }

    /** Gives a vCPU a seat; it waits until it is woken. */
    public Seat add(VcpuTask task) {
      lock.lock();
      try {
        VcpuSeat seat = new VcpuSeat(this, task);
        seats.add(seat);
        members++;
        for (int n = 0;
            n < Math.min(cpus.length, seats.size()) || n < cpus.length && pinned(n);
            n++) {
          cpus[n].start();
        }
        return seat;
      } finally {
        lock.unlock();
      }
    }

    private boolean pinned(int cpu) {
      return domain.share.pins().stream().anyMatch(pin -> pin >= cpu);
    }

    private void left() {
      if (--members == 0) {
        policy.remove(domain);
      }
    }
  }

  /** Called with the lock. */
  private void poke(int number) {
    Cpu cpu = cpus[number];
    if (cpu.seat == null) {
      cpu.called = true;
      cpu.work.signal();
    } else {
      cpu.preempt();
    }
  }

  /** Called with the lock, when there is more to be cut than before. */
  private void watch() {
    if (cutter == null) {
      cutter = Thread.ofPlatform().name("slices").daemon().start(this::cutSlices);
    }
    cut.signal();
  }

  private void cutSlices() {
    lock.lock();
    try {
      while (!closed) {
        long now = System.nanoTime();
        long next = Long.MAX_VALUE;
        for (Cpu cpu : cpus) {
          if (cpu.seat != null && !cpu.stop) {
            long end = policy.sliceEnd(cpu.seat, now);
            if (end <= now) {
              cpu.preempt();
            } else {
              next = Math.min(next, end);
            }
          }
        }
        if (next == Long.MAX_VALUE) {
          cut.awaitUninterruptibly();
        } else {
          sleep(cut, next - now);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private static void sleep(Condition condition, long nanos) {
    try {
      condition.awaitNanos(nanos);
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts these threads", e);
    }
  }

  /** A thread that runs vCPUs. */
  private final class Cpu implements Runnable {
    private final int number;
    private final Condition work = lock.newCondition();
    private Thread thread;

    /** The vCPU that runs here. */
    private VcpuSeat seat;

    /** It has to leave. */
    private volatile boolean stop;

    /** There is work for a CPU that looks for it. */
    private volatile boolean called;

    private boolean pollingPays;

    Cpu(int number) {
      this.number = number;
    }

    void start() {
      if (thread == null) {
        thread = Thread.ofPlatform().name("pcpu" + number).daemon().start(this);
      }
    }

    void preempt() {
      if (!stop) {
        stop = true;
        seat.task.stop();
      }
    }

    @Override
    public void run() {
      lock.lock();
      try {
        while (!closed) {
          VcpuSeat next = policy.pick(number, System.nanoTime());
          if (next == null) {
            idle();
          } else {
            runSlice(next);
          }
        }
      } finally {
        lock.unlock();
      }
    }

    private void runSlice(VcpuSeat next) {
      seat = next;
      stop = false;
      int idle = policy.idleThoughWanted();
      if (idle >= 0) {
        poke(idle);
      }
      long began = System.nanoTime();
      if (policy.sliceEnd(next, began) != Long.MAX_VALUE) {
        watch();
      }
      lock.unlock();
      VcpuTask.Outcome outcome;
      try {
        do {
          next.woken = false;
          outcome = next.task.run();
        } while (outcome == VcpuTask.Outcome.MORE && !stop);
      } catch (RuntimeException | Error e) {
        outcome = VcpuTask.Outcome.ENDED;
        complain(next.task.name() + " ended", e);
      } finally {
        lock.lock();
      }
      long ended = System.nanoTime();
      seat = null;
      try {
        tell(next, began, ended, outcome);
      } catch (RuntimeException e) {
        complain("a listener to slices", e);
      }
      next.leave(outcome, ended);
    }

    private void complain(String what, Throwable cause) {
      System.getLogger(PhysicalCpus.class.getName()).log(System.Logger.Level.ERROR, what, cause);
    }

    private void tell(VcpuSeat of, long began, long ended, VcpuTask.Outcome outcome) {
      if (!listeners.isEmpty()) {
        Slice.End end =
            switch (outcome) {
              case MORE -> Slice.End.PREEMPTED;
              case WAITS -> Slice.End.WAITS;
              case ENDED -> Slice.End.ENDED;
            };
        Slice slice = new Slice(number, of.task.name(), began, ended, end);
        listeners.forEach(listener -> listener.accept(slice));
      }
    }

    /** Called with the lock, which is free meanwhile. */
    private void idle() {
      long began = System.nanoTime();
      called = false;
      if (pollingPays) {
        lock.unlock();
        while (!called && System.nanoTime() - began < POLL_NANOS) {
          Thread.onSpinWait();
        }
        lock.lock();
      }
      if (!called && !closed) {
        long release = policy.nextRelease(number);
        if (release == Long.MAX_VALUE) {
          work.awaitUninterruptibly();
        } else {
          sleep(work, release - began);
        }
      }
      pollingPays = System.nanoTime() - began < POLL_NANOS;
    }
  }

  /** Where a vCPU waits and runs. */
  final class VcpuSeat extends Entity implements Seat {
    private final Group group;
    private final VcpuTask task;
    private final CountDownLatch ended = new CountDownLatch(1);

    /** There may be something to do that {@link VcpuTask#run()} has not seen. */
    private volatile boolean woken;

    private volatile boolean blocked = true;

    private VcpuSeat(Group group, VcpuTask task) {
      super(policy.nextNumber(), group.domain);
      this.group = group;
      this.task = task;
    }

    @Override
    public void wake() {
      woken = true;
      if (blocked) {
        lock.lock();
        try {
          unblock();
        } finally {
          lock.unlock();
        }
      }
    }

    private void unblock() {
      if (blocked) {
        blocked = false;
        int cpu = policy.wake(this, System.nanoTime());
        if (cpu >= 0) {
          poke(cpu);
        } else {
          watch();
        }
      }
    }

    /** Called with the lock. */
    private void leave(VcpuTask.Outcome outcome, long now) {
      switch (outcome) {
        case MORE -> policy.putBack(this, now);
        case WAITS -> {
          policy.block(this, now);
          blocked = true;
          if (woken) {
            unblock();
          }
        }
        case ENDED -> {
          policy.end(this, now);
          seats.remove(this);
          group.left();
          ended.countDown();
        }
      }
    }

    @Override
    public VcpuTime time() {
      lock.lock();
      try {
        policy.charge(System.nanoTime());
        return new VcpuTime(task.name(), ranNanos, waitedNanos, slices);
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void awaitEnd() throws InterruptedException {
      ended.await();
    }
  }
}

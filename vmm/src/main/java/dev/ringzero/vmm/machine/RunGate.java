package dev.ringzero.vmm.machine;

import dev.ringzero.engine.EngineException;
import dev.ringzero.memory.OutOfFramesException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Where all vCPUs of a machine pass before they enter the guest: it lets them through, and turns
 * them away while the machine is paused and once it has ended.
 */
final class RunGate {
  private enum State {
    HELD,
    OPEN,
    ENDED
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<CpuRunner> runners = new ArrayList<>();
  private volatile State state = State.HELD;

  /** While open, the only vCPU that may pass; null where all may. */
  private volatile CpuRunner favourite;

  private MachineEnd end;
  private volatile Runnable endListener = () -> {};

  /** Who learns of the end, on the thread that ends the machine. */
  void onEnd(Runnable listener) {
    endListener = listener;
  }

  /** A vCPU to kick when the gate closes. Called before it runs. */
  void add(CpuRunner runner) {
    runners.add(runner);
  }

  /**
   * Lets a vCPU in.
   *
   * @return whether it may run, and then must {@link #leave}; if not it will be woken when it may,
   *     and when the machine ends
   */
  boolean enter(CpuRunner runner) {
    runner.inside(true);
    CpuRunner only = favourite;
    if (state == State.OPEN && (only == null || only == runner)) {
      return true;
    }
    leave(runner);
    return false;
  }

  void leave(CpuRunner runner) {
    runner.inside(false);
    if (state != State.OPEN) {
      lock.lock();
      try {
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  /** Lets the vCPUs run. */
  void open() {
    openFor(null);
  }

  /** Lets one vCPU run, or all where it is null. */
  void openFor(CpuRunner runner) {
    lock.lock();
    try {
      if (state == State.HELD) {
        favourite = runner;
        state = State.OPEN;
        runners.forEach(CpuRunner::wake);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Asks for {@link #hold()} without waiting. Any thread, a vCPU's own too. */
  void close() {
    lock.lock();
    try {
      if (state == State.OPEN) {
        state = State.HELD;
        runners.forEach(CpuRunner::kick);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Holds the vCPUs, and waits until all of them stand still. Not for a vCPU's own thread. */
  void hold() {
    lock.lock();
    try {
      close();
      while (state == State.HELD && runners.stream().anyMatch(CpuRunner::isInside)) {
        changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Ends the machine; the first end counts. Any thread. */
  void end(MachineEnd how) {
    lock.lock();
    try {
      if (state != State.ENDED) {
        state = State.ENDED;
        end = how;
        changed.signalAll();
        runners.forEach(CpuRunner::kick);
        endListener.run();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Ends the machine because a vCPU met a defect or a failure of the host. */
  void failed(CpuRunner runner, Throwable cause) {
    if (cause instanceof OutOfFramesException) {
      end(MachineEnd.outOfMemory());
      return;
    }
    if (cause instanceof EngineException) {
      end(new MachineEnd(MachineEnd.Cause.FAILED, cause.getMessage()));
      return;
    }
    String what = "vCPU " + runner.cpu().id() + ": " + cause;
    end(new MachineEnd(MachineEnd.Cause.FAILED, what));
    System.getLogger(RunGate.class.getName()).log(System.Logger.Level.ERROR, what, cause);
  }

  boolean ended() {
    return state == State.ENDED;
  }

  /** Waits for the end. */
  MachineEnd awaitEnd() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (state != State.ENDED) {
        changed.await();
      }
      return end;
    } finally {
      lock.unlock();
    }
  }
}

package dev.ringzero.vmm.schedule;

import java.util.concurrent.locks.LockSupport;

/** A vCPU with a thread of its own, whose time the host's kernel slices. */
public final class OwnThread implements Seat {
  private final VcpuTask task;
  private final Thread thread;
  private volatile boolean woken;
  private volatile long ranNanos;
  private volatile long slices;

  /**
   * Gives a vCPU a thread; it waits until it is woken.
   *
   * @param first runs on it before all else
   */
  public OwnThread(VcpuTask task, Runnable first) {
    this.task = task;
    thread =
        Thread.ofPlatform()
            .name(task.name())
            .daemon()
            .start(() -> {
              first.run();
              run();
            });
  }

  private void run() {
    VcpuTask.Outcome outcome = VcpuTask.Outcome.WAITS;
    while (outcome != VcpuTask.Outcome.ENDED) {
      if (outcome == VcpuTask.Outcome.WAITS) {
        while (!woken) {
          LockSupport.park(this);
        }
        slices++;
      }
      woken = false;
      long began = System.nanoTime();
      outcome = task.run();
      ranNanos += System.nanoTime() - began;
    }
  }

  @Override
  public void wake() {
    woken = true;
    LockSupport.unpark(thread);
  }

  /** The kernel's slices are not seen: time for which it let others run counts as run. */
  @Override
  public VcpuTime time() {
    return new VcpuTime(task.name(), ranNanos, 0, slices);
  }

  @Override
  public void awaitEnd() throws InterruptedException {
    thread.join();
  }
}

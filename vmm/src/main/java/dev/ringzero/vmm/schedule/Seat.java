package dev.ringzero.vmm.schedule;

/** A vCPU's place among those that get time to run. */
public interface Seat {
  /** Tells that the vCPU may have something to do. Any thread. */
  void wake();

  /** What the vCPU had so far. */
  VcpuTime time();

  /** Waits until the vCPU has ended. */
  void awaitEnd() throws InterruptedException;
}

package dev.ringzero.vmm.schedule;

/** A vCPU as the physical CPUs see it: something that can run for a while. */
public interface VcpuTask {
  /** Why {@link #run()} returned. */
  enum Outcome {
    /** It could go on at once. */
    MORE,
    /** It can go on after {@link Seat#wake()}. */
    WAITS,
    /** It will never run again. */
    ENDED
  }

  /** For people who look at slices. */
  String name();

  /**
   * Runs until it waits or ended, until {@link #stop()}, or for as short as it likes. One that
   * throws has ended; others of its physical CPU go on.
   */
  Outcome run();

  /** Makes {@link #run()} return soon. Any thread. */
  void stop();
}

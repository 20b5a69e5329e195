package dev.ringzero.vmm.schedule;

/**
 * A time in which a physical CPU ran one vCPU.
 *
 * @param cpu number of the physical CPU, from 0
 * @param vcpu its name
 * @param beganNanos on {@link System#nanoTime()}
 * @param endedNanos on the same clock
 * @param end why it ended
 */
public record Slice(int cpu, String vcpu, long beganNanos, long endedNanos, End end) {
  /** Why a slice ended. */
  public enum End {
    /** The vCPU waits, as after HLT. */
    WAITS,
    /** The physical CPU was wanted for another vCPU, or a cap was reached. */
    PREEMPTED,
    /** The vCPU ended. */
    ENDED
  }
}

package dev.ringzero.vmm.schedule;

import java.util.Set;

/**
 * What a machine may have of the physical CPUs, all its vCPUs together.
 *
 * @param weight its part where others want to run too, in proportion to theirs: 1 to 10000, as
 *     cpu.weight of Linux control groups
 * @param capPercent the most it may have even where nobody else wants to run, in percent of one
 *     physical CPU; {@link #NO_CAP} for no such bound
 * @param pins numbers of the physical CPUs on which it may run, from 0; empty for all
 */
public record ProcessorShare(int weight, int capPercent, Set<Integer> pins) {
  public static final int LEAST_WEIGHT = 1;
  public static final int MOST_WEIGHT = 10_000;
  public static final int USUAL_WEIGHT = 100;
  public static final int NO_CAP = 0;

  /** A machine as any other. */
  public static final ProcessorShare USUAL = new ProcessorShare(USUAL_WEIGHT, NO_CAP, Set.of());

  public ProcessorShare {
    if (weight < LEAST_WEIGHT || weight > MOST_WEIGHT) {
      throw new IllegalArgumentException("a weight of " + weight);
    }
    if (capPercent < 0) {
      throw new IllegalArgumentException("a cap of " + capPercent);
    }
    pins = Set.copyOf(pins);
  }

  boolean allows(int physicalCpu) {
    return pins.isEmpty() || pins.contains(physicalCpu);
  }
}

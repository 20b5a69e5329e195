package dev.ringzero.vmm.exit;

import dev.ringzero.engine.VirtualCpu;
import dev.ringzero.x86.ExitReason;

/**
 * What the monitor of a kind of guest does around each run of a vCPU. Called on the vCPU's own
 * thread.
 */
public interface ExitHandling {
  /** Before the vCPU enters the guest. */
  void beforeEntry(VirtualCpu cpu);

  /**
   * Handles the exit that {@link VirtualCpu#run()} has just returned, but for HLT and stops.
   *
   * @return whether the vCPU has to wait until {@link VirtualCpu#wakes()}
   */
  boolean handle(VirtualCpu cpu, ExitReason reason);

  /**
   * Gives a vCPU that waited for it its first state.
   *
   * @param vector as the startup signal brought it
   */
  void start(VirtualCpu cpu, int vector);
}

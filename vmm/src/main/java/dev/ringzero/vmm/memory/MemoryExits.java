package dev.ringzero.vmm.memory;

import dev.ringzero.engine.VirtualCpu;
import dev.ringzero.x86.ExitReason;

/** Memory virtualization of an unmodified guest: it works at VM exits that the guest never sees. */
public interface MemoryExits extends MemoryVirtualization {
  /** What became of an exit. */
  enum Outcome {
    /** The guest can go on. */
    DONE,
    /** The exit is not about memory. */
    NOT_MINE,
    /** The guest has code or a table where there is no RAM. */
    NO_RAM,
    /** Machine memory or the VM's quota is used up. */
    EXHAUSTED,
    /** The guest's fault came while a double fault was delivered. */
    TRIPLE_FAULT
  }

  /** Handles the exit that {@link VirtualCpu#run()} has just returned. */
  Outcome handle(VirtualCpu cpu, ExitReason reason);
}

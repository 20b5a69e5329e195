package dev.ringzero.vmm.memory;

import dev.ringzero.engine.VirtualCpu;
import dev.ringzero.x86.ExitReason;
import java.util.Map;

/**
 * How a VM's addresses become machine addresses, and what the monitor does for it at VM exits.
 * Thread-safe: each vCPU's own thread calls.
 */
public interface MemoryVirtualization extends AutoCloseable {
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

  /** The name that people write. */
  String word();

  /** Prepares a vCPU, before it runs first. */
  void attach(VirtualCpu cpu);

  /** Handles the exit that {@link VirtualCpu#run()} has just returned. */
  Outcome handle(VirtualCpu cpu, ExitReason reason);

  /** What it has done and what it holds, by names for people, in the order to be shown. */
  Map<String, Long> figures();

  /** Gives its own frames back. No vCPU runs any more. */
  @Override
  void close();
}

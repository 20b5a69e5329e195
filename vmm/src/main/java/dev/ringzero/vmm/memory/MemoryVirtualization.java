package dev.ringzero.vmm.memory;

import dev.ringzero.engine.VirtualCpu;
import java.util.Map;
import java.util.Optional;

/** How a VM's addresses become machine addresses. Thread-safe: each vCPU's own thread calls. */
public interface MemoryVirtualization extends AutoCloseable {
  /** The name that people write. */
  String word();

  /** Prepares a vCPU, before it runs first. */
  void attach(VirtualCpu cpu);

  /** What it has done and what it holds, by names for people, in the order to be shown. */
  Map<String, Long> figures();

  /** Frames that hold page tables, the guest's or the monitor's, by what they are. */
  default Map<String, Long> tableFrames() {
    return Map.of();
  }

  /**
   * How a linear address becomes a machine address now, for a vCPU that stands still; changes
   * nothing.
   *
   * @return empty where the monitor cannot know
   */
  Optional<AddressWalk> walk(VirtualCpu cpu, long linear);

  /** Gives its own frames back. No vCPU runs any more. */
  @Override
  void close();
}

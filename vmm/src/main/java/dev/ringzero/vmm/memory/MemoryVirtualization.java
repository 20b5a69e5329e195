package dev.ringzero.vmm.memory;

import dev.ringzero.engine.VirtualCpu;
import java.util.Map;

/**
 * How a VM's addresses become machine addresses. Thread-safe: each vCPU's own thread calls.
 */
public interface MemoryVirtualization extends AutoCloseable {
  /** The name that people write. */
  String word();

  /** Prepares a vCPU, before it runs first. */
  void attach(VirtualCpu cpu);

  /** What it has done and what it holds, by names for people, in the order to be shown. */
  Map<String, Long> figures();

  /** Gives its own frames back. No vCPU runs any more. */
  @Override
  void close();
}

package dev.ringzero.engine;

import dev.ringzero.memory.IoBus;

/** What runs guest code: our own CPU, or the host's through KVM. */
public interface Engine extends AutoCloseable {
  /** "software" or "kvm". */
  String name();

  /**
   * Makes a vCPU.
   *
   * @param id from 0
   * @param interrupts where it gets interrupts from
   * @param io the buses as this processor sees them: its own local APIC lies over the shared
   *     devices
   */
  VirtualCpu createCpu(int id, InterruptSource interrupts, IoBus io);

  @Override
  void close();
}

package dev.ringzero.engine;

/** What runs guest code: our own CPU, or the host's through KVM. */
public interface Engine extends AutoCloseable {
  /** "software" or "kvm". */
  String name();

  /**
   * Makes a vCPU.
   *
   * @param id from 0
   * @param interrupts where it gets interrupts from
   */
  VirtualCpu createCpu(int id, InterruptSource interrupts);

  @Override
  void close();
}

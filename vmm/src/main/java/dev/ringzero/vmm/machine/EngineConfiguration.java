package dev.ringzero.vmm.machine;

/** What runs the guest's code, with what only that engine has. */
public sealed interface EngineConfiguration {
  /**
   * RingZero's own processor.
   *
   * @param translator whether ordinary instructions may run on the host's processor, where it can
   */
  record Software(boolean translator) implements EngineConfiguration {}

  /** The host's processor, through KVM. */
  record Kvm() implements EngineConfiguration {}
}

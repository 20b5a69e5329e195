package dev.ringzero.vmm.machine;

import dev.ringzero.engine.Execution;

/** What runs the guest's code, with what only that engine has. */
public sealed interface EngineConfiguration {
  /** RingZero's own processor. */
  record Software(Execution execution) implements EngineConfiguration {}

  /** The host's processor, through KVM. */
  record Kvm() implements EngineConfiguration {}
}

package dev.ringzero.vmm.machine;

import dev.ringzero.engine.EngineException;
import dev.ringzero.kvm.KvmProbe;
import dev.ringzero.vmm.schedule.ProcessorShare;

/**
 * The engine that a machine gets, and why.
 *
 * @param words one sentence for people, without its full stop
 */
public record EngineSelection(EngineConfiguration engine, String words) {
  /** RingZero's own processor, because somebody wants it. */
  public static EngineSelection software(EngineConfiguration.Software ours, String why) {
    return new EngineSelection(ours, "software engine: " + why);
  }

  /**
   * The host's processor where whole guests run on it, else ours.
   *
   * @param ours how ours is set up
   */
  public static EngineSelection best(EngineConfiguration.Software ours) {
    KvmProbe.Result host = KvmProbe.probe();
    return host.verdict() == KvmProbe.Verdict.USABLE
        ? new EngineSelection(new EngineConfiguration.Kvm(), "KVM engine: " + host.words())
        : software(ours, host.words());
  }

  /**
   * The host's processor.
   *
   * @param share of it
   * @throws EngineException if this host has no KVM at all
   */
  public static EngineSelection kvm(ProcessorShare share) {
    KvmProbe.Result host = KvmProbe.probe();
    return switch (host.verdict()) {
      case USABLE, PARTIAL ->
          new EngineSelection(new EngineConfiguration.Kvm(share), "KVM engine: " + host.words());
      case ABSENT -> throw new EngineException(host.words() + ": use --engine software");
    };
  }
}

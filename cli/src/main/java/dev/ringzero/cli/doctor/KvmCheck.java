package dev.ringzero.cli.doctor;

import dev.ringzero.kvm.KvmProbe;

/** Whether the host's own virtualization can be used. */
final class KvmCheck {
  private static final String SUBJECT = "KVM";

  private KvmCheck() {}

  static Finding find() {
    KvmProbe.Result result = KvmProbe.examine();
    return switch (result.verdict()) {
      case USABLE -> Finding.good(SUBJECT, result.words());
      case PARTIAL, ABSENT ->
          Finding.missing(SUBJECT, result.words() + "; RingZero's own processor runs the guests");
    };
  }
}

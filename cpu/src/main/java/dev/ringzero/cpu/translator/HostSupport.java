package dev.ringzero.cpu.translator;

import java.util.Optional;

/** Whether this host can run translated code. It asks before anything native is touched. */
final class HostSupport {
  private static final int PROBE_BYTES = 4096;

  private HostSupport() {}

  /** Why this host cannot run translated code, in one line; empty where it can. */
  static Optional<String> whyNot() {
    if (!System.getProperty("os.arch").equals("amd64")
        || !System.getProperty("os.name").equals("Linux")) {
      return Optional.of("the translator runs on x86-64 Linux only");
    }
    if (!HostSupport.class.getModule().isNativeAccessEnabled()) {
      return Optional.of("the JVM was started without --enable-native-access");
    }
    Optional<String> lacking = HostFeatures.lacking();
    return lacking.isPresent() ? lacking : forbidden();
  }

  private static Optional<String> forbidden() {
    try {
      HostCode.DoubleMapping probe = HostCode.mapTwice(PROBE_BYTES);
      HostCode.unmap(probe.writable(), PROBE_BYTES);
      HostCode.unmap(probe.executable(), PROBE_BYTES);
      return Optional.empty();
    } catch (IllegalStateException e) {
      return Optional.of("the host forbids executable memory: " + e.getMessage());
    }
  }
}

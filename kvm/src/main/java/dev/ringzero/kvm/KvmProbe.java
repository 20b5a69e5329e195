package dev.ringzero.kvm;

import dev.ringzero.engine.VirtualCpu;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * Whether this host's KVM can run guests, found out by running one. There are hosts whose device
 * opens but does only a part: KVM without VT-x or AMD-V, where whole kernels end in an emulation
 * failure.
 */
public final class KvmProbe {
  private static final Path DEVICE = Path.of(KvmFile.DEVICE);
  private static final Path PROCESSORS = Path.of("/proc/cpuinfo");
  private static final Pattern VIRTUALIZATION =
      Pattern.compile("^flags\\s*:.*\\b(vmx|svm)\\b", Pattern.MULTILINE);
  private static final String BARE_PROCESSOR =
      "the processor shows neither VT-x nor AMD-V:"
          + " a whole kernel would end in an emulation failure";
  private static final long PATIENCE_MILLIS = 30_000;

  /** How much of KVM is there. */
  public enum Verdict {
    USABLE,
    /** Small guests may run, but no kernel. */
    PARTIAL,
    ABSENT
  }

  /**
   * What was found.
   *
   * @param words one plain sentence, without its full stop
   */
  public record Result(Verdict verdict, String words) {}

  /** Stops a vCPU that takes too long. */
  @FunctionalInterface
  interface Watchdog {
    AutoCloseable guard(VirtualCpu cpu);
  }

  private KvmProbe() {}

  /** Looks whether whole guests run on this host; takes milliseconds, and seconds at worst. */
  public static Result probe() {
    return probe(hasVirtualization());
  }

  /** The same, and tries a small guest on a processor that shows no virtualization, too. */
  public static Result examine() {
    return probe(true);
  }

  private static Result probe(boolean runGuest) {
    if (!System.getProperty("os.name").equals("Linux")) {
      return absent("KVM needs Linux");
    }
    if (!KvmProbe.class.getModule().isNativeAccessEnabled()) {
      return absent("native calls are not allowed");
    }
    if (!Files.exists(DEVICE)) {
      return absent("there is no " + DEVICE);
    }
    if (!Files.isReadable(DEVICE) || !Files.isWritable(DEVICE)) {
      return absent("you may not open " + DEVICE + "; join the group kvm");
    }
    if (!runGuest) {
      return new Result(Verdict.PARTIAL, DEVICE + " is there, but " + BARE_PROCESSOR);
    }
    try {
      return judge(new ProbeGuest().runs(KvmProbe::guard), hasVirtualization());
    } catch (KvmException e) {
      return new Result(
          Verdict.PARTIAL, DEVICE + " opens, but no whole guest runs on it: " + e.getMessage());
    }
  }

  static Result judge(boolean guestRan, boolean processorVirtualizes) {
    if (!guestRan) {
      return new Result(
          Verdict.PARTIAL, DEVICE + " opens, but a small guest does not run through on it");
    }
    return processorVirtualizes
        ? new Result(Verdict.USABLE, DEVICE + " runs a guest from real mode to long mode")
        : new Result(Verdict.PARTIAL, DEVICE + " runs a small guest, but " + BARE_PROCESSOR);
  }

  private static boolean hasVirtualization() {
    try {
      return VIRTUALIZATION.matcher(Files.readString(PROCESSORS)).find();
    } catch (IOException e) {
      return false;
    }
  }

  private static AutoCloseable guard(VirtualCpu cpu) {
    Thread guard =
        Thread.ofVirtual()
            .start(() -> {
              try {
                Thread.sleep(PATIENCE_MILLIS);
                cpu.requestStop();
              } catch (InterruptedException e) {
                // the guest came to its end in time
              }
            });
    return () -> {
      guard.interrupt();
      guard.join();
    };
  }

  private static Result absent(String words) {
    return new Result(Verdict.ABSENT, words);
  }
}

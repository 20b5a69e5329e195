package dev.ringzero.cli.bench.subject;

import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.bench.Clock;
import dev.ringzero.kvm.KvmProbe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * RingZero, and the peers that can be used here.
 *
 * @param absent peers that cannot be used, and why, a line each
 */
public record Subjects(RingZero ours, List<Subject> peers, List<String> absent) {
  /** All the peers we know, by their keys. */
  public static final List<String> PEERS = List.of("qemu-tcg", "qemu-kvm", "bochs", "native");

  /** Looks for the wanted peers on this machine. */
  public static Subjects find(List<String> wanted, Clock clock)
      throws IOException, InterruptedException {
    List<Subject> found = new ArrayList<>();
    List<String> absent = new ArrayList<>();
    for (String key : PEERS) {
      if (wanted.contains(key)) {
        Finding finding = find(key, clock);
        finding.subject().ifPresentOrElse(found::add, () -> absent.add(finding.reason()));
      }
    }
    return new Subjects(new RingZero(), List.copyOf(found), List.copyOf(absent));
  }

  /** Reads a list of peers such as {@code qemu-tcg,native}. */
  public static List<String> wanted(String text) {
    if (text.equals("none")) {
      return List.of();
    }
    List<String> wanted = List.of(text.split(","));
    for (String key : wanted) {
      if (!PEERS.contains(key)) {
        throw new UsageException(
            "--peers takes none or some of " + String.join(",", PEERS) + ", not " + key);
      }
    }
    return wanted;
  }

  private record Finding(Optional<Subject> subject, String reason) {
    static Finding of(Subject subject) {
      return new Finding(Optional.of(subject), "");
    }

    static Finding none(String reason) {
      return new Finding(Optional.empty(), reason);
    }
  }

  private static Finding find(String key, Clock clock) throws IOException, InterruptedException {
    return switch (key) {
      case "qemu-tcg" -> qemu(Qemu.Accelerator.TCG);
      case "qemu-kvm" -> {
        KvmProbe.Result kvm = KvmProbe.probe();
        yield kvm.verdict() == KvmProbe.Verdict.USABLE
            ? qemu(Qemu.Accelerator.KVM)
            : Finding.none("QEMU KVM left out: " + kvm.words());
      }
      case "bochs" ->
          Finding.none(
              isInstalled("bochs")
                  ? "Bochs left out: it boots no kernel without a boot loader's disk"
                  : "Bochs left out: not installed");
      default -> host(clock);
    };
  }

  private static Finding host(Clock clock) throws IOException, InterruptedException {
    if (clock == Clock.CPU) {
      return Finding.none("native left out: --clock cpu sees guests only");
    }
    return Native.isUsable()
        ? Finding.of(new Native())
        : Finding.none("native left out: this host gives a user no namespaces (unshare)");
  }

  private static Finding qemu(Qemu.Accelerator accelerator) throws IOException {
    return isInstalled(Qemu.PROGRAM)
        ? Finding.of(new Qemu(Qemu.installedVersion(), accelerator, Qemu.KernelForm.BZIMAGE))
        : Finding.none("QEMU " + accelerator + " left out: no " + Qemu.PROGRAM + " on the path");
  }

  private static boolean isInstalled(String program) {
    for (String directory : System.getenv().getOrDefault("PATH", "").split(":")) {
      if (Files.isExecutable(Path.of(directory, program))) {
        return true;
      }
    }
    return false;
  }

  /** RingZero and its peers. */
  public List<Subject> all() {
    List<Subject> all = new ArrayList<>(peers);
    all.addFirst(ours);
    return all;
  }
}

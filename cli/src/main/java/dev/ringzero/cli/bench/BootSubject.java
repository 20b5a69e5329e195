package dev.ringzero.cli.bench;

import dev.ringzero.images.DefaultGuest;
import dev.ringzero.images.ImageCache;
import dev.ringzero.images.Progress;
import dev.ringzero.images.initramfs.DefaultInitramfs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Something that boots the default guest, and how to start it.
 *
 * @param name for people
 */
record BootSubject(String name, List<String> command) {
  static final String HOSTNAME = "bench";

  private static final String MEMORY_MEBIBYTES = "512";
  private static final String COMMAND_LINE = "console=ttyS0 panic=-1 quiet";
  private static final String QEMU = "qemu-system-x86_64";

  /** RingZero, and each peer that is installed; the first is RingZero. */
  static List<BootSubject> all() throws IOException {
    List<BootSubject> subjects = new ArrayList<>();
    subjects.add(ringZero());
    if (isInstalled(QEMU)) {
      subjects.add(qemuTcg());
    } else {
      System.err.println("rz: " + QEMU + " is not installed: nothing to compare with");
    }
    return subjects;
  }

  /** Our own command line up to the command, then {@code run}: the JVM's start counts. */
  private static BootSubject ringZero() {
    ProcessHandle.Info self = ProcessHandle.current().info();
    List<String> command = new ArrayList<>(List.of(self.command().orElseThrow()));
    for (String word : self.arguments().orElseThrow()) {
      if (word.equals("bench")) {
        break;
      }
      command.add(word);
    }
    command.addAll(List.of("run", "--memory", MEMORY_MEBIBYTES + "M", "--name", HOSTNAME));
    return new BootSubject("RingZero", command);
  }

  private static BootSubject qemuTcg() throws IOException {
    ImageCache cache = ImageCache.ofUser();
    DefaultGuest guest = DefaultGuest.prepare(cache, Progress.SILENT);
    Path initrd = Files.createTempFile("ringzero-bench-", ".img");
    initrd.toFile().deleteOnExit();
    Files.write(
        initrd,
        new DefaultInitramfs(HOSTNAME, Optional.empty(), Optional.empty())
            .build(Files.readAllBytes(guest.busybox())));
    return new BootSubject(
        version() + " TCG",
        List.of(
            QEMU,
            "-accel",
            "tcg",
            "-cpu",
            "max",
            "-m",
            MEMORY_MEBIBYTES,
            "-nographic",
            "-no-reboot",
            "-nic",
            "none",
            "-kernel",
            guest.kernel().toString(),
            "-initrd",
            initrd.toString(),
            "-append",
            COMMAND_LINE));
  }

  private static boolean isInstalled(String program) {
    for (String directory : System.getenv().getOrDefault("PATH", "").split(":")) {
      if (Files.isExecutable(Path.of(directory, program))) {
        return true;
      }
    }
    return false;
  }

  private static String version() throws IOException {
    Process process = new ProcessBuilder(QEMU, "--version").start();
    String[] words = new String(process.getInputStream().readAllBytes()).split("\\s+");
    return words.length > 3 ? "QEMU " + words[3] : "QEMU";
  }
}

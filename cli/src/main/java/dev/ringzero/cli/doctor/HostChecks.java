package dev.ringzero.cli.doctor;

import dev.ringzero.images.ImageCache;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Looks at the host, and changes nothing. */
final class HostChecks {
  private static final int KIBIBYTE_TO_MEBIBYTE_SHIFT = 10;
  private static final int LEAST_MEBIBYTES = 1024;

  private HostChecks() {}

  static List<Finding> all() {
    return List.of(
        javaVersion(),
        processor(),
        memory(),
        hugePages(),
        KvmCheck.find(),
        tap(),
        ExecutableMemoryCheck.find(),
        packageManager(),
        cache());
  }

  private static Finding javaVersion() {
    return Finding.good("JDK", Runtime.version() + " in " + System.getProperty("java.home"));
  }

  private static Finding processor() {
    String architecture = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    String model = line(Path.of("/proc/cpuinfo"), "model name\\s*:\\s*(.*)").orElse("unknown");
    String words = Runtime.getRuntime().availableProcessors() + " × " + model;
    return architecture.equals("amd64") || architecture.equals("x86_64")
        ? Finding.good("processor", words)
        : Finding.missing("processor", words + "; RingZero was not tried on " + architecture);
  }

  private static Finding memory() {
    Path meminfo = Path.of("/proc/meminfo");
    long total = mebibytes(meminfo, "MemTotal");
    long available = mebibytes(meminfo, "MemAvailable");
    String words = available + " MiB available of " + total + " MiB";
    return available >= LEAST_MEBIBYTES
        ? Finding.good("memory", words)
        : Finding.bad("memory", words + "; a default guest needs about " + LEAST_MEBIBYTES);
  }

  private static Finding hugePages() {
    Path setting = Path.of("/sys/kernel/mm/transparent_hugepage/enabled");
    return switch (line(setting, ".*\\[(\\w+)].*").orElse("")) {
      case "always", "madvise" -> Finding.good("huge pages", "the host gives them on advice");
      case "never" -> Finding.missing("huge pages", "switched off on this host; guests run slower");
      default -> Finding.missing("huge pages", "this host does not say");
    };
  }

  private static Finding tap() {
    Path tun = Path.of("/dev/net/tun");
    if (!Files.exists(tun)) {
      return Finding.missing("TAP", "there is no " + tun + ": no bridging to the host's network");
    }
    return Files.isWritable(tun)
        ? Finding.good("TAP", tun + " can be opened; making an interface needs CAP_NET_ADMIN")
        : Finding.missing("TAP", tun + " is there, and you may not open it");
  }

  private static Finding packageManager() {
    return Files.isExecutable(Path.of("/usr/bin/apt-get"))
        ? Finding.good("apt", "fetches the default guest; no root needed")
        : Finding.missing("apt", "no apt-get: give kernels with --kernel");
  }

  private static Finding cache() {
    Path cache = ImageCache.ofUser().path("");
    try {
      Files.createDirectories(cache);
      long free = Files.getFileStore(cache).getUsableSpace() >> 20;
      return free > LEAST_MEBIBYTES / 4
          ? Finding.good("image cache", cache + ", " + free + " MiB free")
          : Finding.bad("image cache", cache + " has only " + free + " MiB free");
    } catch (IOException e) {
      return Finding.bad("image cache", "cannot write " + cache + "; set XDG_CACHE_HOME");
    }
  }

  private static long mebibytes(Path file, String name) {
    return line(file, name + ":\\s*(\\d+) kB").map(Long::parseLong).orElse(0L)
        >> KIBIBYTE_TO_MEBIBYTE_SHIFT;
  }

  /** The first group of the first line that has this form. */
  private static Optional<String> line(Path file, String form) {
    Pattern pattern = Pattern.compile(form);
    try {
      return Files.readString(file)
          .lines()
          .map(pattern::matcher)
          .filter(Matcher::matches)
          .map(matcher -> matcher.group(1))
          .findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}

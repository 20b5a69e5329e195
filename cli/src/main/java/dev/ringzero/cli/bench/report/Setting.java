package dev.ringzero.cli.bench.report;

import dev.ringzero.cli.bench.Clock;
import dev.ringzero.cli.bench.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * Where and how figures were taken.
 *
 * @param load of the host over the last minute before the first program
 */
public record Setting(
    String processor,
    int processors,
    long memoryMebibytes,
    String kernel,
    String java,
    String version,
    double load,
    Instant began,
    int runs,
    boolean warmUp,
    Clock clock) {
  private static final Path CPUINFO = Path.of("/proc/cpuinfo");
  private static final Path MEMINFO = Path.of("/proc/meminfo");
  private static final Path LOADAVG = Path.of("/proc/loadavg");
  private static final int KIBIBYTES_SHIFT = 10;

  /** Asks this host. */
  public static Setting ofThisHost(Session session) {
    return new Setting(
        field(CPUINFO, "model name").orElse(System.getProperty("os.arch")),
        Runtime.getRuntime().availableProcessors(),
        hostMemoryMebibytes(),
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        System.getProperty("java.runtime.version"),
        Optional.ofNullable(Setting.class.getPackage().getImplementationVersion())
            .orElse("unreleased"),
        loadAverage(),
        Instant.now().truncatedTo(ChronoUnit.SECONDS),
        session.runs(),
        session.warmUp(),
        session.clock());
  }

  /** In one line. */
  String words() {
    return "%d x %s, %d MiB, %s, JDK %s, load %.1f before; %s time, %d counted %s each%s; %s"
        .formatted(
            processors,
            processor,
            memoryMebibytes,
            kernel,
            java,
            load,
            clock == Clock.WALL ? "wall" : "processor",
            runs,
            runs == 1 ? "run" : "runs",
            warmUp ? ", after one that is not" : "",
            began);
  }

  private static long hostMemoryMebibytes() {
    return field(MEMINFO, "MemTotal")
        .map(text -> Long.parseLong(text.split(" ")[0]) >> KIBIBYTES_SHIFT)
        .orElse(0L);
  }

  private static Optional<String> field(Path file, String name) {
    return lines(file)
        .lines()
        .filter(line -> line.startsWith(name))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst();
  }

  private static double loadAverage() {
    String text = lines(LOADAVG);
    return text.isEmpty() ? 0 : Double.parseDouble(text.split(" ")[0]);
  }

  private static String lines(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return "";
    }
  }
}

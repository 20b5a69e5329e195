package dev.ringzero.cli.run;

import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.command.Quantity;
import dev.ringzero.cli.network.CardOption;
import dev.ringzero.control.directory.ControlDirectory;
import dev.ringzero.control.run.ImageChoice;
import dev.ringzero.control.run.MachineMemoryLimit;
import dev.ringzero.control.trace.TraceKind;
import dev.ringzero.vmm.machine.CardConfiguration;
import dev.ringzero.vmm.machine.DiskConfiguration;
import dev.ringzero.vmm.machine.HostLinks;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.apache.commons.cli.CommandLine;

/** What the user said behind {@code rz run}, read and checked. */
public record RunOptions(
    Optional<Path> kernel,
    Optional<Path> initrd,
    List<String> modules,
    Optional<String> append,
    long memoryBytes,
    OptionalLong hostMemoryBytes,
    int cpus,
    Optional<ImageChoice> image,
    List<DiskConfiguration> disks,
    List<CardConfiguration> cards,
    HostLinks links,
    EngineOption engine,
    Optional<String> command,
    Optional<String> name,
    Optional<String> host,
    List<FunctionOption> functions,
    boolean warm,
    boolean detached,
    Optional<Duration> timeout,
    Optional<Path> serial,
    boolean statistics,
    boolean json,
    Optional<MeasuredSpan.Words> span,
    Optional<TraceKind> trace,
    OptionalInt gdbPort) {
  private static final String DEFAULT_MEMORY = "512M";
  private static final long LEAST_MEMORY_BYTES = 16L << 20;
  private static final int MEBIBYTE_SHIFT = 20;
  private static final int MOST_CPUS = 64;
  private static final int HIGHEST_PORT = 65535;

  /** Reads the options of {@code rz run}. */
  public static RunOptions of(CommandLine line) {
    refuseToShowFromBehind(line);
    refuseToCompareAtOnce(line);
    refuseToWatchWarmStart(line);
    List<FunctionOption> functions = FunctionOption.among(values(line, "device"));
    return new RunOptions(
        path(line, "kernel"),
        path(line, "initrd"),
        values(line, "module"),
        value(line, "append"),
        memoryBytes(value(line, "memory").orElse(DEFAULT_MEMORY)),
        value(line, "host-memory")
            .map(text -> OptionalLong.of(hostMemoryBytes(text)))
            .orElse(OptionalLong.empty()),
        value(line, "cpus").map(text -> Quantity.number("--cpus", text, 1, MOST_CPUS)).orElse(1),
        value(line, "image").map(ImageChoice::parse),
        values(line, "disk").stream().map(RunOptions::disk).toList(),
        CardOption.all(values(line, "net"), line.hasOption("allow-host"), values(line, "publish")),
        LinkOptions.of(line),
        engine(line),
        value(line, "exec"),
        value(line, "name").map(RunOptions::name),
        FunctionOption.host(functions, value(line, "host").map(RunOptions::host)),
        functions,
        line.hasOption("warm"),
        line.hasOption("detach"),
        value(line, "timeout").map(text -> Quantity.duration("--timeout", text)),
        path(line, "serial"),
        line.hasOption("stats") || line.hasOption("json"),
        line.hasOption("json"),
        value(line, "stats-between").map(text -> span(line, text)),
        value(line, "trace").map(RunOptions::trace),
        value(line, "gdb")
            .map(text -> OptionalInt.of(Quantity.number("--gdb", text, 0, HIGHEST_PORT)))
            .orElse(OptionalInt.empty()));
  }

  /** What was run to compare is undone, which other processors would see. */
  private static void refuseToCompareAtOnce(CommandLine line) {
    if (value(line, "translator").equals(Optional.of("compare"))
        && !value(line, "cpus").orElse("1").equals("1")) {
      throw new UsageException("--translator compare needs one processor: leave --cpus out");
    }
  }

  /** What is to be watched from the start on has begun long ago. */
  private static void refuseToWatchWarmStart(CommandLine line) {
    for (String option : List.of("trace", "gdb")) {
      if (line.hasOption("warm") && line.hasOption(option)) {
        throw new UsageException("--%s watches a guest boot: leave --warm out".formatted(option));
      }
    }
  }

  /** A machine in the background has nowhere to show these. */
  private static void refuseToShowFromBehind(CommandLine line) {
    if (!line.hasOption("detach")) {
      return;
    }
    for (String option : List.of("trace", "stats", "json")) {
      if (line.hasOption(option)) {
        throw new UsageException(
            "--%s does not go with --detach; see rz trace and rz inspect".formatted(option));
      }
    }
  }

  private static MeasuredSpan.Words span(CommandLine line, String text) {
    if (!line.hasOption("json")) {
      throw new UsageException("--stats-between goes with --json");
    }
    return MeasuredSpan.Words.parse(text);
  }

  private static Optional<String> value(CommandLine line, String option) {
    return Optional.ofNullable(line.getOptionValue(option));
  }

  private static List<String> values(CommandLine line, String option) {
    String[] values = line.getOptionValues(option);
    return values == null ? List.of() : List.of(values);
  }

  private static DiskConfiguration disk(String text) {
    try {
      return DiskConfiguration.parse(text);
    } catch (IllegalArgumentException e) {
      throw new UsageException("--disk " + e.getMessage());
    }
  }

  private static Optional<Path> path(CommandLine line, String option) {
    try {
      return value(line, option).map(Path::of);
    } catch (InvalidPathException e) {
      throw new UsageException("--" + option + " takes a file, not " + e.getInput());
    }
  }

  private static long memoryBytes(String text) {
    long bytes = Quantity.bytes("--memory", text);
    if (bytes < LEAST_MEMORY_BYTES) {
      throw new UsageException("--memory " + text + " is too small: at least 16M");
    }
    return bytes;
  }

  private static long hostMemoryBytes(String text) {
    long bytes = Quantity.bytes("--host-memory", text);
    long most = MachineMemoryLimit.mostBytes();
    if (bytes < LEAST_MEMORY_BYTES || bytes > most) {
      throw new UsageException(
          "--host-memory takes 16M to %dM, which this host has, not %s"
              .formatted(most >> MEBIBYTE_SHIFT, text));
    }
    return bytes;
  }

  private static String name(String text) {
    if (!ControlDirectory.isName(text)) {
      throw new UsageException(
          "--name takes up to 40 letters, digits, dots, dashes and underscores, not " + text);
    }
    return text;
  }

  private static String host(String text) {
    if (!ControlDirectory.isName(text)) {
      throw new UsageException(
          "--host takes up to 40 letters, digits, dots, dashes and underscores, not " + text);
    }
    return text;
  }

  private static EngineOption engine(CommandLine line) {
    return new EngineOption(
        value(line, "engine").map(EngineOption::kind),
        value(line, "translator").map(EngineOption::translator),
        value(line, "memory-virtualization").map(EngineOption::memory),
        value(line, "cpu").map(EngineOption::model),
        ShareOptions.of(line),
        value(line, "iommu").map(EngineOption::iommu).orElse(false),
        line.hasOption("stats") || line.hasOption("json"),
        line.hasOption("check-translations"),
        value(line, "trace")
            .map(RunOptions::trace)
            .filter(kind -> kind.what() == TraceKind.What.INSTRUCTIONS)
            .isPresent());
  }

  private static TraceKind trace(String text) {
    return TraceKind.parse(text)
        .orElseThrow(() ->
            new UsageException(
                "--trace takes exits, interrupts or instructions[:FIRST-LAST], not " + text));
  }
}

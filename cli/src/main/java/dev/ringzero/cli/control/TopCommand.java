package dev.ringzero.cli.control;

import dev.ringzero.cli.ExitStatus;
import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.command.Command;
import dev.ringzero.cli.command.OptionTable;
import dev.ringzero.cli.command.Quantity;
import dev.ringzero.control.directory.ControlDirectory;
import dev.ringzero.control.protocol.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;

/** {@code rz top}. */
public final class TopCommand implements Command {
  private static final Duration USUAL = Duration.ofSeconds(1);
  private static final String CLEAR = "\033[H\033[2J";
  private static final String HEAD = "%-16s %8s %5s %7s %7s %9s %7s %5s  %s%n";
  private static final String ROW = "%-16s %8s %5s %7.1f %7.1f %9.0f %7s %5s  %s%n";
  private static final double NANOS_PER_SECOND = 1e9;
  private static final int PERCENT = 100;

  @Override
  public String name() {
    return "top";
  }

  @Override
  public String summary() {
    return "show what part of the processors machines have, until Ctrl-C";
  }

  @Override
  public Options options() {
    return new OptionTable()
        .flag("once", "show it once, over one interval, and end")
        .value("every", "TIME", "the interval, from 100ms (1s)")
        .flag("json", "as JSON, an object a machine")
        .options();
  }

  @Override
  public String notes() {
    return """

    CPU% is of one physical CPU; WAIT% is the time in which its vCPUs could have run and others
    did, its steal time. KVM's vCPUs are sliced by the host's kernel, which shows no waiting.
    """;
  }

  @Override
  public int run(CommandLine line) throws InterruptedException {
    Duration interval =
        Optional.ofNullable(line.getOptionValue("every"))
            .map(text -> Quantity.duration("--every", text))
            .orElse(USUAL);
    if (interval.toMillis() < 100) {
      throw new UsageException("--every takes a time from 100ms");
    }
    boolean terminal = System.console() != null && !line.hasOption("json");
    Map<Object, Map<String, Object>> before = statuses();
    long then = System.nanoTime();
    do {
      Thread.sleep(interval);
      Map<Object, Map<String, Object>> now = statuses();
      long at = System.nanoTime();
      List<Part> parts = parts(before, now, (at - then) / NANOS_PER_SECOND);
      if (line.hasOption("json")) {
        parts.forEach(part -> System.out.println(Json.write(part.toMap())));
      } else {
        print(parts, terminal && !line.hasOption("once"));
      }
      before = now;
      then = at;
    } while (!line.hasOption("once"));
    return ExitStatus.OK;
  }

  private static Map<Object, Map<String, Object>> statuses() {
    Map<Object, Map<String, Object>> all = new HashMap<>();
    Running.statuses(ControlDirectory.ofUser())
        .forEach(status -> all.put(List.of(status.get("name"), status.get("pid")), status));
    return all;
  }

  private static List<Part> parts(
      Map<Object, Map<String, Object>> before,
      Map<Object, Map<String, Object>> now,
      double seconds) {
    List<Part> parts = new ArrayList<>();
    now.forEach((key, status) -> {
      if (before.containsKey(key)) {
        Map<String, Object> then = before.get(key);
        parts.add(
            new Part(
                status,
                PERCENT * since("ranNanos", then, status) / NANOS_PER_SECOND / seconds,
                PERCENT * since("waitedNanos", then, status) / NANOS_PER_SECOND / seconds,
                since("slices", then, status) / seconds));
      }
    });
    parts.sort(Comparator.comparingDouble(Part::cpuPercent).reversed());
    return parts;
  }

  private static double since(String figure, Map<String, Object> then, Map<String, Object> now) {
    return then.get(figure) instanceof Long first && now.get(figure) instanceof Long last
        ? Math.max(0, last - first)
        : 0;
  }

  /** What a machine had in an interval. */
  private record Part(
      Map<String, Object> status, double cpuPercent, double waitPercent, double slices) {
    Map<String, Object> toMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("name", status.get("name"));
      map.put("pid", status.get("pid"));
      map.put("cpuPercent", cpuPercent);
      map.put("waitPercent", waitPercent);
      map.put("slicesPerSecond", slices);
      return map;
    }
  }

  private static void print(List<Part> parts, boolean clear) {
    System.out.print(clear ? CLEAR : "");
    System.out.printf(
        HEAD, "NAME", "PID", "CPUS", "CPU%", "WAIT%", "SLICES/s", "WEIGHT", "CAP%", "STATE");
    for (Part part : parts) {
      Map<String, Object> status = part.status();
      Object cap = status.get("capPercent");
      System.out.printf(
          ROW,
          status.get("name"),
          status.get("pid"),
          status.get("cpus"),
          part.cpuPercent(),
          part.waitPercent(),
          part.slices(),
          status.getOrDefault("weight", "-"),
          cap == null || cap.equals(0L) ? "-" : cap,
          status.get("state"));
    }
  }
}

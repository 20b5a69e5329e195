package dev.ringzero.cli.control;

import dev.ringzero.cli.ExitStatus;
import dev.ringzero.cli.command.OptionTable;
import dev.ringzero.control.protocol.Json;
import dev.ringzero.control.protocol.MessageChannel;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;

/** {@code rz stat}. */
public final class StatCommand extends MachineCommand {
  private static final String LINE = "%-22s %s%n";
  private static final String EXIT = "  %-24s %,14d %,14d%n";
  private static final int MEBIBYTE_SHIFT = 20;
  private static final int NANOS_PER_MICRO = 1000;
  private static final String SECONDS = "%-22s %.3f s%n";
  private static final double NANOS_PER_SECOND = 1e9;
  private static final double MILLIS_PER_SECOND = 1e3;

  @Override
  public String name() {
    return "stat";
  }

  @Override
  public String summary() {
    return "show what a running machine has done so far: time, memory, exits";
  }

  @Override
  public Options options() {
    return new OptionTable().flag("json", "as one JSON object").options();
  }

  @Override
  int talk(MessageChannel channel, CommandLine line) throws IOException {
    Map<String, Object> figures = channel.ask(Map.of("do", "statistics"));
    figures.remove("ok");
    if (line.hasOption("json")) {
      System.out.println(Json.write(figures));
    } else {
      print(figures);
    }
    return ExitStatus.OK;
  }

  private static void print(Map<String, Object> figures) {
    System.out.printf(LINE, "state", figures.get("state"));
    System.out.printf(SECONDS, "up", number(figures, "uptimeMillis") / MILLIS_PER_SECOND);
    System.out.printf(SECONDS, "vCPUs ran", number(figures, "ranNanos") / NANOS_PER_SECOND);
    System.out.printf(SECONDS, "vCPUs waited", number(figures, "waitedNanos") / NANOS_PER_SECOND);
    System.out.printf(
        LINE,
        "memory",
        "%d MiB, of which %d touched, %d taken of this host"
            .formatted(
                number(figures, "ramBytes") >> MEBIBYTE_SHIFT,
                number(figures, "touchedBytes") >> MEBIBYTE_SHIFT,
                number(figures, "givenBytes") >> MEBIBYTE_SHIFT));
    if (figures.get("instructions") instanceof Long instructions) {
      System.out.printf(LINE, "instructions", "%,d".formatted(instructions));
    }
    System.out.printf("%-26s %14s %14s%n", "exits", "count", "microseconds");
    if (figures.get("exits") instanceof Map<?, ?> exits) {
      List<? extends Map.Entry<?, ?>> sorted =
          exits.entrySet().stream()
              .sorted(Comparator.comparingLong(exit -> -count(exit, "count")))
              .toList();
      for (Map.Entry<?, ?> exit : sorted) {
        System.out.printf(
            EXIT, exit.getKey(), count(exit, "count"), count(exit, "nanos") / NANOS_PER_MICRO);
      }
    }
  }

  private static long number(Map<String, Object> figures, String name) {
    return figures.get(name) instanceof Long value ? value : 0;
  }

  private static long count(Map.Entry<?, ?> exit, String name) {
    return exit.getValue() instanceof Map<?, ?> of && of.get(name) instanceof Long value
        ? value
        : 0;
  }
}

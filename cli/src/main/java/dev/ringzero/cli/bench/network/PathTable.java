package dev.ringzero.cli.bench.network;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What each way to a network card did and what a frame cost there, in lines for people and as a
 * table of Markdown for documents.
 */
final class PathTable {
  private static final double BITS_PER_GBIT = 1e9;
  private static final double NANOS = 1e9;
  private static final String HEAD =
      "| traffic | way | rate | processors | exits | doorbells | model calls | interrupts | bytes a frame |";

  private final List<Row> rows = new ArrayList<>();

  /**
   * Traffic over one way.
   *
   * @param seconds of the median round
   * @param cpu of all rounds, of the process of both guests
   * @param counts of all rounds and both guests
   */
  record Row(
      String way,
      NetworkProgram traffic,
      double seconds,
      Duration cpu,
      int rounds,
      MachineCounts counts) {
    String rate() {
      return traffic.rate(seconds);
    }

    String cost() {
      double bits = traffic.bytes() * 8.0 * rounds;
      return bits == 0
          ? "%.2f s".formatted(cpu.toNanos() / NANOS / rounds)
          : "%.2f s a Gbit".formatted(cpu.toNanos() / bits * BITS_PER_GBIT / NANOS);
    }

    /** Each frame is one that a guest sent and the other received. */
    double perFrame(long count) {
      return count / Math.max(1, counts.frames() / 2.0);
    }

    boolean isCounted() {
      return counts.frames() > 0;
    }
  }

  /** Takes a row; gives its line. */
  String add(Row row, String name) {
    rows.add(row);
    MachineCounts counts = row.counts;
    String frame =
        row.isCounted()
            ? "; a frame: %.2f exits, %.2f doorbells, %.2f callbacks, %.2f interrupts, %,.0f bytes"
                .formatted(
                    row.perFrame(counts.exits()),
                    row.perFrame(counts.doorbells()),
                    row.perFrame(counts.callbacks()),
                    row.perFrame(counts.interrupts()),
                    row.perFrame(counts.bytes()) / 2)
            : "";
    return "  %-16s %s, %s of processors%s".formatted(name, row.rate(), row.cost(), frame);
  }

  /** The table, by traffic and then by way; empty if there is nothing in it. */
  List<String> markdown() {
    if (rows.isEmpty()) {
      return List.of();
    }
    List<String> lines = new ArrayList<>(List.of(HEAD, HEAD.replaceAll("[^|]+", "---")));
    for (NetworkProgram traffic : NetworkProgram.ALL) {
      rows.stream().filter(row -> row.traffic == traffic).map(PathTable::line).forEach(lines::add);
    }
    return lines;
  }

  private static String line(Row row) {
    MachineCounts counts = row.counts;
    String start =
        "| %s | %s | %s | %s |".formatted(row.traffic.words(), row.way, row.rate(), row.cost());
    return row.isCounted()
        ? start
            + " %.2f | %.2f | %.2f | %.2f | %,.0f |"
                .formatted(
                    row.perFrame(counts.exits()),
                    row.perFrame(counts.doorbells()),
                    row.perFrame(counts.callbacks()),
                    row.perFrame(counts.interrupts()),
                    row.perFrame(counts.bytes()) / 2)
        : start + " | | | | |";
  }
}

package dev.ringzero.cli.compare;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a piece of work costs: what its machine has counted between its begin and its end.
 *
 * @param seconds by the guest's clock
 * @param counts what was counted, by name
 */
record Cost(double seconds, Map<String, Long> counts) {
  /** Not a difference: what the monitor's tables take at the end. */
  static final String MONITOR_MEMORY = "monitor's tables at the end, KiB";

  private static final String TABLE_FRAMES = "table frames";
  private static final int FRAME_KIBIBYTES = 4;

  static Cost of(ComparedRun run) {
    Map<String, Long> counts = new LinkedHashMap<>();
    Map<String, Long> before = counts(run.begin());
    counts(run.end())
        .forEach((name, count) -> {
          if (isStock(name)) {
            counts.put(name + ", at the end", count);
          } else {
            counts.put(name, count - before.getOrDefault(name, 0L));
          }
        });
    counts.put(MONITOR_MEMORY, monitorKibibytes(run.end()));
    return new Cost(run.seconds(), counts);
  }

  /** Whether a figure says how much there is, not how often something was done. */
  private static boolean isStock(String name) {
    return name.endsWith(TABLE_FRAMES)
        || name.equals("shadowed pages")
        || name.startsWith("frames ");
  }

  private static long monitorKibibytes(Map<?, ?> statistics) {
    long frames = 0;
    if (statistics.get("memoryFigures") instanceof Map<?, ?> figures) {
      for (Map.Entry<?, ?> figure : figures.entrySet()) {
        if (figure.getKey().toString().endsWith(TABLE_FRAMES)
            && figure.getValue() instanceof Number count) {
          frames += count.longValue();
        }
      }
    }
    return frames * FRAME_KIBIBYTES;
  }

  private static Map<String, Long> counts(Map<?, ?> statistics) {
    Map<String, Long> counts = new LinkedHashMap<>();
    add(counts, "page walks (TLB misses)", statistics.get("tlbMisses"));
    add(counts, "table entries read by walks", statistics.get("walkReferences"));
    if (statistics.get("exits") instanceof Map<?, ?> exits) {
      exits.forEach(
          (reason, figures) -> add(counts, "exits: " + reason, ((Map<?, ?>) figures).get("count")));
    }
    if (statistics.get("memoryFigures") instanceof Map<?, ?> figures) {
      figures.forEach((name, value) -> add(counts, name.toString(), value));
    }
    return counts;
  }

  private static void add(Map<String, Long> counts, String name, Object value) {
    if (value instanceof Number number) {
      counts.put(name, number.longValue());
    }
  }
}

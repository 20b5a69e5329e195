package dev.ringzero.cli.compare;

import dev.ringzero.vmm.memory.MemoryTechnique;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The costs of one piece of work, side by side.
 *
 * @param work what the guest ran
 * @param costs by technique, in the order in which they are shown
 */
record Comparison(String work, Map<MemoryTechnique, Cost> costs) {
  private static final String NAME = "%-36s";

  String text() {
    StringBuilder text = new StringBuilder(work).append("\n\n").append(NAME.formatted(""));
    costs.keySet().forEach(technique -> text.append("%14s".formatted(technique.word())));
    text.append('\n').append(NAME.formatted("seconds in the guest"));
    costs.values().forEach(cost -> text.append("%14.2f".formatted(cost.seconds())));
    text.append('\n');
    for (String name : names()) {
      text.append(NAME.formatted(name));
      for (Cost cost : costs.values()) {
        Long count = cost.counts().get(name);
        text.append("%14s".formatted(count == null ? "-" : "%,d".formatted(count)));
      }
      text.append('\n');
    }
    return text.toString();
  }

  Set<String> names() {
    Set<String> names = new TreeSet<>();
    costs.values().forEach(cost -> names.addAll(cost.counts().keySet()));
    return names;
  }

  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("work", work);
    costs.forEach((technique, cost) ->
        map.put(technique.word(), Map.of("seconds", cost.seconds(), "counts", cost.counts())));
    return map;
  }
}

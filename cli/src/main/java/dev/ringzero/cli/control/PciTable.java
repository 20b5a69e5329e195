package dev.ringzero.cli.control;

import java.util.List;
import java.util.Map;

/** What a machine has on its PCI buses, and what its IOMMU does, for people. */
final class PciTable {
  private static final int KIB = 1024;

  private PciTable() {}

  static String functions(Map<String, Object> answer) {
    StringBuilder text = new StringBuilder();
    for (Object each : (List<?>) answer.get("functions")) {
      Map<?, ?> function = (Map<?, ?>) each;
      boolean virtual = Boolean.TRUE.equals(function.get("virtual"));
      text.append(
          "%s %s %s%s%n"
              .formatted(
                  function.get("address"),
                  function.get("name"),
                  virtual
                      ? "virtual function, class " + function.get("class")
                      : function.get("id") + " class " + function.get("class"),
                  Boolean.TRUE.equals(function.get("busMaster")) ? ", bus master" : ""));
      for (Object bar : (List<?>) function.get("bars")) {
        text.append("    ").append(bar((Map<?, ?>) bar)).append('\n');
      }
      for (Object capability : (List<?>) function.get("capabilities")) {
        text.append("    ").append(capability((Map<?, ?>) capability)).append('\n');
      }
    }
    return text.toString();
  }

  private static String bar(Map<?, ?> bar) {
    Object base = bar.get("base");
    return "BAR %s  %s %s at %s"
        .formatted(
            bar.get("number"),
            size(bar.get("sizeBytes")),
            bar.get("kind"),
            base == null ? "no address" : base);
  }

  private static String size(Object bytes) {
    long size = ((Number) bytes).longValue();
    return size < KIB
        ? size + " bytes"
        : size < KIB * KIB ? size / KIB + " KiB" : size / KIB / KIB + " MiB";
  }

  private static String capability(Map<?, ?> capability) {
    String meaning = capability.get("meaning").toString();
    return "%-6s %s%s"
        .formatted(
            capability.get("offset"),
            capability.get("name"),
            meaning.isEmpty() ? "" : ": " + meaning);
  }

  static String iommu(Map<String, Object> answer) {
    StringBuilder text = new StringBuilder();
    text.append(
        "translation %s, root table %s, invalidation %s%n"
            .formatted(
                onOff(answer, "translation"),
                answer.get("rootTable"),
                Boolean.TRUE.equals(answer.get("queuedInvalidation")) ? "queued" : "by registers"));
    text.append(
        "interrupt remapping %s, table %s of %s entries%n"
            .formatted(
                onOff(answer, "interruptRemapping"),
                answer.get("interruptTable"),
                answer.get("interruptEntries")));
    for (Object each : (List<?>) answer.get("domains")) {
      text.append(domain((Map<?, ?>) each)).append('\n');
    }
    text.append("%s requests refused%n".formatted(answer.get("refusals")));
    for (Object each : (List<?>) answer.get("recent")) {
      Map<?, ?> refused = (Map<?, ?>) each;
      Object what = refused.get("address");
      text.append(
          "  %s %s of %s: %s (reason 0x%x)%n"
              .formatted(
                  refused.get("function"),
                  refused.get("access"),
                  what == null ? "index " + refused.get("index") : what,
                  refused.get("meaning"),
                  ((Number) refused.get("reason")).intValue()));
    }
    return text.toString();
  }

  private static String domain(Map<?, ?> domain) {
    String tables =
        Boolean.TRUE.equals(domain.get("passesThrough"))
            ? "addresses pass as they are"
            : "%s levels from %s, %s%s pages of 4 KiB mapped"
                .formatted(
                    domain.get("levels"),
                    domain.get("table"),
                    Boolean.TRUE.equals(domain.get("complete")) ? "" : "more than ",
                    domain.get("pages"));
    return "domain %s: %s; %s"
        .formatted(
            domain.get("domain"),
            tables,
            String.join(
                " ", ((List<?>) domain.get("functions")).stream().map(Object::toString).toList()));
  }

  private static String onOff(Map<String, Object> answer, String name) {
    return Boolean.TRUE.equals(answer.get(name)) ? "on" : "off";
  }

  static String walk(Map<String, Object> answer) {
    StringBuilder text = new StringBuilder();
    text.append("%s of %s%n".formatted(answer.get("address"), answer.get("function")));
    for (Object each : (List<?>) answer.get("entries")) {
      Map<?, ?> step = (Map<?, ?>) each;
      text.append(
          "  %-8s %-12s %33s  %s%n"
              .formatted(
                  step.get("name"), step.get("place"), step.get("entry"), step.get("meaning")));
    }
    return text.append(answer.get("result")).append('\n').toString();
  }
}

package dev.ringzero.cli.control;

import java.util.Map;

/** A machine's memory, for people. */
final class MemoryTable {
  private static final String ROW = "%-36s %,10d MiB%n";
  private static final int MEBIBYTE_SHIFT = 20;

  private MemoryTable() {}

  static String text(Map<String, Object> memory) {
    StringBuilder text = new StringBuilder();
    row(text, "RAM of the guest", memory.get("ramBytes"));
    row(text, "machine memory given", memory.get("givenBytes"));
    row(text, "machine memory touched", memory.get("touchedBytes"));
    row(text, "  of what is given, large pages", memory.get("largeBytes"));
    row(text, "  of what is given, shared", memory.get("sharedBytes"));
    row(text, "read only so far: shared zeros", memory.get("zeroBytes"));
    row(text, "pages of zeros given back now", memory.get("zeroBytesGivenBack"));
    row(text, "second-level tables", memory.get("tableBytes"));
    if (Boolean.FALSE.equals(memory.get("balloonDriver"))) {
      return text.append("the guest has no driver for its balloon\n").toString();
    }
    row(text, "the guest does without", memory.get("balloonBytes"));
    row(text, "  asked for", memory.get("balloonTargetBytes"));
    row(text, "came back through the balloon, ever", memory.get("inflatedBytes"));
    row(text, "came back as free pages, ever", memory.get("reportedFreeBytes"));
    if (memory.get("guest") instanceof Map<?, ?> guest) {
      row(text, "free, says the guest", guest.get("freeBytes"));
      row(text, "available, says the guest", guest.get("availableBytes"));
      row(text, "caches, says the guest", guest.get("cacheBytes"));
    }
    return text.toString();
  }

  private static void row(StringBuilder text, String name, Object bytes) {
    if (bytes instanceof Long amount) {
      text.append(ROW.formatted(name, amount >> MEBIBYTE_SHIFT));
    }
  }
}

package dev.ringzero.cli.control;

import java.util.List;
import java.util.Map;

/** Where a machine's memory is, for people. */
final class FrameMapTable {
  private static final int SOME_PIECES = 24;

  private FrameMapTable() {}

  /**
   * The counts of table frames and the map.
   *
   * @param all whether to show more than some pieces of the map
   */
  static String text(Map<String, Object> memory, boolean all) {
    StringBuilder text = new StringBuilder();
    if (memory.get("tableFrames") instanceof Map<?, ?> frames && !frames.isEmpty()) {
      text.append("frames of page tables%n".formatted());
      frames.forEach((what, count) -> text.append("  %-34s %,10d%n".formatted(what, (Long) count)));
    }
    if (memory.get("map") instanceof List<?> pieces && !pieces.isEmpty()) {
      text.append("%-25s %-25s %10s%n".formatted("guest frames (gfn)", "machine (mfn)", "pages"));
      pieces.stream()
          .limit(all ? pieces.size() : SOME_PIECES)
          .forEach(piece -> text.append(line((Map<?, ?>) piece)));
      if (!all && pieces.size() > SOME_PIECES) {
        text.append("... %,d more: --map%n".formatted(pieces.size() - SOME_PIECES));
      }
    }
    return text.toString();
  }

  private static String line(Map<?, ?> piece) {
    long pages = (Long) piece.get("pages");
    boolean zero = "zero".equals(piece.get("kind"));
    String machine =
        !(piece.get("mfn") instanceof Long mfn) ? "-" : zero ? "zeros" : range(mfn, pages);
    return "%-25s %-25s %,10d  %s%s%n"
        .formatted(
            range((Long) piece.get("gfn"), pages),
            machine,
            pages,
            piece.get("kind"),
            Boolean.TRUE.equals(piece.get("large")) ? ", large" : "");
  }

  private static String range(long first, long pages) {
    return "0x%x-0x%x".formatted(first, first + pages - 1);
  }
}

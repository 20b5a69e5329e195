package dev.ringzero.network.cable;

import dev.ringzero.network.Port;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Cables by name. One is there while a card is plugged into it. */
final class PatchPanel {
  private static final int ENDS = 2;

  private final Map<String, List<CableEnd>> cables = new HashMap<>();

  /**
   * Plugs a card into the free end of a cable.
   *
   * @throws IOException if both ends are taken
   */
  Port plug(String cable, String card) throws IOException {
    CableEnd end = new CableEnd(card, gone -> unplug(cable, gone));
    CableEnd other = null;
    synchronized (this) {
      List<CableEnd> ends = cables.computeIfAbsent(cable, name -> new ArrayList<>(ENDS));
      if (ends.size() == ENDS) {
        throw new IOException(
            "cable %s is plugged in at both ends: %s"
                .formatted(
                    cable, ends.stream().map(CableEnd::card).collect(Collectors.joining(" and "))));
      }
      if (!ends.isEmpty()) {
        other = ends.getFirst();
      }
      ends.add(end);
    }
    if (other != null) {
      end.join(other);
      other.join(end);
    }
    return end;
  }

  private void unplug(String cable, CableEnd end) {
    CableEnd other = null;
    synchronized (this) {
      List<CableEnd> ends = cables.get(cable);
      if (ends == null || !ends.remove(end)) {
        return;
      }
      if (ends.isEmpty()) {
        cables.remove(cable);
      } else {
        other = ends.getFirst();
      }
    }
    if (other != null) {
      other.join(null);
    }
  }

  /** Cables of which at least one end is plugged in. */
  synchronized int count() {
    return cables.size();
  }
}

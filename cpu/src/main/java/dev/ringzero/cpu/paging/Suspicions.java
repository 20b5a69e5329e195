package dev.ringzero.cpu.paging;

import java.util.HashMap;
import java.util.Map;

/**
 * Translations that differ from their tables. That is allowed until the guest invalidates them. One
 * that differs look after look, although it was invalidated between each two, is wrong.
 */
final class Suspicions {
  private static final int TIMES = 3;

  private final Map<Place, Sighting> sightings = new HashMap<>();
  private int times = TIMES;
  private long looks;

  private record Place(long cr3, long page) {}

  private static final class Sighting {
    private long context;
    private boolean invalidated = true;
    private int times;
    private long look;
  }

  void impatient() {
    times = 1;
  }

  /**
   * A page differs.
   *
   * @param context number of the address space, another one after each flush
   * @return whether that is wrong by now
   */
  boolean confirmed(long cr3, long page, long context) {
    Sighting sighting = sightings.computeIfAbsent(new Place(cr3, page), place -> new Sighting());
    sighting.look = looks;
    if (sighting.invalidated || sighting.context != context) {
      sighting.invalidated = false;
      sighting.context = context;
      sighting.times++;
    }
    return sighting.times >= times;
  }

  /** A page of an address space was invalidated alone. */
  void invalidated(long cr3, long linear) {
    Sighting sighting = sightings.get(new Place(cr3, linear & FirstLevelTlb.PAGE));
    if (sighting != null) {
      sighting.invalidated = true;
    }
  }

  /**
   * All of an address space was looked at: what did not differ this time is no longer suspected.
   */
  void looked(long cr3) {
    sightings
        .entrySet()
        .removeIf(each -> each.getKey().cr3() == cr3 && each.getValue().look != looks);
    looks++;
  }
}

package dev.ringzero.network.switching;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Behind which port an address was seen last; addresses that are silent are forgotten. A port that
 * makes addresses up fills its own share only.
 */
public final class AddressTable {
  static final int MOST_OF_A_PORT = 512;
  private static final long AGE_NANOS = 300_000_000_000L;
  private static final int VLAN_SHIFT = 48;
  private static final long MAC_MASK = (1L << VLAN_SHIFT) - 1;

  /**
   * An address as people are shown it.
   *
   * @param ageNanos since it was seen last
   */
  public record Known(int vlan, long mac, SwitchPort port, long ageNanos) {}

  private static final class Entry {
    SwitchPort port;
    long seenNanos;
  }

  private final Map<Long, Entry> entries = new HashMap<>();

  AddressTable() {}

  void learn(int vlan, long mac, SwitchPort port, long nowNanos) {
    Entry entry = entries.get(key(vlan, mac));
    if (entry == null || entry.port != port) {
      if (port.addresses >= MOST_OF_A_PORT && !expire(nowNanos)) {
        return;
      }
      port.addresses++;
      if (entry == null) {
        entry = new Entry();
        entries.put(key(vlan, mac), entry);
      } else {
        entry.port.addresses--;
      }
      entry.port = port;
    }
    entry.seenNanos = nowNanos;
  }

  /** The port, or null if it is not known. */
  SwitchPort find(int vlan, long mac, long nowNanos) {
    Entry entry = entries.get(key(vlan, mac));
    return entry == null || isOld(entry, nowNanos) ? null : entry.port;
  }

  List<Known> known(long nowNanos) {
    List<Known> known = new ArrayList<>();
    entries.forEach((key, entry) -> {
      if (!isOld(entry, nowNanos)) {
        long age = nowNanos - entry.seenNanos;
        known.add(new Known((int) (key >>> VLAN_SHIFT), key & MAC_MASK, entry.port, age));
      }
    });
    return known;
  }

  void forget(SwitchPort port) {
    entries.values().removeIf(entry -> entry.port == port);
    port.addresses = 0;
  }

  private boolean expire(long nowNanos) {
    return entries
        .values()
        .removeIf(entry -> {
          boolean old = isOld(entry, nowNanos);
          entry.port.addresses -= old ? 1 : 0;
          return old;
        });
  }

  private static boolean isOld(Entry entry, long nowNanos) {
    return nowNanos - entry.seenNanos > AGE_NANOS;
  }

  private static long key(int vlan, long mac) {
    return (long) vlan << VLAN_SHIFT | mac;
  }
}

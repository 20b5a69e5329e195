package dev.ringzero.network.switching;

import java.util.HashMap;
import java.util.Map;

/** Behind which port an address was seen last; addresses that are silent are forgotten. */
final class AddressTable {
  private static final int MOST_ENTRIES = 4096;
  private static final long AGE_NANOS = 300_000_000_000L;
  private static final int VLAN_SHIFT = 48;

  private static final class Entry {
    SwitchPort port;
    long seenNanos;
  }

  private final Map<Long, Entry> entries = new HashMap<>();

  void learn(int vlan, long mac, SwitchPort port, long nowNanos) {
    Entry entry = entries.get(key(vlan, mac));
    if (entry == null) {
      if (entries.size() >= MOST_ENTRIES && !expire(nowNanos)) {
        return;
      }
      entry = new Entry();
      entries.put(key(vlan, mac), entry);
    }
    entry.port = port;
    entry.seenNanos = nowNanos;
  }

  /** The port, or null if it is not known. */
  SwitchPort find(int vlan, long mac, long nowNanos) {
    Entry entry = entries.get(key(vlan, mac));
    return entry == null || isOld(entry, nowNanos) ? null : entry.port;
  }

  void forget(SwitchPort port) {
    entries.values().removeIf(entry -> entry.port == port);
  }

  private boolean expire(long nowNanos) {
    return entries.values().removeIf(entry -> isOld(entry, nowNanos));
  }

  private static boolean isOld(Entry entry, long nowNanos) {
    return nowNanos - entry.seenNanos > AGE_NANOS;
  }

  private static long key(int vlan, long mac) {
    return (long) vlan << VLAN_SHIFT | mac;
  }
}

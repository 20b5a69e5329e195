package dev.ringzero.memory;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * An immutable map from addresses to devices. Claims may overlap; the one made first answers.
 * Addresses are below 2^63.
 */
final class AddressMap<D> {
  /**
   * A device's claim to the addresses {@code first} to {@code last}.
   *
   * @param behind whether all others come first
   */
  record Entry<D>(long first, long last, D device, boolean behind) {
    Entry(long first, long last, D device) {
      this(first, last, device, false);
    }
  }

  /** What {@link #find} says where nothing is claimed. */
  static final int NOTHING = -1;

  private final List<Entry<D>> entries;

  // Disjoint segments in ascending order.
  private final long[] segmentFirst;
  private final long[] segmentLast;
  private final List<Entry<D>> segmentEntry;

  AddressMap() {
    this(List.of());
  }

  private AddressMap(List<Entry<D>> entries) {
    this.entries = entries;
    TreeSet<Long> cuts = new TreeSet<>();
    for (Entry<D> entry : entries) {
      cuts.add(entry.first);
      cuts.add(entry.last + 1);
    }
    List<Long> bounds = List.copyOf(cuts);
    List<Entry<D>> owners = new ArrayList<>();
    long[] firsts = new long[bounds.size()];
    long[] lasts = new long[bounds.size()];
    for (int i = 0; i + 1 < bounds.size(); i++) {
      Entry<D> owner = owner(bounds.get(i));
      if (owner != null) {
        firsts[owners.size()] = bounds.get(i);
        lasts[owners.size()] = bounds.get(i + 1) - 1;
        owners.add(owner);
      }
    }
    this.segmentFirst = firsts;
    this.segmentLast = lasts;
    this.segmentEntry = List.copyOf(owners);
  }

  private Entry<D> owner(long address) {
    Entry<D> last = null;
    for (Entry<D> entry : entries) {
      if (entry.first <= address && address <= entry.last) {
        if (!entry.behind) {
          return entry;
        }
        last = last == null ? entry : last;
      }
    }
    return last;
  }

  AddressMap<D> with(Entry<D> entry) {
    List<Entry<D>> more = new ArrayList<>(entries);
    more.add(entry);
    return new AddressMap<>(List.copyOf(more));
  }

  AddressMap<D> without(Entry<D> entry) {
    return new AddressMap<>(entries.stream().filter(e -> e != entry).toList());
  }

  /** Index of the segment that holds the address, or {@link #NOTHING}. */
  int find(long address) {
    int low = 0;
    int high = segmentEntry.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      if (address < segmentFirst[middle]) {
        high = middle - 1;
      } else if (address > segmentLast[middle]) {
        low = middle + 1;
      } else {
        return middle;
      }
    }
    return NOTHING;
  }

  /** Whether the bytes from {@code address} on all lie in this segment. */
  boolean holds(int segment, long address, int sizeBytes) {
    return address + sizeBytes - 1 <= segmentLast[segment];
  }

  Entry<D> entry(int segment) {
    return segmentEntry.get(segment);
  }
}

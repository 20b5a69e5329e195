package dev.ringzero.network.nat;

import dev.ringzero.network.frame.BigEndian;
import dev.ringzero.network.frame.Ipv4;
import java.util.BitSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Puts fragments of IP packets together: so many packets at a time, for so long, the oldest making
 * room for new ones. A fragment that overlaps another ends its packet.
 *
 * @spec RFC 791, "An Example Reassembly Procedure"; RFC 5722, "Overlapping Fragments"
 */
final class Reassembly {
  static final int MOST_PACKETS = 32;
  private static final long PATIENCE_NANOS = 15_000_000_000L;
  private static final int UNIT_BYTES = 8;
  private static final int MOST_BYTES = 65_535 - Ipv4.HEADER_BYTES;

  /** Whose fragments belong together. */
  private record Key(int source, int destination, int identification, int protocol) {}

  private static final class Partial {
    private final byte[] bytes = new byte[MOST_BYTES];
    private final BitSet units = new BitSet();
    private final long sinceNanos;
    private int lengthBytes = -1;

    private Partial(long now) {
      sinceNanos = now;
    }
  }

  private final NatCounters counters;
  private final Map<Key, Partial> partials = new LinkedHashMap<>();
  private int length;

  Reassembly(NatCounters counters) {
    this.counters = counters;
  }

  /**
   * Takes a fragment of an intact packet.
   *
   * @return the whole payload if this was the last that was missing, or null
   */
  byte[] add(byte[] frame, int packet, int headerBytes, long now) {
    counters.count(NatCounter.FRAGMENTS);
    int field = BigEndian.get16(frame, packet + Ipv4.FRAGMENT);
    int from = (field & Ipv4.FRAGMENT_OFFSET) * UNIT_BYTES;
    boolean more = (field & Ipv4.MORE_FRAGMENTS) != 0;
    int length = BigEndian.get16(frame, packet + Ipv4.TOTAL_LENGTH) - headerBytes;
    Key key = key(frame, packet);
    if (length <= 0 || from + length > MOST_BYTES || more && length % UNIT_BYTES != 0) {
      partials.remove(key);
      counters.count(NatCounter.MALFORMED);
      return null;
    }
    Partial partial = partial(key, now);
    int first = from / UNIT_BYTES;
    int end = (from + length + UNIT_BYTES - 1) / UNIT_BYTES;
    boolean overlaps =
        partial.units.nextSetBit(first) >= 0 && partial.units.nextSetBit(first) < end;
    boolean beyond = partial.lengthBytes >= 0 && (!more || from + length > partial.lengthBytes);
    if (overlaps || beyond) {
      partials.remove(key);
      counters.count(NatCounter.MALFORMED);
      return null;
    }
    System.arraycopy(frame, packet + headerBytes, partial.bytes, from, length);
    partial.units.set(first, end);
    if (!more) {
      partial.lengthBytes = from + length;
    }
    return finished(key, partial);
  }

  /** The payload's bytes; its length is told by {@link #lengthBytes}. */
  private byte[] finished(Key key, Partial partial) {
    int units = (partial.lengthBytes + UNIT_BYTES - 1) / UNIT_BYTES;
    if (partial.lengthBytes < 0 || partial.units.nextClearBit(0) < units) {
      return null;
    }
    partials.remove(key);
    length = partial.units.length() > units ? 0 : partial.lengthBytes;
    return length == 0 ? null : partial.bytes;
  }

  /** Length of the payload that {@link #add} returned last. */
  int lengthBytes() {
    return length;
  }

  private static Key key(byte[] frame, int packet) {
    return new Key(
        BigEndian.get32(frame, packet + Ipv4.SOURCE),
        BigEndian.get32(frame, packet + Ipv4.DESTINATION),
        BigEndian.get16(frame, packet + Ipv4.IDENTIFICATION),
        BigEndian.get8(frame, packet + Ipv4.PROTOCOL));
  }

  private Partial partial(Key key, long now) {
    Partial known = partials.get(key);
    if (known != null) {
      return known;
    }
    if (partials.size() == MOST_PACKETS) {
      Iterator<Partial> oldest = partials.values().iterator();
      oldest.next();
      oldest.remove();
    }
    Partial fresh = new Partial(now);
    partials.put(key, fresh);
    return fresh;
  }

  /** Forgets packets whose fragments do not come. */
  void expire(long now) {
    partials.values().removeIf(partial -> now - partial.sinceNanos > PATIENCE_NANOS);
  }

  boolean isEmpty() {
    return partials.isEmpty();
  }
}

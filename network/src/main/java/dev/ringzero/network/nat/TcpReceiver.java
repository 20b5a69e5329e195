package dev.ringzero.network.nat;

import java.io.IOException;
import java.nio.channels.SocketChannel;

/**
 * The direction from the guest to the host of one connection: what came in order, and in what
 * ranges of the window something came too early.
 *
 * @spec RFC 9293, "Segment Arrives"; RFC 7323, "TCP Window Scale Option"
 */
final class TcpReceiver {
  private static final int MOST_RANGES = 16;
  private static final int MOST_WINDOW = 65535;

  private final ByteRing data;

  /** Ranges that came early: where they begin and end, from {@link #next}, in order, apart. */
  private final int[] begins = new int[MOST_RANGES];

  private final int[] ends = new int[MOST_RANGES];
  private int ranges;

  private int next;
  private int shift;
  private int advertised;
  private int sinceGrowth;
  private boolean endSeen;
  private int endOffset;
  private boolean ended;

  TcpReceiver(BufferBudget budget) {
    data = new ByteRing(budget);
  }

  void start(int sequence) {
    next = sequence;
  }

  /** Windows are advertised with a shift, except in a SYN. */
  void scale() {
    shift = TcpSegments.OUR_SHIFT;
  }

  /** The sequence number that is awaited. */
  int next() {
    return next;
  }

  /** Whether the guest has ended its direction, and all of it is here. */
  boolean ended() {
    return ended;
  }

  boolean isEmpty() {
    return data.size() == 0;
  }

  /** What the header says about how much may come; remembers it. */
  int window(boolean syn) {
    int scale = syn ? 0 : shift;
    int window = Math.min(MOST_WINDOW, data.free() >>> scale);
    advertised = window << scale;
    return window;
  }

  /** Whether the guest, that was told of little room, should hear that there is much. */
  boolean hasNews(int segmentBytes) {
    return advertised < 2 * segmentBytes && data.free() >= 4 * segmentBytes
        || advertised < data.free() / 4;
  }

  boolean isInWindow(int sequence) {
    int ahead = sequence - next;
    return ahead >= 0 && ahead <= data.free();
  }

  /** Takes the data of a segment, as far as it is new and there is room. */
  void take(byte[] frame, int at, int lengthBytes, int sequence, boolean end) {
    int begin = sequence - next;
    int last = begin + lengthBytes;
    if (ended || last < 0 || begin > data.free()) {
      return;
    }
    int known = Math.max(0, -begin);
    int from = Math.max(0, begin);
    int until = Math.min(last, data.free());
    if (until > from) {
      data.put(data.size() + from, frame, at + known, until - from);
      add(from, until);
    }
    if (end && until == last) {
      endSeen = true;
      endOffset = last;
    }
    advance();
    growWithUse(Math.max(0, until - from));
  }

  /** A connection that has filled its buffer some times over gets a larger one. */
  private void growWithUse(int lengthBytes) {
    sinceGrowth += lengthBytes;
    if (sinceGrowth > 2 * data.capacity()) {
      data.grow();
      sinceGrowth = 0;
    }
  }

  /** Adds a range; one for which there is no room comes again. */
  private void add(int begin, int end) {
    int from = begin;
    int until = end;
    int kept = 0;
    for (int i = 0; i < ranges; i++) {
      if (ends[i] < from || begins[i] > until) {
        begins[kept] = begins[i];
        ends[kept++] = ends[i];
      } else {
        from = Math.min(from, begins[i]);
        until = Math.max(until, ends[i]);
      }
    }
    ranges = kept;
    if (ranges == MOST_RANGES && from > 0) {
      return;
    }
    int place = Math.min(ranges, MOST_RANGES - 1);
    while (place > 0 && begins[place - 1] > from) {
      begins[place] = begins[place - 1];
      ends[place] = ends[place - 1];
      place--;
    }
    begins[place] = from;
    ends[place] = until;
    ranges = Math.min(ranges + 1, MOST_RANGES);
  }

  private void advance() {
    int arrived = 0;
    if (ranges > 0 && begins[0] == 0) {
      arrived = ends[0];
      data.filled(arrived);
      next += arrived;
      ranges--;
      for (int i = 0; i < ranges; i++) {
        begins[i] = begins[i + 1] - arrived;
        ends[i] = ends[i + 1] - arrived;
      }
    }
    if (endSeen) {
      endOffset -= arrived;
      if (endOffset == 0) {
        ended = true;
        next++;
      }
    }
  }

  /** Writes what the host takes. */
  void drain(SocketChannel channel) throws IOException {
    while (data.size() > 0) {
      int written = channel.write(data.readable());
      if (written == 0) {
        return;
      }
      data.drop(written);
    }
  }

  void close() {
    data.close();
  }
}

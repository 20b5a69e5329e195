package dev.ringzero.network.nat;

import static dev.ringzero.network.frame.Tcp.*;

import java.io.IOException;
import java.nio.channels.SocketChannel;

/**
 * The direction from the host to the guest of one connection: what was read is kept until the guest
 * acknowledged it, and sent again when it seems lost.
 *
 * @spec RFC 9293, "Data Communication"; RFC 5681, "Slow Start and Congestion Avoidance Algorithms"
 */
final class TcpSender {
  private static final long FIRST_TIMEOUT_NANOS = 500_000_000L;
  private static final long LONGEST_TIMEOUT_NANOS = 8_000_000_000L;
  private static final int MOST_RETRIES = 8;
  private static final int DUPLICATES_OF_A_LOSS = 3;
  private static final int FIRST_CONGESTION_BYTES = 1 << 16;
  private static final int LEAST_SEGMENT_BYTES = 88;
  private static final int DEFAULT_SEGMENT_BYTES = 536;
  private static final int MOST_SHIFT = 14;

  private final ByteRing data;
  private final TcpSegments segments;
  private final NatCounters counters;

  private int unacknowledged;
  private int next;
  private int most;
  private int window;
  private int shift;
  private int congestion = FIRST_CONGESTION_BYTES;
  private int segmentBytes = DEFAULT_SEGMENT_BYTES;
  private boolean hostEnded;
  private boolean endAcknowledged;

  /** Whether a byte is to ask a closed window. */
  private boolean probe;

  /** Whether a loss is being mended, up to which sequence number, and whether a segment is due. */
  private boolean recovering;

  private int recoveredAt;
  private boolean repair;

  private int duplicates;
  private int retries;
  private long timeoutNanos = FIRST_TIMEOUT_NANOS;

  /** When something must be sent again; 0 if nothing waits. */
  private long deadlineNanos;

  TcpSender(int firstSequence, TcpSegments segments, BufferBudget budget, NatCounters counters) {
    this.segments = segments;
    this.counters = counters;
    data = new ByteRing(budget);
    unacknowledged = firstSequence;
    next = firstSequence;
    most = firstSequence;
  }

  /** Takes what the guest's SYN says. */
  void options(int firstWindow, int askedSegmentBytes, int windowShift) {
    window = firstWindow;
    int asked = askedSegmentBytes < 0 ? DEFAULT_SEGMENT_BYTES : askedSegmentBytes;
    segmentBytes = Math.clamp(asked, LEAST_SEGMENT_BYTES, TcpSegments.MOST_SEGMENT_BYTES);
    shift = Math.clamp(windowShift, 0, MOST_SHIFT);
  }

  int segmentBytes() {
    return segmentBytes;
  }

  /** The first sequence number that was not sent yet. */
  int most() {
    return most;
  }

  /** The sequence number of a SYN, which is sent now or again. */
  int synSequence(long now) {
    next = unacknowledged + 1;
    sent();
    if (deadlineNanos == 0) {
      deadlineNanos = now + timeoutNanos;
    }
    return unacknowledged;
  }

  /** The guest acknowledged our SYN. */
  void opened() {
    unacknowledged = most;
    next = most;
    progress();
  }

  /** Whether the host has ended its direction and the guest knows. */
  boolean endAcknowledged() {
    return endAcknowledged;
  }

  /** Whether more from the host could be taken. */
  boolean wantsMore() {
    return !hostEnded && data.free() > 0;
  }

  /**
   * Takes an acknowledgement.
   *
   * @param bare whether its segment has no data
   * @return false if it is for what was never sent
   */
  boolean acknowledged(int acknowledged, int headerWindow, boolean bare) {
    int advance = acknowledged - unacknowledged;
    if (acknowledged - most > 0) {
      return false;
    }
    int windowNow = headerWindow << shift;
    boolean duplicate = advance == 0 && bare && windowNow == window;
    if (advance == 0 && window == 0 && windowNow > 0) {
      next = unacknowledged;
    }
    if (advance >= 0) {
      window = windowNow;
    }
    if (advance > 0) {
      forward(acknowledged, advance);
    } else if (duplicate && most != unacknowledged) {
      retries = 0;
      if (++duplicates == DUPLICATES_OF_A_LOSS && !recovering) {
        lost();
      }
    }
    return true;
  }

  private void forward(int acknowledged, int advance) {
    int bytes = Math.min(advance, data.size());
    endAcknowledged = hostEnded && advance > bytes;
    data.drop(bytes);
    unacknowledged = acknowledged;
    if (next - unacknowledged < 0) {
      next = unacknowledged;
    }
    if (recovering) {
      recovering = acknowledged - recoveredAt < 0;
      repair = recovering;
    } else {
      congestion = Math.min(ByteRing.MOST_CAPACITY, congestion + bytes);
    }
    progress();
  }

  private void progress() {
    duplicates = 0;
    retries = 0;
    timeoutNanos = FIRST_TIMEOUT_NANOS;
    deadlineNanos = 0;
  }

  /** One segment is missing; the guest keeps what came behind it. */
  private void lost() {
    counters.count(NatCounter.RETRANSMISSIONS);
    congestion = Math.max(2 * segmentBytes, (most - unacknowledged) / 2);
    recovering = true;
    recoveredAt = most;
    repair = true;
  }

  /** Goes back to what the guest acknowledged last. One byte asks a closed window. */
  private void sendAgain() {
    counters.count(NatCounter.RETRANSMISSIONS);
    next = unacknowledged;
    recovering = false;
    repair = false;
    probe = window == 0 && data.size() > 0;
  }

  /** Reads what the host has, while there is room. */
  void fill(SocketChannel channel) throws IOException {
    while (wantsMore()) {
      int read = channel.read(data.writable());
      if (read <= 0) {
        hostEnded = read < 0;
        return;
      }
      data.filled(read);
      if (data.free() == 0) {
        data.grow();
      }
    }
  }

  /** Sends what may be sent; whether something was, which acknowledges too. */
  boolean send(TcpReceiver receiver, long now) {
    boolean sent = repair(receiver);
    int mostBytes = segments.mostDataBytes(segmentBytes);
    while (true) {
      int inFlight = next - unacknowledged;
      int waiting = data.size() - inFlight;
      int allowed = Math.min(window, congestion) - inFlight;
      int length = probe ? 1 : Math.min(Math.min(waiting, allowed), mostBytes);
      // Not a little of much: a full window is waited for.
      boolean little = length < segmentBytes && length < waiting && inFlight > 0;
      if (length <= 0 || little && !probe || !segments.hasRoom(length)) {
        break;
      }
      int whole = length > segmentBytes && length < waiting ? length % segmentBytes : 0;
      transmit(receiver, inFlight, length - whole);
      next += length - whole;
      sent();
      probe = false;
      sent = true;
    }
    if (isEndDue() && segments.hasRoom(0)) {
      segments.bare(FIN | ACK, next, receiver.next(), receiver.window(false));
      next++;
      sent();
      sent = true;
    }
    boolean waits = most != unacknowledged || data.size() > 0;
    if (waits && deadlineNanos == 0) {
      deadlineNanos = now + timeoutNanos;
    }
    return sent;
  }

  private void transmit(TcpReceiver receiver, int from, int length) {
    segments.data(
        ACK | PSH,
        unacknowledged + from,
        receiver.next(),
        receiver.window(false),
        data,
        from,
        length,
        segmentBytes);
  }

  private boolean repair(TcpReceiver receiver) {
    int length = Math.min(segmentBytes, Math.min(data.size(), most - unacknowledged));
    if (!repair || length <= 0 || !segments.hasRoom(length)) {
      return false;
    }
    transmit(receiver, 0, length);
    repair = false;
    return true;
  }

  private boolean isEndDue() {
    return hostEnded && !endAcknowledged && next - unacknowledged == data.size();
  }

  private void sent() {
    if (next - most > 0) {
      most = next;
    }
  }

  boolean isDue(long now) {
    return deadlineNanos != 0 && now - deadlineNanos >= 0;
  }

  /** Nothing was heard in time; false if that was once too often. */
  boolean timedOut(boolean open, long now) {
    if (++retries > MOST_RETRIES) {
      return false;
    }
    timeoutNanos = Math.min(LONGEST_TIMEOUT_NANOS, 2 * timeoutNanos);
    deadlineNanos = now + timeoutNanos;
    if (open) {
      congestion = 2 * segmentBytes;
      sendAgain();
    }
    return true;
  }

  void close() {
    data.close();
  }
}

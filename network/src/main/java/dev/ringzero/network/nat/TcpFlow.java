package dev.ringzero.network.nat;

import static dev.ringzero.network.frame.Tcp.*;

import dev.ringzero.network.frame.BigEndian;
import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/**
 * A TCP connection between a guest and a socket of the host: what the guest sends goes into the
 * socket, and what the socket gives is sent to the guest, kept until the guest acknowledged it.
 *
 * <p>Not modelled: segments out of order are dropped and come again; no window scaling, selective
 * acknowledgements, time stamps or urgent data.
 *
 * @spec RFC 9293, "Functional Specification"
 */
final class TcpFlow implements HostEvents {
  private static final long FIRST_TIMEOUT_NANOS = 500_000_000L;
  private static final long LONGEST_TIMEOUT_NANOS = 8_000_000_000L;
  private static final long LINGER_NANOS = 2_000_000_000L;
  private static final long IDLE_NANOS = 3_600_000_000_000L;
  private static final int MOST_RETRIES = 8;
  private static final int DUPLICATES_OF_A_LOSS = 3;
  private static final int LEAST_SEGMENT_BYTES = 88;
  private static final int DEFAULT_SEGMENT_BYTES = 536;
  private static final int MOST_SEGMENT_BYTES = GuestSide.MOST_PAYLOAD_BYTES - HEADER_BYTES;
  private static final int MOST_WINDOW = 65535;

  private enum State {
    /** The host's socket connects; the guest waits for an answer. */
    CONNECTING,
    /** The guest was answered and has yet to acknowledge. */
    SYN_RECEIVED,
    /** A connection from outside, for which the guest was asked. */
    SYN_SENT,
    OPEN,
    /** Both sides have ended; only late segments are answered. */
    LINGERING,
    GONE
  }

  private final FlowKey key;
  private final SocketChannel channel;
  private final SelectionKey selection;
  private final GuestSide guests;
  private final NatCounters counters;
  private final ByteRing toHost = new ByteRing();
  private final ByteRing toGuest = new ByteRing();

  private State state;
  private int receiveNext;
  private int unacknowledged;
  private int sendNext;
  private int sendMost;
  private int window;
  private int advertised;
  private int segmentBytes = DEFAULT_SEGMENT_BYTES;
  private boolean acknowledgementDue;
  private boolean guestEnded;
  private boolean hostEnded;
  private boolean outputShut;
  private boolean endAcknowledged;

  private int duplicates;
  private int retries;
  private long timeoutNanos = FIRST_TIMEOUT_NANOS;

  /** When something must be sent again, or the flow forgotten; 0 if never. */
  private long deadlineNanos;

  private long lastHeardNanos;
  private long nowNanos;

  private TcpFlow(
      FlowKey key,
      SocketChannel channel,
      Selector selector,
      State state,
      int firstSequence,
      GuestSide guests,
      NatCounters counters)
      throws IOException {
    this.key = key;
    this.channel = channel;
    this.guests = guests;
    this.counters = counters;
    this.state = state;
    unacknowledged = firstSequence;
    sendNext = firstSequence;
    sendMost = firstSequence;
    int interest = state == State.CONNECTING ? SelectionKey.OP_CONNECT : 0;
    selection = channel.register(selector, interest, this);
  }

  /** A connection that the guest opens with a SYN, to a socket that is connecting. */
  static TcpFlow fromGuest(
      FlowKey key,
      SocketChannel channel,
      Selector selector,
      int firstSequence,
      GuestSide guests,
      NatCounters counters,
      byte[] frame,
      int segment,
      long nowNanos)
      throws IOException {
    TcpFlow flow =
        new TcpFlow(key, channel, selector, State.CONNECTING, firstSequence, guests, counters);
    flow.receiveNext = BigEndian.get32(frame, segment + SEQUENCE) + 1;
    flow.takeOptions(frame, segment);
    flow.nowNanos = nowNanos;
    flow.lastHeardNanos = nowNanos;
    return flow;
  }

  /** A connection that came in at a published port. */
  static TcpFlow toGuest(
      FlowKey key,
      SocketChannel channel,
      Selector selector,
      int firstSequence,
      GuestSide guests,
      NatCounters counters,
      long nowNanos)
      throws IOException {
    TcpFlow flow =
        new TcpFlow(key, channel, selector, State.SYN_SENT, firstSequence, guests, counters);
    flow.nowNanos = nowNanos;
    flow.lastHeardNanos = nowNanos;
    flow.sendSyn();
    return flow;
  }

  FlowKey key() {
    return key;
  }

  boolean isGone() {
    return state == State.GONE;
  }

  /** Whether a new connection may take this one's place. */
  boolean isOver() {
    return state == State.GONE || state == State.LINGERING;
  }

  private void takeOptions(byte[] frame, int segment) {
    window = BigEndian.get16(frame, segment + WINDOW);
    int asked = maximumSegmentSize(frame, segment, DEFAULT_SEGMENT_BYTES);
    segmentBytes = Math.clamp(asked, LEAST_SEGMENT_BYTES, MOST_SEGMENT_BYTES);
  }

  // From the guest

  /** Takes a segment whose lengths and checksum are right. */
  void input(byte[] frame, int segment, int lengthBytes, long now) {
    nowNanos = now;
    lastHeardNanos = now;
    int flags = BigEndian.get8(frame, segment + FLAGS);
    int sequence = BigEndian.get32(frame, segment + SEQUENCE);
    if ((flags & RST) != 0) {
      if (mayReset(frame, segment, flags, sequence)) {
        abort();
      }
      return;
    }
    switch (state) {
      case CONNECTING, GONE -> {}
      case SYN_SENT -> answered(frame, segment, flags, sequence);
      case SYN_RECEIVED -> confirmed(frame, segment, lengthBytes, flags, sequence);
      case OPEN -> exchange(frame, segment, lengthBytes, flags, sequence);
      case LINGERING -> sendBare(ACK);
    }
  }

  private boolean mayReset(byte[] frame, int segment, int flags, int sequence) {
    if (state == State.SYN_SENT) {
      int acknowledged = BigEndian.get32(frame, segment + ACKNOWLEDGEMENT);
      return (flags & ACK) != 0 && acknowledged == sendMost;
    }
    int ahead = sequence - receiveNext;
    return ahead >= 0 && ahead <= toHost.free();
  }

  private void answered(byte[] frame, int segment, int flags, int sequence) {
    boolean right = (flags & (SYN | ACK)) == (SYN | ACK);
    if (!right || BigEndian.get32(frame, segment + ACKNOWLEDGEMENT) != sendMost) {
      return;
    }
    receiveNext = sequence + 1;
    takeOptions(frame, segment);
    open();
    acknowledgementDue = true;
    pump();
  }

  private void confirmed(byte[] frame, int segment, int lengthBytes, int flags, int sequence) {
    if ((flags & SYN) != 0) {
      sendSyn();
      return;
    }
    int acknowledged = BigEndian.get32(frame, segment + ACKNOWLEDGEMENT);
    if ((flags & ACK) != 0 && acknowledged == sendMost) {
      open();
      exchange(frame, segment, lengthBytes, flags, sequence);
    }
  }

  private void open() {
    state = State.OPEN;
    unacknowledged = sendMost;
    sendNext = sendMost;
    progress();
  }

  private void exchange(byte[] frame, int segment, int lengthBytes, int flags, int sequence) {
    boolean plausible = (flags & SYN) == 0 && (flags & ACK) != 0;
    int header = headerBytes(frame, segment);
    int dataBytes = lengthBytes - header;
    if (!plausible || !acknowledged(frame, segment, dataBytes)) {
      acknowledgementDue = true;
      pump();
      return;
    }
    receive(frame, segment + header, dataBytes, sequence, (flags & FIN) != 0);
    pump();
  }

  /** Takes an acknowledgement; false if it is for what was never sent. */
  private boolean acknowledged(byte[] frame, int segment, int dataBytes) {
    int acknowledged = BigEndian.get32(frame, segment + ACKNOWLEDGEMENT);
    int advance = acknowledged - unacknowledged;
    if (acknowledged - sendMost > 0) {
      return false;
    }
    int windowNow = BigEndian.get16(frame, segment + WINDOW);
    boolean duplicate = advance == 0 && dataBytes == 0 && windowNow == window;
    if (advance == 0 && window == 0 && windowNow > 0) {
      sendNext = unacknowledged;
    }
    if (advance >= 0) {
      window = windowNow;
    }
    if (advance > 0) {
      int data = Math.min(advance, toGuest.size());
      endAcknowledged = hostEnded && advance > data;
      toGuest.drop(data);
      unacknowledged = acknowledged;
      if (sendNext - unacknowledged < 0) {
        sendNext = unacknowledged;
      }
      progress();
    } else if (duplicate && sendMost != unacknowledged) {
      retries = 0;
      if (++duplicates == DUPLICATES_OF_A_LOSS) {
        sendAgain();
      }
    }
    return true;
  }

  private void progress() {
    duplicates = 0;
    retries = 0;
    timeoutNanos = FIRST_TIMEOUT_NANOS;
    deadlineNanos = 0;
  }

  private void receive(byte[] frame, int data, int dataBytes, int sequence, boolean end) {
    if (dataBytes == 0 && !end) {
      return;
    }
    acknowledgementDue = true;
    int known = receiveNext - sequence;
    if (known < 0 || known > dataBytes || guestEnded) {
      return;
    }
    int fresh = dataBytes - known;
    int taken = Math.min(fresh, toHost.free());
    toHost.append(frame, data + known, taken);
    receiveNext += taken;
    if (end && taken == fresh) {
      guestEnded = true;
      receiveNext++;
    }
  }

  // From the host

  @Override
  public void ready(SelectionKey selected) {
    if (state == State.GONE) {
      return;
    }
    if (state == State.CONNECTING) {
      finishConnecting();
      return;
    }
    pump();
  }

  private void finishConnecting() {
    try {
      if (!channel.finishConnect()) {
        return;
      }
    } catch (IOException e) {
      counters.count(NatCounter.HOST_FAILURES);
      sendBare(RST | ACK);
      abort();
      return;
    }
    selection.interestOps(0);
    state = State.SYN_RECEIVED;
    sendSyn();
  }

  /** Moves what can be moved in both directions. */
  private void pump() {
    if (state != State.OPEN) {
      return;
    }
    try {
      writeToHost();
      readFromHost();
    } catch (IOException e) {
      counters.count(NatCounter.HOST_FAILURES);
      sendBare(RST | ACK);
      abort();
      return;
    }
    sendToGuest();
    if (guestEnded && outputShut && endAcknowledged) {
      linger();
      return;
    }
    int reading = !hostEnded && toGuest.free() > 0 ? SelectionKey.OP_READ : 0;
    int writing = toHost.size() > 0 ? SelectionKey.OP_WRITE : 0;
    selection.interestOps(reading | writing);
  }

  private void writeToHost() throws IOException {
    while (toHost.size() > 0) {
      int written = channel.write(toHost.readable());
      if (written == 0) {
        break;
      }
      toHost.drop(written);
    }
    // A guest that was told of little room hears of it when there is more.
    if (advertised < segmentBytes && toHost.free() >= 2 * segmentBytes) {
      acknowledgementDue = true;
    }
    if (guestEnded && toHost.size() == 0 && !outputShut) {
      outputShut = true;
      channel.shutdownOutput();
    }
  }

  private void readFromHost() throws IOException {
    while (!hostEnded && toGuest.free() > 0) {
      int read = channel.read(toGuest.writable());
      if (read <= 0) {
        hostEnded = read < 0;
        return;
      }
      toGuest.filled(read);
    }
  }

  // To the guest

  private void sendToGuest() {
    while (guests.hasRoom()) {
      int inFlight = sendNext - unacknowledged;
      int waiting = toGuest.size() - inFlight;
      int allowed = window - inFlight;
      int length = Math.min(Math.min(waiting, allowed), segmentBytes);
      // Not a little of much: a full window is waited for.
      if (length <= 0 || length < segmentBytes && length < waiting && inFlight > 0) {
        break;
      }
      sendData(inFlight, length);
    }
    boolean allSent = sendNext - unacknowledged == toGuest.size();
    if (hostEnded && allSent && !endAcknowledged && guests.hasRoom()) {
      send(FIN | ACK, sendNext, 0);
      sendNext++;
      sent();
    }
    if (acknowledgementDue) {
      sendBare(ACK);
    }
    boolean waits = sendMost != unacknowledged || toGuest.size() > 0;
    if (waits && deadlineNanos == 0) {
      deadlineNanos = nowNanos + timeoutNanos;
    }
  }

  private void sendData(int from, int lengthBytes) {
    toGuest.copy(from, guests.frame, GuestSide.PAYLOAD + HEADER_BYTES, lengthBytes);
    send(ACK | PSH, sendNext, lengthBytes);
    sendNext += lengthBytes;
    sent();
  }

  private void sent() {
    if (sendNext - sendMost > 0) {
      sendMost = sendNext;
    }
  }

  private void sendSyn() {
    byte[] frame = guests.frame;
    int options = GuestSide.PAYLOAD + HEADER_BYTES;
    frame[options] = OPTION_MSS;
    frame[options + 1] = OPTION_MSS_BYTES;
    BigEndian.put16(frame, options + 2, MOST_SEGMENT_BYTES);
    int flags = state == State.SYN_SENT ? SYN : SYN | ACK;
    sendSegment(flags, unacknowledged, HEADER_BYTES + OPTION_MSS_BYTES, 0);
    sendNext = unacknowledged + 1;
    sent();
    if (deadlineNanos == 0) {
      deadlineNanos = nowNanos + timeoutNanos;
    }
  }

  private void sendBare(int flags) {
    send(flags, sendMost, 0);
  }

  private void send(int flags, int sequence, int dataBytes) {
    sendSegment(flags, sequence, HEADER_BYTES, dataBytes);
  }

  private void sendSegment(int flags, int sequence, int headerBytes, int dataBytes) {
    byte[] frame = guests.frame;
    int segment = GuestSide.PAYLOAD;
    advertised = Math.min(MOST_WINDOW, toHost.free());
    BigEndian.put16(frame, segment + SOURCE_PORT, key.remotePort());
    BigEndian.put16(frame, segment + DESTINATION_PORT, key.guestPort());
    BigEndian.put32(frame, segment + SEQUENCE, sequence);
    BigEndian.put32(frame, segment + ACKNOWLEDGEMENT, (flags & ACK) != 0 ? receiveNext : 0);
    BigEndian.put16(frame, segment + DATA_OFFSET, headerBytes << 10 | flags);
    BigEndian.put16(frame, segment + WINDOW, advertised);
    BigEndian.put16(frame, segment + URGENT, 0);
    guests.sendSegment(key.remoteIp(), key.guestIp(), headerBytes + dataBytes);
    acknowledgementDue &= (flags & ACK) == 0;
  }

  // Time

  /** Does what is due at this time. */
  void tick(long now) {
    nowNanos = now;
    if (now - lastHeardNanos > IDLE_NANOS) {
      sendBare(RST | ACK);
      abort();
      return;
    }
    if (deadlineNanos != 0 && now - deadlineNanos >= 0) {
      timedOut();
    }
    pump();
  }

  private void timedOut() {
    if (state == State.LINGERING || ++retries > MOST_RETRIES) {
      abort();
      return;
    }
    timeoutNanos = Math.min(LONGEST_TIMEOUT_NANOS, 2 * timeoutNanos);
    deadlineNanos = nowNanos + timeoutNanos;
    if (state == State.OPEN) {
      sendAgain();
    } else {
      counters.count(NatCounter.RETRANSMISSIONS);
      sendSyn();
    }
  }

  /** Goes back to what the guest acknowledged last. One byte asks a closed window. */
  private void sendAgain() {
    counters.count(NatCounter.RETRANSMISSIONS);
    sendNext = unacknowledged;
    if (window == 0 && toGuest.size() > 0 && guests.hasRoom()) {
      sendData(0, 1);
    }
  }

  private void linger() {
    state = State.LINGERING;
    deadlineNanos = nowNanos + LINGER_NANOS;
    HostChannels.close(channel);
  }

  /** Gives the connection up; the host's end is reset unless it has ended. */
  void abort() {
    if (state != State.LINGERING && state != State.GONE) {
      HostChannels.abort(channel);
    }
    state = State.GONE;
  }
}

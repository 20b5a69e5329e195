package dev.ringzero.network.nat;

import static dev.ringzero.network.frame.Tcp.*;

import dev.ringzero.network.frame.BigEndian;
import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/**
 * A TCP connection between a guest and a socket of the host: what the guest sends goes into the
 * socket, and what the socket gives is sent to the guest.
 *
 * <p>Not modelled: selective acknowledgements, time stamps, urgent data, measured round trips.
 *
 * @spec RFC 9293, "Functional Specification"
 */
final class TcpFlow implements HostEvents {
  private static final long LINGER_NANOS = 2_000_000_000L;
  private static final long IDLE_NANOS = 3_600_000_000_000L;

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

  /** What all connections of a NAT share. */
  record Surroundings(
      Selector selector, GuestSide guests, BufferBudget budget, NatCounters counters) {}

  private final FlowKey key;
  private final SocketChannel channel;
  private final SelectionKey selection;
  private final NatCounters counters;
  private final TcpSegments segments;
  private final TcpReceiver toHost;
  private final TcpSender toGuest;

  private State state;

  /** Whether both ends know of window shifts. */
  private boolean scaled;

  private boolean acknowledgementDue;
  private boolean outputShut;
  private long lingerUntilNanos;
  private long lastHeardNanos;
  private long nowNanos;

  private TcpFlow(
      FlowKey key,
      SocketChannel channel,
      Surroundings surroundings,
      State state,
      int firstSequence,
      long nowNanos)
      throws IOException {
    this.key = key;
    this.channel = channel;
    this.state = state;
    this.nowNanos = nowNanos;
    lastHeardNanos = nowNanos;
    counters = surroundings.counters();
    segments = new TcpSegments(key, surroundings.guests());
    int interest = state == State.CONNECTING ? SelectionKey.OP_CONNECT : 0;
    selection = channel.register(surroundings.selector(), interest, this);
    toHost = new TcpReceiver(surroundings.budget());
    toGuest = new TcpSender(firstSequence, segments, surroundings.budget(), counters);
  }

  /** A connection that the guest opens with a SYN, to a socket that is connecting. */
  static TcpFlow fromGuest(
      FlowKey key,
      SocketChannel channel,
      Surroundings surroundings,
      int firstSequence,
      byte[] frame,
      int segment,
      long nowNanos)
      throws IOException {
    TcpFlow flow =
        new TcpFlow(key, channel, surroundings, State.CONNECTING, firstSequence, nowNanos);
    flow.takeSyn(frame, segment);
    return flow;
  }

  /** A connection that came in at a published port. */
  static TcpFlow toGuest(
      FlowKey key,
      SocketChannel channel,
      Surroundings surroundings,
      int firstSequence,
      long nowNanos)
      throws IOException {
    TcpFlow flow = new TcpFlow(key, channel, surroundings, State.SYN_SENT, firstSequence, nowNanos);
    flow.scaled = true;
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

  private void takeSyn(byte[] frame, int segment) {
    toHost.start(BigEndian.get32(frame, segment + SEQUENCE) + 1);
    int shift = option(frame, segment, OPTION_WINDOW_SCALE, OPTION_WINDOW_SCALE_BYTES);
    scaled = shift >= 0;
    int asked = option(frame, segment, OPTION_MSS, OPTION_MSS_BYTES);
    toGuest.options(BigEndian.get16(frame, segment + WINDOW), asked, Math.max(0, shift));
  }

  // From the guest

  /** Takes a segment whose lengths and checksum are right. */
  void input(byte[] frame, int segment, int lengthBytes, long now) {
    nowNanos = now;
    lastHeardNanos = now;
    int flags = BigEndian.get8(frame, segment + FLAGS);
    if ((flags & RST) != 0) {
      if (mayReset(frame, segment, flags)) {
        abort();
      }
      return;
    }
    switch (state) {
      case CONNECTING, GONE -> {}
      case SYN_SENT -> answered(frame, segment, flags);
      case SYN_RECEIVED -> confirmed(frame, segment, lengthBytes, flags);
      case OPEN -> exchange(frame, segment, lengthBytes, flags);
      case LINGERING -> sendBare(ACK);
    }
  }

  private boolean mayReset(byte[] frame, int segment, int flags) {
    if (state == State.SYN_SENT) {
      int acknowledged = BigEndian.get32(frame, segment + ACKNOWLEDGEMENT);
      return (flags & ACK) != 0 && acknowledged == toGuest.most();
    }
    return toHost.isInWindow(BigEndian.get32(frame, segment + SEQUENCE));
  }

  private void answered(byte[] frame, int segment, int flags) {
    boolean right = (flags & (SYN | ACK)) == (SYN | ACK);
    if (!right || BigEndian.get32(frame, segment + ACKNOWLEDGEMENT) != toGuest.most()) {
      return;
    }
    takeSyn(frame, segment);
    open();
    acknowledgementDue = true;
    pump();
  }

  private void confirmed(byte[] frame, int segment, int lengthBytes, int flags) {
    if ((flags & SYN) != 0) {
      sendSyn();
      return;
    }
    int acknowledged = BigEndian.get32(frame, segment + ACKNOWLEDGEMENT);
    if ((flags & ACK) != 0 && acknowledged == toGuest.most()) {
      open();
      exchange(frame, segment, lengthBytes, flags);
    }
  }

  private void open() {
    state = State.OPEN;
    if (scaled) {
      toHost.scale();
    }
    toGuest.opened();
  }

  private void exchange(byte[] frame, int segment, int lengthBytes, int flags) {
    boolean plausible = (flags & SYN) == 0 && (flags & ACK) != 0;
    int header = headerBytes(frame, segment);
    int dataBytes = lengthBytes - header;
    int acknowledged = BigEndian.get32(frame, segment + ACKNOWLEDGEMENT);
    int window = BigEndian.get16(frame, segment + WINDOW);
    if (!plausible || !toGuest.acknowledged(acknowledged, window, dataBytes == 0)) {
      acknowledgementDue = true;
      pump();
      return;
    }
    boolean end = (flags & FIN) != 0;
    if (dataBytes > 0 || end) {
      acknowledgementDue = true;
      int sequence = BigEndian.get32(frame, segment + SEQUENCE);
      toHost.take(frame, segment + header, dataBytes, sequence, end);
    } else if (BigEndian.get32(frame, segment + SEQUENCE) != toHost.next()) {
      acknowledgementDue = true;
    }
    pump();
  }

  // From the host

  @Override
  public void ready(SelectionKey selected) {
    if (state == State.CONNECTING) {
      finishConnecting();
    } else if (state != State.GONE) {
      pump();
    }
  }

  @Override
  public void abandon() {
    abort();
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
      toHost.drain(channel);
      acknowledgementDue |= toHost.hasNews(toGuest.segmentBytes());
      if (toHost.ended() && toHost.isEmpty() && !outputShut) {
        outputShut = true;
        channel.shutdownOutput();
      }
      toGuest.fill(channel);
    } catch (IOException e) {
      counters.count(NatCounter.HOST_FAILURES);
      sendBare(RST | ACK);
      abort();
      return;
    }
    if (toGuest.send(toHost, nowNanos)) {
      acknowledgementDue = false;
    } else if (acknowledgementDue) {
      sendBare(ACK);
    }
    if (toHost.ended() && outputShut && toGuest.endAcknowledged()) {
      linger();
      return;
    }
    int reading = toGuest.wantsMore() ? SelectionKey.OP_READ : 0;
    int writing = toHost.isEmpty() ? 0 : SelectionKey.OP_WRITE;
    selection.interestOps(reading | writing);
  }

  // To the guest

  private void sendSyn() {
    boolean answer = state != State.SYN_SENT;
    int sequence = toGuest.synSequence(nowNanos);
    int flags = answer ? SYN | ACK : SYN;
    segments.syn(flags, sequence, toHost.next(), toHost.window(true), scaled);
  }

  private void sendBare(int flags) {
    segments.bare(flags, toGuest.most(), toHost.next(), toHost.window(false));
    acknowledgementDue = false;
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
    if (state == State.LINGERING) {
      if (now - lingerUntilNanos >= 0) {
        abort();
      }
      return;
    }
    if (toGuest.isDue(now)) {
      timedOut();
    }
    pump();
  }

  private void timedOut() {
    if (!toGuest.timedOut(state == State.OPEN, nowNanos)) {
      abort();
    } else if (state == State.SYN_RECEIVED || state == State.SYN_SENT) {
      counters.count(NatCounter.RETRANSMISSIONS);
      sendSyn();
    }
  }

  private void linger() {
    state = State.LINGERING;
    lingerUntilNanos = nowNanos + LINGER_NANOS;
    HostChannels.close(channel);
    release();
  }

  /** Gives the connection up; the host's end is reset unless it has ended. */
  void abort() {
    if (state != State.LINGERING && state != State.GONE) {
      HostChannels.abort(channel);
      release();
    }
    state = State.GONE;
  }

  private void release() {
    toHost.close();
    toGuest.close();
  }
}

package dev.ringzero.network.nat;

import static dev.ringzero.network.frame.Tcp.*;

import dev.ringzero.engine.Clock;
import dev.ringzero.engine.Entropy;
import dev.ringzero.network.frame.BigEndian;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.HashMap;
import java.util.Map;

/** All TCP connections of a NAT. */
final class TcpFlows {
  static final int MOST_FLOWS = 256;
  private static final long MOST_BUFFER_BYTES = 64 << 20;
  private static final int FIRST_PORT = 49152;
  private static final int PORTS = 16384;

  private final Clock clock;
  private final Entropy entropy;
  private final Reachability reachability;
  private final GuestSide guests;
  private final NatCounters counters;
  private final TcpFlow.Surroundings surroundings;
  private final Map<FlowKey, TcpFlow> flows = new HashMap<>();
  private final byte[] random = new byte[4];
  private int nextPort;

  TcpFlows(
      Clock clock,
      Entropy entropy,
      Selector selector,
      Reachability reachability,
      GuestSide guests,
      NatCounters counters) {
    this.clock = clock;
    this.entropy = entropy;
    this.reachability = reachability;
    this.guests = guests;
    this.counters = counters;
    BufferBudget budget = new BufferBudget(MOST_BUFFER_BYTES);
    surroundings = new TcpFlow.Surroundings(selector, guests, budget, counters);
  }

  /** Takes a segment whose lengths and checksum are right. */
  void input(byte[] frame, int segment, int lengthBytes, int source, int destination) {
    int sourcePort = BigEndian.get16(frame, segment + SOURCE_PORT);
    int destinationPort = BigEndian.get16(frame, segment + DESTINATION_PORT);
    FlowKey key = new FlowKey(source, sourcePort, destination, destinationPort);
    TcpFlow flow = flows.get(key);
    int flags = BigEndian.get8(frame, segment + FLAGS);
    boolean opens = (flags & (SYN | ACK | RST | FIN)) == SYN;
    if (flow != null && !(opens && flow.isOver())) {
      try {
        flow.input(frame, segment, lengthBytes, clock.nanoTime());
      } catch (RuntimeException e) {
        fault(flow, e);
      }
      forget(flow);
    } else if (opens) {
      flows.remove(key);
      open(key, frame, segment, lengthBytes);
    } else if ((flags & RST) == 0) {
      refuse(key, frame, segment, lengthBytes);
    }
  }

  private void open(FlowKey key, byte[] frame, int segment, int lengthBytes) {
    InetSocketAddress target = reachability.target(key.remoteIp(), key.remotePort());
    if (target == null) {
      counters.count(NatCounter.REFUSED);
      refuse(key, frame, segment, lengthBytes);
      return;
    }
    if (flows.size() >= MOST_FLOWS) {
      counters.count(NatCounter.OUT_OF_FLOWS);
      refuse(key, frame, segment, lengthBytes);
      return;
    }
    SocketChannel channel = null;
    try {
      channel = SocketChannel.open();
      configure(channel);
      TcpFlow flow =
          TcpFlow.fromGuest(
              key, channel, surroundings, sequence(), frame, segment, clock.nanoTime());
      add(flow);
      if (channel.connect(target)) {
        flow.ready(null);
      }
    } catch (IOException e) {
      counters.count(NatCounter.HOST_FAILURES);
      flows.remove(key);
      HostChannels.close(channel);
      refuse(key, frame, segment, lengthBytes);
    }
  }

  /** A connection came in at a published port. */
  void accepted(SocketChannel channel, int guestIp, int guestPort) {
    FlowKey key = new FlowKey(guestIp, guestPort, NatNetwork.GATEWAY, freePort(guestIp, guestPort));
    if (guests.neighbour(guestIp) == 0 || flows.size() >= MOST_FLOWS) {
      counters.count(NatCounter.OUT_OF_FLOWS);
      HostChannels.abort(channel);
      return;
    }
    try {
      configure(channel);
      add(TcpFlow.toGuest(key, channel, surroundings, sequence(), clock.nanoTime()));
    } catch (IOException e) {
      counters.count(NatCounter.HOST_FAILURES);
      HostChannels.close(channel);
    }
  }

  private int freePort(int guestIp, int guestPort) {
    int port;
    do {
      port = FIRST_PORT + nextPort++ % PORTS;
    } while (flows.containsKey(new FlowKey(guestIp, guestPort, NatNetwork.GATEWAY, port)));
    return port;
  }

  private static void configure(SocketChannel channel) throws IOException {
    channel.configureBlocking(false);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
  }

  private void add(TcpFlow flow) {
    flows.put(flow.key(), flow);
    counters.count(NatCounter.TCP_FLOWS);
  }

  private void fault(TcpFlow flow, RuntimeException e) {
    counters.fault(e);
    flow.abandon();
  }

  private int sequence() {
    entropy.fill(random);
    return BigEndian.get32(random, 0);
  }

  private void forget(TcpFlow flow) {
    if (flow.isGone()) {
      flows.remove(flow.key(), flow);
    }
  }

  /** Answers a segment that belongs to no connection. */
  private void refuse(FlowKey key, byte[] frame, int segment, int lengthBytes) {
    int flags = BigEndian.get8(frame, segment + FLAGS);
    boolean acknowledges = (flags & ACK) != 0;
    int data = lengthBytes - headerBytes(frame, segment);
    int length = data + Integer.bitCount(flags & (SYN | FIN));
    int sequence = acknowledges ? BigEndian.get32(frame, segment + ACKNOWLEDGEMENT) : 0;
    int acknowledgement = BigEndian.get32(frame, segment + SEQUENCE) + length;
    byte[] reply = guests.frame;
    int at = GuestSide.PAYLOAD;
    BigEndian.put16(reply, at + SOURCE_PORT, key.remotePort());
    BigEndian.put16(reply, at + DESTINATION_PORT, key.guestPort());
    BigEndian.put32(reply, at + SEQUENCE, sequence);
    BigEndian.put32(reply, at + ACKNOWLEDGEMENT, acknowledges ? 0 : acknowledgement);
    int answer = acknowledges ? RST : RST | ACK;
    BigEndian.put16(reply, at + DATA_OFFSET, HEADER_BYTES << 10 | answer);
    BigEndian.put32(reply, at + WINDOW, 0);
    BigEndian.put16(reply, at + URGENT, 0);
    guests.sendSegment(key.remoteIp(), key.guestIp(), HEADER_BYTES, HEADER_BYTES, 0);
  }

  /** Lets each connection do what is due. */
  void tick() {
    long now = clock.nanoTime();
    flows
        .values()
        .removeIf(flow -> {
          try {
            flow.tick(now);
          } catch (RuntimeException e) {
            fault(flow, e);
          }
          return flow.isGone();
        });
  }

  boolean isEmpty() {
    return flows.isEmpty();
  }

  void close() {
    flows.values().forEach(TcpFlow::abort);
    flows.clear();
  }
}

package dev.ringzero.network.nat;

import dev.ringzero.engine.Clock;
import dev.ringzero.network.frame.BigEndian;
import dev.ringzero.network.frame.Icmp;
import dev.ringzero.network.frame.Ipv4;
import dev.ringzero.network.frame.Udp;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Selector;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/** All UDP flows of a NAT, the one used longest ago first. */
final class UdpFlows {
  private static final int MOST_FLOWS = 256;
  private static final long IDLE_NANOS = 60_000_000_000L;

  private final Clock clock;
  private final Selector selector;
  private final Reachability reachability;
  private final GuestSide guests;
  private final NatCounters counters;
  private final IcmpErrors errors;
  private final Map<FlowKey, UdpFlow> flows = new LinkedHashMap<>(64, 0.75f, true);

  UdpFlows(
      Clock clock,
      Selector selector,
      Reachability reachability,
      GuestSide guests,
      NatCounters counters,
      IcmpErrors errors) {
    this.errors = errors;
    this.clock = clock;
    this.selector = selector;
    this.reachability = reachability;
    this.guests = guests;
    this.counters = counters;
  }

  /** Takes a datagram whose length and checksum are right; false if it must not go there. */
  boolean input(byte[] frame, int datagram, int lengthBytes, int source, int destination) {
    int sourcePort = BigEndian.get16(frame, datagram + Udp.SOURCE_PORT);
    int destinationPort = BigEndian.get16(frame, datagram + Udp.DESTINATION_PORT);
    FlowKey key = new FlowKey(source, sourcePort, destination, destinationPort);
    InetSocketAddress target = reachability.target(destination, destinationPort);
    if (target == null) {
      counters.count(NatCounter.REFUSED);
      return NatNetwork.isBroadcast(destination);
    }
    UdpFlow flow = flow(key, target);
    if (flow != null) {
      flow.lastUseNanos = clock.nanoTime();
      flow.send(frame, datagram + Udp.HEADER_BYTES, lengthBytes - Udp.HEADER_BYTES);
    }
    return true;
  }

  private UdpFlow flow(FlowKey key, InetSocketAddress target) {
    UdpFlow known = flows.get(key);
    if (known != null) {
      return known;
    }
    if (flows.size() == MOST_FLOWS) {
      counters.count(NatCounter.OUT_OF_FLOWS);
      close(flows.values().iterator());
    }
    return open(key, target);
  }

  private UdpFlow open(FlowKey key, InetSocketAddress target) {
    DatagramChannel channel = null;
    try {
      channel = DatagramChannel.open();
      channel.configureBlocking(false);
      channel.connect(target);
      UdpFlow flow = new UdpFlow(key, channel, selector, guests, counters, this::unreachable);
      flows.put(key, flow);
      counters.count(NatCounter.UDP_FLOWS);
      return flow;
    } catch (IOException e) {
      counters.count(NatCounter.HOST_FAILURES);
      HostChannels.close(channel);
      return null;
    }
  }

  private void unreachable(FlowKey key) {
    errors.tellOfFlow(Icmp.PORT_UNREACHABLE, key, Ipv4.UDP, clock.nanoTime());
  }

  private static void close(Iterator<UdpFlow> flow) {
    flow.next().close();
    flow.remove();
  }

  /** Closes flows that nobody used for a while. */
  void expire() {
    long oldest = clock.nanoTime() - IDLE_NANOS;
    flows
        .values()
        .removeIf(flow -> {
          boolean idle = flow.lastUseNanos - oldest < 0;
          if (idle) {
            flow.close();
          }
          return idle;
        });
  }

  boolean isEmpty() {
    return flows.isEmpty();
  }
}

package dev.ringzero.network.nat;

import dev.ringzero.network.frame.Udp;
import java.io.IOException;
import java.net.PortUnreachableException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.function.Consumer;

/** Datagrams between one port of a guest and one port outside. */
final class UdpFlow implements HostEvents {
  private static final int DATAGRAMS_A_TURN = 32;
  private static final int DATA = GuestSide.PAYLOAD + Udp.HEADER_BYTES;
  private static final int MOST_DATA_BYTES = GuestSide.MOST_LONG_PAYLOAD_BYTES - Udp.HEADER_BYTES;

  private final FlowKey key;
  private final DatagramChannel channel;
  private final GuestSide guests;
  private final NatCounters counters;
  private final Consumer<FlowKey> unreachable;
  private final ByteBuffer incoming;
  long lastUseNanos;

  UdpFlow(
      FlowKey key,
      DatagramChannel channel,
      Selector selector,
      GuestSide guests,
      NatCounters counters,
      Consumer<FlowKey> unreachable)
      throws IOException {
    this.key = key;
    this.channel = channel;
    this.guests = guests;
    this.counters = counters;
    this.unreachable = unreachable;
    incoming = ByteBuffer.wrap(guests.frame);
    channel.register(selector, SelectionKey.OP_READ, this);
  }

  FlowKey key() {
    return key;
  }

  void send(byte[] frame, int data, int lengthBytes) {
    try {
      channel.write(ByteBuffer.wrap(frame, data, lengthBytes));
    } catch (PortUnreachableException e) {
      unreachable.accept(key);
    } catch (IOException e) {
      counters.count(NatCounter.HOST_FAILURES);
    }
  }

  /** A datagram that is longer than the guest's network takes is dropped. */
  @Override
  public void ready(SelectionKey selected) {
    for (int i = 0; i < DATAGRAMS_A_TURN; i++) {
      incoming.clear().position(DATA);
      try {
        channel.read(incoming);
      } catch (PortUnreachableException e) {
        unreachable.accept(key);
        return;
      } catch (IOException e) {
        counters.count(NatCounter.HOST_FAILURES);
        return;
      }
      int length = incoming.position() - DATA;
      if (length == 0) {
        return;
      }
      if (length > MOST_DATA_BYTES) {
        counters.count(NatCounter.UNSUPPORTED);
        continue;
      }
      guests.sendDatagram(
          guests.neighbour(key.guestIp()),
          key.remoteIp(),
          key.remotePort(),
          key.guestIp(),
          key.guestPort(),
          length);
    }
  }

  void close() {
    try {
      channel.close();
    } catch (IOException e) {
      counters.count(NatCounter.HOST_FAILURES);
    }
  }
}

package dev.ringzero.network.nat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** Listens at one published port of the host's loopback. */
final class Publisher implements HostEvents {
  private static final int CONNECTIONS_A_TURN = 16;

  private final ServerSocketChannel listener;
  private final PublishedPort port;
  private final TcpFlows flows;
  private final NatCounters counters;

  Publisher(PublishedPort port, Selector selector, TcpFlows flows, NatCounters counters)
      throws IOException {
    this.port = port;
    this.flows = flows;
    this.counters = counters;
    listener = ServerSocketChannel.open();
    try {
      InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
      listener.bind(new InetSocketAddress(loopback, port.hostPort()));
      listener.configureBlocking(false);
      listener.register(selector, SelectionKey.OP_ACCEPT, this);
    } catch (IOException e) {
      HostChannels.close(listener);
      throw new IOException(
          "port " + port.hostPort() + " of 127.0.0.1 cannot be published: " + e.getMessage(), e);
    }
  }

  /** The port at the host, also where any free one was asked for. */
  int hostPort() {
    return listener.socket().getLocalPort();
  }

  @Override
  public void ready(SelectionKey key) {
    try {
      for (int i = 0; i < CONNECTIONS_A_TURN; i++) {
        SocketChannel channel = listener.accept();
        if (channel == null) {
          return;
        }
        flows.accepted(channel, NatNetwork.FIRST_GUEST, port.guestPort());
      }
    } catch (IOException e) {
      counters.count(NatCounter.HOST_FAILURES);
    }
  }
}

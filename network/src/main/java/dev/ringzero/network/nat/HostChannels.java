package dev.ringzero.network.nat;

import java.io.Closeable;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;

/** How sockets of the host are given up. */
final class HostChannels {
  private static final System.Logger LOG = System.getLogger(HostChannels.class.getName());

  private HostChannels() {}

  /** Closes what may be null. That it fails changes nothing for guests. */
  static void close(Closeable channel) {
    if (channel == null) {
      return;
    }
    try {
      channel.close();
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "a socket did not close", e);
    }
  }

  /** Closes a connection so that the other end learns that it was broken off. */
  static void abort(SocketChannel channel) {
    try {
      channel.setOption(StandardSocketOptions.SO_LINGER, 0);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "a socket does not reset", e);
    }
    close(channel);
  }
}

package dev.ringzero.network.nat;

import dev.ringzero.network.frame.Ipv4;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;

/**
 * Where guests may connect to. The host itself, by whichever of its addresses, link-local addresses
 * and the metadata services of clouds are out of reach unless the user allows the host.
 */
final class Reachability {
  private static final int DNS_PORT = 53;
  private static final int AZURE_METADATA = Ipv4.address(168, 63, 129, 16);
  private static final int ALIBABA_METADATA = Ipv4.address(100, 100, 100, 200);

  private final boolean allowHost;
  private final InetSocketAddress resolver;

  Reachability(NatSettings settings) {
    allowHost = settings.allowHost();
    resolver = settings.resolver();
  }

  /** Where a connection to an address that the guest sees goes, or null if nowhere. */
  InetSocketAddress target(int ip, int port) {
    if (port == 0) {
      return null;
    }
    if (ip == NatNetwork.NAME_SERVER) {
      return port == DNS_PORT ? resolver : null;
    }
    if (ip == NatNetwork.GATEWAY) {
      return allowHost ? new InetSocketAddress(InetAddress.getLoopbackAddress(), port) : null;
    }
    if (NatNetwork.contains(ip) || isNoHost(ip) || !allowHost && isHostOnly(ip)) {
      return null;
    }
    InetAddress address = address(ip);
    return allowHost || !isOwn(address) ? new InetSocketAddress(address, port) : null;
  }

  /** This network, groups and what is reserved: nobody that one could connect to. */
  private static boolean isNoHost(int ip) {
    int first = ip >>> 24;
    return first == 0 || first >= 224;
  }

  private static boolean isHostOnly(int ip) {
    return ip >>> 24 == 127
        || ip >>> 16 == 0xA9FE
        || ip == AZURE_METADATA
        || ip == ALIBABA_METADATA;
  }

  private static boolean isOwn(InetAddress address) {
    try {
      return NetworkInterface.getByInetAddress(address) != null;
    } catch (SocketException e) {
      return true;
    }
  }

  private static InetAddress address(int ip) {
    try {
      return InetAddress.getByAddress(Ipv4.bytes(ip));
    } catch (UnknownHostException e) {
      throw new UncheckedIOException(e);
    }
  }
}

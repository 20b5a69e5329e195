package dev.ringzero.network.nat;

import java.net.InetSocketAddress;
import java.util.List;

/**
 * What a NAT does beyond the ordinary.
 *
 * @param allowHost whether guests may reach the host itself; the gateway's address is then the
 *     host's loopback
 * @param published ports of the host that lead into the guest
 * @param resolver who answers names
 */
public record NatSettings(
    boolean allowHost, List<PublishedPort> published, InetSocketAddress resolver) {

  /** The ordinary: nothing published, the host out of reach, the host's own resolver. */
  public static NatSettings ordinary() {
    return new NatSettings(false, List.of(), HostResolver.find());
  }
}

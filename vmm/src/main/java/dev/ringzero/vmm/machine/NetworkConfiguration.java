package dev.ringzero.vmm.machine;

import dev.ringzero.network.nat.NatSettings;
import dev.ringzero.network.nat.PublishedPort;
import java.util.List;

/**
 * A machine's network: user-mode NAT.
 *
 * @param allowHost whether the guest may reach the host itself
 * @param published ports of the host's loopback that lead into the guest, as {@code HOST:GUEST}
 */
public record NetworkConfiguration(boolean allowHost, List<String> published) {

  /**
   * Checks the ports.
   *
   * @throws IllegalArgumentException with a message for the user
   */
  public NetworkConfiguration {
    published.forEach(PublishedPort::parse);
  }

  NatSettings natSettings() {
    return new NatSettings(
        allowHost,
        published.stream().map(PublishedPort::parse).toList(),
        NatSettings.ordinary().resolver());
  }
}

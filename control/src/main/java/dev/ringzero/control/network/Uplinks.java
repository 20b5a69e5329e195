package dev.ringzero.control.network;

import dev.ringzero.engine.Clock;
import dev.ringzero.engine.Entropy;
import dev.ringzero.engine.wire.Offloads;
import dev.ringzero.network.Cable;
import dev.ringzero.network.Port;
import dev.ringzero.network.nat.Nat;
import dev.ringzero.network.nat.NatSettings;
import dev.ringzero.network.nat.PublishedPort;
import dev.ringzero.network.switching.Switch;
import dev.ringzero.network.switching.SwitchPort;
import dev.ringzero.network.switching.VlanMode;
import dev.ringzero.network.tap.TapPort;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.List;

/** A switch's way to the world: at most one, at a port of its own. */
final class Uplinks implements AutoCloseable {
  static final String NAT = "nat";
  static final String TAP = "tap=";
  static final String NONE = "none";

  private final String name;
  private final Switch lan;
  private final Clock clock;
  private final Entropy entropy = new SecureRandom()::nextBytes;
  private String kind = NONE;
  private Port outside;
  private SwitchPort port;

  Uplinks(String name, Switch lan, Clock clock) {
    this.name = name;
    this.lan = lan;
    this.clock = clock;
  }

  /** What the uplink is: none, nat, or tap=NAME. */
  synchronized String kind() {
    return kind;
  }

  synchronized boolean isUplink(SwitchPort candidate) {
    return candidate == port;
  }

  /**
   * Replaces the uplink.
   *
   * @throws IOException with a message for the user; there is no uplink then
   */
  synchronized void set(String wanted, VlanMode mode, boolean allowHost, List<String> published)
      throws IOException {
    close();
    outside = open(wanted, allowHost, published);
    if (outside != null) {
      port = lan.open(wanted, mode);
      outside.accept(Offloads.ALL);
      Cable.join(outside, port);
      kind = wanted;
    }
  }

  private Port open(String wanted, boolean allowHost, List<String> published) throws IOException {
    return switch (wanted) {
      case NONE -> null;
      case NAT -> {
        NatSettings settings =
            new NatSettings(
                allowHost,
                published.stream().map(PublishedPort::parse).toList(),
                NatSettings.ordinary().resolver());
        yield new Nat("switch-" + name + "-nat", settings, clock, entropy);
      }
      case String tap when tap.startsWith(TAP) ->
          new TapPort(tap.substring(TAP.length()), "switch-" + name);
      default -> throw new IOException("an uplink is nat, tap=NAME or none, not " + wanted);
    };
  }

  @Override
  public synchronized void close() {
    if (outside != null) {
      port.close();
      outside.close();
    }
    outside = null;
    port = null;
    kind = NONE;
  }
}

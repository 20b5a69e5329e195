package dev.ringzero.control.network;

import dev.ringzero.engine.Clock;
import dev.ringzero.engine.Entropy;
import dev.ringzero.network.NetworkAttachment;
import dev.ringzero.network.Port;
import dev.ringzero.network.switching.Switch;
import dev.ringzero.network.switching.VlanMode;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * A learning switch of this process, for all cards in it that name it; there while one is plugged
 * in.
 *
 * @param name of the bridge
 */
public record BridgeAttachment(String name) implements NetworkAttachment {
  private static final int MTU = 1500;
  private static final long FLOODS_A_SECOND = 10_000;
  private static final VlanMode UNTAGGED = new VlanMode.Access(1);
  private static final Map<String, Bridge> BRIDGES = new HashMap<>();

  /** A switch, and how many ports of it are in use. */
  private static final class Bridge {
    private final HostTime clock = new HostTime();
    private final Switch lan = new Switch(clock, FLOODS_A_SECOND);
    private int ports;
  }

  @Override
  public Port open(Card card, Clock clock, Entropy entropy) {
    synchronized (BRIDGES) {
      Bridge bridge = BRIDGES.computeIfAbsent(name, unknown -> new Bridge());
      bridge.ports++;
      return new OwnedPort(
          bridge.lan.open(card.toString(), UNTAGGED, OptionalLong.of(card.mac())), this::unplugged);
    }
  }

  private void unplugged() {
    synchronized (BRIDGES) {
      Bridge bridge = BRIDGES.get(name);
      if (--bridge.ports == 0) {
        bridge.clock.close();
        BRIDGES.remove(name);
      }
    }
  }

  /** How many bridges there are. */
  static int count() {
    synchronized (BRIDGES) {
      return BRIDGES.size();
    }
  }

  @Override
  public int mtu() {
    return MTU;
  }

  @Override
  public String description() {
    return "bridge " + name;
  }
}

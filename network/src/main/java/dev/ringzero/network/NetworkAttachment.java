package dev.ringzero.network;

import dev.ringzero.engine.Clock;
import dev.ringzero.engine.Entropy;
import java.io.IOException;

/** A network to which a card can be plugged. */
public interface NetworkAttachment {
  /** A card that wants to be plugged in: its machine and name, its address, its longest packet. */
  record Card(String machine, String name, long mac, int mtu) {
    @Override
    public String toString() {
      return machine + ":" + name;
    }
  }

  /**
   * Plugs a card in.
   *
   * @throws IOException with a message for the user
   */
  Port open(Card card, Clock clock, Entropy entropy) throws IOException;

  /** The longest packet, where the user does not say. */
  int mtu();

  /** Whether frames come and go with VLAN tags. */
  default boolean isTagged() {
    return false;
  }

  /** Whether what is plugged in may be taken from its machine while that runs. */
  default boolean isMovable() {
    return false;
  }

  /** The network in a few words, such as "nat" or "switch lan0". */
  String description();
}

package dev.ringzero.network.nat;

import dev.ringzero.engine.Clock;
import dev.ringzero.engine.Entropy;
import dev.ringzero.network.NetworkAttachment;
import dev.ringzero.network.Port;
import java.io.IOException;

/** A NAT of a card's own. */
public record NatAttachment(NatSettings settings) implements NetworkAttachment {
  @Override
  public Port open(Card card, Clock clock, Entropy entropy) throws IOException {
    return new Nat(card.machine() + "-" + card.name(), settings, clock, entropy);
  }

  @Override
  public int mtu() {
    return Nat.MTU;
  }

  @Override
  public String description() {
    return "nat";
  }
}

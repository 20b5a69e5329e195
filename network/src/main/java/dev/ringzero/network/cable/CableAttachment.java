package dev.ringzero.network.cable;

import dev.ringzero.engine.Clock;
import dev.ringzero.engine.Entropy;
import dev.ringzero.network.NetworkAttachment;
import dev.ringzero.network.Port;
import java.io.IOException;

/**
 * One end of a cable of this process. A card whose cable has nothing at the other end sees no
 * carrier.
 *
 * @param name of the cable
 */
public record CableAttachment(String name) implements NetworkAttachment {
  private static final int MTU = 1500;
  private static final PatchPanel PANEL = new PatchPanel();

  @Override
  public Port open(Card card, Clock clock, Entropy entropy) throws IOException {
    return PANEL.plug(name, card.toString());
  }

  @Override
  public int mtu() {
    return MTU;
  }

  @Override
  public String description() {
    return "cable " + name;
  }
}

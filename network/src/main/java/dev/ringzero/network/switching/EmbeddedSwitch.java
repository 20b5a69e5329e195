package dev.ringzero.network.switching;

import dev.ringzero.engine.Clock;
import dev.ringzero.engine.Entropy;
import dev.ringzero.engine.wire.Offloads;
import dev.ringzero.network.Cable;
import dev.ringzero.network.NetworkAttachment;
import dev.ringzero.network.Port;
import java.io.IOException;
import java.util.OptionalLong;

/**
 * The switch inside a network card with virtual functions: they, the physical function and the
 * cable to the network are its ports. It keeps virtual functions to their own addresses.
 *
 * <p>Not modelled: VLANs.
 */
public final class EmbeddedSwitch implements NetworkAttachment, AutoCloseable {
  private static final long FLOODS_A_SECOND = 10_000;
  private static final VlanMode UNTAGGED = new VlanMode.Access(1);

  private final NetworkAttachment network;
  private final Switch lan;
  private final Port outside;
  private final SwitchPort cable;
  private final String physical;

  /**
   * Makes the switch and plugs it into the network.
   *
   * @param card in whose name it is plugged in
   * @param physicalName name of the card that is the physical function
   * @throws IOException with a message for the user
   */
  public EmbeddedSwitch(
      NetworkAttachment network, Card card, String physicalName, Clock clock, Entropy entropy)
      throws IOException {
    this.network = network;
    physical = physicalName;
    lan = new Switch(clock, FLOODS_A_SECOND);
    outside = network.open(card, clock, entropy);
    cable = lan.open("network", UNTAGGED);
    outside.accept(Offloads.ALL);
    Cable.join(outside, cable);
  }

  /** Opens the port of a function, which is the physical one by its card's name. */
  @Override
  public Port open(Card card, Clock clock, Entropy entropy) {
    SwitchPort port = lan.open(card.name(), UNTAGGED, OptionalLong.of(card.mac()));
    return card.name().equals(physical) ? port : port.keepToAddress();
  }

  @Override
  public int mtu() {
    return network.mtu();
  }

  @Override
  public boolean isTagged() {
    return network.isTagged();
  }

  @Override
  public String description() {
    return network.description();
  }

  @Override
  public void close() {
    cable.close();
    outside.close();
  }
}

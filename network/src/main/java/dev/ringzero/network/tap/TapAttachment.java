package dev.ringzero.network.tap;

import dev.ringzero.engine.Clock;
import dev.ringzero.engine.Entropy;
import dev.ringzero.network.NetworkAttachment;
import dev.ringzero.network.Port;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A TAP interface of the host.
 *
 * @param name of the interface, which exists
 */
public record TapAttachment(String name) implements NetworkAttachment {
  private static final int MTU = 1500;
  private static final Path INTERFACES = Path.of("/sys/class/net");

  @Override
  public Port open(Card card, Clock clock, Entropy entropy) throws IOException {
    return new TapPort(name, card.machine() + "-" + card.name());
  }

  /** That of the interface. */
  @Override
  public int mtu() {
    try {
      return Integer.parseInt(Files.readString(INTERFACES.resolve(name).resolve("mtu")).strip());
    } catch (IOException | NumberFormatException e) {
      return MTU;
    }
  }

  @Override
  public String description() {
    return "tap " + name;
  }
}

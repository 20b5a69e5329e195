package dev.ringzero.devices.igb;

import dev.ringzero.engine.wire.Packet;
import java.util.function.Consumer;

/** Does what senders left to the controller: segmentation and checksums. */
@FunctionalInterface
public interface PacketFinisher {
  /**
   * Makes finished packets of one that may be unfinished, and is shared maybe.
   *
   * @param packet the caller's reference goes with it
   * @param sink takes the references of what comes out, if anything does
   */
  void finish(Packet packet, Consumer<Packet> sink);
}

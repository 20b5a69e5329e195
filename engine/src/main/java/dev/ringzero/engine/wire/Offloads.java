package dev.ringzero.engine.wire;

/**
 * What a receiver finishes by itself.
 *
 * @param checksum packets whose checksum is only begun
 * @param tcp4 TCP over IPv4 in segments longer than the network takes
 * @param tcp6 the same over IPv6
 */
public record Offloads(boolean checksum, boolean tcp4, boolean tcp6) {
  public static final Offloads NONE = new Offloads(false, false, false);
  public static final Offloads ALL = new Offloads(true, true, true);

  /** Whether a packet may be handed over as it is. */
  public boolean take(Packet packet) {
    return switch (packet.segmentation()) {
      case Packet.SEGMENTATION_NONE -> checksum || !packet.needsChecksum();
      case Packet.SEGMENTATION_TCP4 -> tcp4;
      case Packet.SEGMENTATION_TCP6 -> tcp6;
      default -> false;
    };
  }
}

package dev.ringzero.network.nat;

/** What a NAT counts. */
public enum NatCounter {
  FRAMES_FROM_GUEST,
  FRAMES_TO_GUEST,
  /** Frames whose lengths, offsets or checksums cannot be. */
  MALFORMED,
  /** Frames of protocols that are not spoken here. */
  UNSUPPORTED,
  FRAGMENTS,
  /** Destinations that guests may not reach. */
  REFUSED,
  UDP_FLOWS,
  TCP_FLOWS,
  /** Connections and datagrams for which there was no room. */
  OUT_OF_FLOWS,
  RETRANSMISSIONS,
  HOST_FAILURES,
  /** Faults of our own; each ended one connection or packet. */
  FAULTS
}

package dev.ringzero.network.offload;

import dev.ringzero.engine.wire.Packet;
import dev.ringzero.network.frame.BigEndian;
import dev.ringzero.network.frame.InternetChecksum;

/**
 * Finishes checksums whose field holds the sum of the pseudo header.
 *
 * @spec Virtual I/O Device (VIRTIO) 1.2, "Packet Transmission"
 */
public final class Checksums {
  private static final int UDP_FIELD = 6;

  private Checksums() {}

  /** Finishes the checksum of a packet that is the caller's alone. */
  public static void finish(Packet packet) {
    finish(packet.bytes(), Packet.FRAME, packet);
    packet.bytes()[Packet.FLAGS] = 0;
  }

  /** Finishes the checksum in a copy of the packet's frame. */
  public static void finish(byte[] copy, int frame, Packet packet) {
    int start = frame + packet.checksumStart();
    int length = packet.length() - packet.checksumStart();
    int checksum = InternetChecksum.of(InternetChecksum.sum(0, copy, start, length));
    boolean zero = checksum == 0 && packet.checksumOffset() == UDP_FIELD;
    BigEndian.put16(copy, start + packet.checksumOffset(), zero ? 0xFFFF : checksum);
  }
}

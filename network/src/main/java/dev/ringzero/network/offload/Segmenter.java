package dev.ringzero.network.offload;

import dev.ringzero.engine.wire.Packet;
import dev.ringzero.network.frame.BigEndian;
import dev.ringzero.network.frame.InternetChecksum;
import dev.ringzero.network.frame.Ipv4;
import dev.ringzero.network.frame.Ipv6;
import dev.ringzero.network.frame.Tcp;
import java.util.function.Consumer;

/**
 * Cuts a long TCP segment into such as the network takes, as a network card does.
 *
 * @spec RFC 9293, "Segmentation"; Virtual I/O Device (VIRTIO) 1.2, "Packet Transmission"
 */
public final class Segmenter {
  private static final int CWR = 0x80;

  private Segmenter() {}

  /** Cuts a packet with a sound header, and releases it. The pieces are the sink's. */
  public static void cut(Packet packet, Consumer<Packet> sink) {
    int ip = PacketHeader.ipStart(packet);
    int tcp = packet.checksumStart();
    int headers = tcp + Tcp.headerBytes(packet.bytes(), Packet.FRAME + tcp);
    int data = packet.length() - headers;
    int most = packet.segmentBytes();
    int number = 0;
    for (int at = 0; at < data || number == 0; at += most) {
      int length = Math.min(most, data - at);
      sink.accept(piece(packet, ip, tcp, headers, at, length, number++, at + length >= data));
    }
    packet.release();
  }

  private static Packet piece(
      Packet whole, int ip, int tcp, int headers, int at, int length, int number, boolean last) {
    Packet piece = Packet.take(headers + length);
    byte[] bytes = piece.bytes();
    int frame = Packet.FRAME;
    System.arraycopy(whole.bytes(), frame, bytes, frame, headers);
    System.arraycopy(whole.bytes(), frame + headers + at, bytes, frame + headers, length);
    int segmentBytes = headers - tcp + length;
    int segment = frame + tcp;
    int sequence = BigEndian.get32(bytes, segment + Tcp.SEQUENCE);
    BigEndian.put32(bytes, segment + Tcp.SEQUENCE, sequence + at);
    int flags = BigEndian.get8(bytes, segment + Tcp.FLAGS);
    flags &= last ? 0xFF : ~(Tcp.FIN | Tcp.PSH);
    bytes[segment + Tcp.FLAGS] = (byte) (number == 0 ? flags : flags & ~CWR);
    long pseudo =
        whole.segmentation() == Packet.SEGMENTATION_TCP4
            ? ipv4(bytes, frame + ip, piece.length() - ip, number, segmentBytes)
            : ipv6(bytes, frame + ip, segmentBytes, piece.length() - ip);
    BigEndian.put16(bytes, segment + Tcp.CHECKSUM, 0);
    long sum = InternetChecksum.sum(pseudo, bytes, segment, segmentBytes);
    BigEndian.put16(bytes, segment + Tcp.CHECKSUM, InternetChecksum.of(sum));
    return piece;
  }

  private static long ipv4(byte[] bytes, int ip, int lengthBytes, int number, int segmentBytes) {
    int header = (BigEndian.get8(bytes, ip + Ipv4.VERSION_LENGTH) & 0xF) << 2;
    int identification = BigEndian.get16(bytes, ip + Ipv4.IDENTIFICATION);
    BigEndian.put16(bytes, ip + Ipv4.TOTAL_LENGTH, lengthBytes);
    BigEndian.put16(bytes, ip + Ipv4.IDENTIFICATION, identification + number);
    BigEndian.put16(bytes, ip + Ipv4.CHECKSUM, 0);
    int checksum = InternetChecksum.of(InternetChecksum.sum(0, bytes, ip, header));
    BigEndian.put16(bytes, ip + Ipv4.CHECKSUM, checksum);
    return InternetChecksum.pseudoHeader(
        BigEndian.get32(bytes, ip + Ipv4.SOURCE),
        BigEndian.get32(bytes, ip + Ipv4.DESTINATION),
        Ipv4.TCP,
        segmentBytes);
  }

  private static long ipv6(byte[] bytes, int ip, int segmentBytes, int lengthBytes) {
    BigEndian.put16(bytes, ip + Ipv6.PAYLOAD_LENGTH, lengthBytes - Ipv6.HEADER_BYTES);
    long start = Ipv4.TCP + segmentBytes;
    return InternetChecksum.sum(start, bytes, ip + Ipv6.SOURCE, 2 * Ipv6.ADDRESS_BYTES);
  }
}

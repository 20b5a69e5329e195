package dev.ringzero.devices.igb;

import dev.ringzero.engine.wire.Packet;

/**
 * Checks checksums of frames that arrive, and says what they are. Not thread-safe.
 *
 * @spec Intel 82576EB Gigabit Ethernet Controller Datasheet, "Advanced Receive Descriptors",
 *     "Receive Packet Checksum Off Loading"
 */
final class ReceiveOffload {
  private static final int CHECK_IP = 1 << 8; // RXCSUM: IPOFLD
  private static final int CHECK_TRANSPORT = 1 << 9; // RXCSUM: TUOFLD
  private static final int CHECK_SCTP = 1 << 11; // RXCSUM: CRCOFL

  private static final int UDP_CHECKED = 1 << 4; // status: UDPCS
  private static final int TRANSPORT_CHECKED = 1 << 5; // status: L4I
  private static final int IP_CHECKED = 1 << 6; // status: IPCS
  private static final int TRANSPORT_WRONG = 1 << 29; // error: L4E
  private static final int IP_WRONG = 1 << 30; // error: IPE

  private static final int IPV4 = 1 << 4; // packet type
  private static final int IPV6 = 1 << 6; // packet type
  private static final int TCP = 1 << 8; // packet type
  private static final int UDP = 1 << 9; // packet type
  private static final int SCTP = 1 << 10; // packet type

  private static final int UDP_FIELD = 6;
  private static final int SCTP_FIELD = 8;
  private static final int ALL_ONES = 0xFFFF;

  private final RegisterFile registers;

  /** What descriptors say of the last frame: its type and that of its hash. */
  int packetType;

  ReceiveOffload(RegisterFile registers) {
    this.registers = registers;
  }

  /** Status and errors for a frame. */
  int of(FrameHeaders frame, byte[] bytes, int hashType) {
    packetType =
        hashType | (frame.isIpv4 ? IPV4 : 0) | (frame.isIpv6 ? IPV6 : 0) | typeOf(frame.protocol);
    int wanted = registers.get(Register.RXCSUM);
    int status = 0;
    if (frame.isIpv4 && (wanted & CHECK_IP) != 0) {
      status |= IP_CHECKED | (isIpv4Right(frame, bytes) ? 0 : IP_WRONG);
    }
    if (frame.transport == 0) {
      return status;
    }
    if (frame.protocol == FrameHeaders.SCTP) {
      return (wanted & CHECK_SCTP) != 0 ? status | checkSctp(frame, bytes) : status;
    }
    return (wanted & CHECK_TRANSPORT) != 0 ? status | checkTransport(frame, bytes) : status;
  }

  private static int typeOf(int protocol) {
    return switch (protocol) {
      case FrameHeaders.TCP -> TCP;
      case FrameHeaders.UDP -> UDP;
      case FrameHeaders.SCTP -> SCTP;
      default -> 0;
    };
  }

  private static boolean isIpv4Right(FrameHeaders frame, byte[] bytes) {
    int from = Packet.FRAME + frame.network;
    int to = from + ((frame.get8(frame.network) & 0xF) << 2);
    return InternetSum.fold(InternetSum.sum(0, bytes, from, to)) == ALL_ONES;
  }

  private static int checkTransport(FrameHeaders frame, byte[] bytes) {
    boolean udp = frame.protocol == FrameHeaders.UDP;
    if (udp && frame.get16(frame.transport + UDP_FIELD) == 0) {
      return 0;
    }
    int length = frame.end - frame.transport;
    int from = Packet.FRAME + frame.transport;
    long pseudo =
        InternetSum.pseudo(
            bytes, Packet.FRAME + frame.network, frame.isIpv4, frame.protocol, length);
    long sum = InternetSum.sum(pseudo, bytes, from, from + length);
    boolean right = InternetSum.fold(sum) == ALL_ONES;
    return TRANSPORT_CHECKED | (udp ? UDP_CHECKED : 0) | (right ? 0 : TRANSPORT_WRONG);
  }

  private static int checkSctp(FrameHeaders frame, byte[] bytes) {
    int from = Packet.FRAME + frame.transport;
    int sum = InternetSum.sctp(bytes, from, Packet.FRAME + frame.end);
    boolean right = InternetSum.get32(bytes, from + SCTP_FIELD) == sum;
    return TRANSPORT_CHECKED | (right ? 0 : TRANSPORT_WRONG);
  }
}

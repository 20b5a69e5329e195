package dev.ringzero.network.nat;

import dev.ringzero.network.frame.BigEndian;
import dev.ringzero.network.frame.Tcp;
import java.io.ByteArrayOutputStream;

/** A guest's end of one TCP connection, one segment at a time. */
final class GuestConnection {
  private final TestGuest guest;
  private final int port;
  private final int remoteIp;
  private final int remotePort;
  private final ByteArrayOutputStream received = new ByteArrayOutputStream();
  private int next = 0xFFFF_FFF0;
  private int expected;
  boolean ended;
  boolean reset;

  GuestConnection(TestGuest guest, int port, int remoteIp, int remotePort) {
    this.guest = guest;
    this.port = port;
    this.remoteIp = remoteIp;
    this.remotePort = remotePort;
  }

  /** Answers a SYN that came from outside. */
  static GuestConnection answer(TestGuest guest) {
    byte[] syn = guest.next();
    int at = TestGuest.L4;
    GuestConnection connection =
        new GuestConnection(
            guest,
            BigEndian.get16(syn, at + Tcp.DESTINATION_PORT),
            NatNetwork.GATEWAY,
            BigEndian.get16(syn, at + Tcp.SOURCE_PORT));
    connection.expected = BigEndian.get32(syn, at + Tcp.SEQUENCE) + 1;
    connection.transmit(Tcp.SYN | Tcp.ACK, new byte[0]);
    connection.next++;
    return connection;
  }

  void open() {
    transmit(Tcp.SYN, new byte[0]);
    next++;
    byte[] answer = guest.next();
    int flags = flags(answer);
    reset = (flags & Tcp.RST) != 0;
    if (!reset) {
      expected = BigEndian.get32(answer, TestGuest.L4 + Tcp.SEQUENCE) + 1;
      transmit(Tcp.ACK, new byte[0]);
    }
  }

  void send(byte[] data) {
    transmit(Tcp.ACK | Tcp.PSH, data);
    next += data.length;
  }

  void end() {
    transmit(Tcp.ACK | Tcp.FIN, new byte[0]);
    next++;
  }

  void reset() {
    transmit(Tcp.RST | Tcp.ACK, new byte[0]);
  }

  /** Takes one frame, and acknowledges what came in order unless it is to be lost. */
  int step(boolean lose) {
    byte[] frame = guest.next();
    int at = TestGuest.L4;
    int flags = flags(frame);
    reset |= (flags & Tcp.RST) != 0;
    int header = Tcp.headerBytes(frame, at);
    int length = BigEndian.get16(frame, 16) - 20 - header;
    if (lose || BigEndian.get32(frame, at + Tcp.SEQUENCE) != expected) {
      return flags;
    }
    received.write(frame, at + header, length);
    boolean end = (flags & Tcp.FIN) != 0;
    ended |= end;
    expected += length + (end ? 1 : 0);
    if (length > 0 || end) {
      transmit(Tcp.ACK, new byte[0]);
    }
    return flags;
  }

  byte[] readUntilEnd() {
    while (!ended && !reset) {
      step(false);
    }
    return received.toByteArray();
  }

  byte[] readAtLeast(int bytes) {
    while (received.size() < bytes && !reset) {
      step(false);
    }
    return received.toByteArray();
  }

  private void transmit(int flags, byte[] data) {
    guest.send(TestGuest.segment(port, remoteIp, remotePort, next, expected, flags, data));
  }

  private static int flags(byte[] frame) {
    return BigEndian.get8(frame, TestGuest.L4 + Tcp.FLAGS);
  }
}

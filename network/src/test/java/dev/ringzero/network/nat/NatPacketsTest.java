package dev.ringzero.network.nat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.engine.wire.Packet;
import dev.ringzero.network.frame.BigEndian;
import dev.ringzero.network.frame.Ethernet;
import dev.ringzero.network.frame.Icmp;
import dev.ringzero.network.frame.InternetChecksum;
import dev.ringzero.network.frame.Ipv4;
import dev.ringzero.network.frame.Udp;
import dev.ringzero.testkit.FakeClock;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Fragments, pings and error messages. */
@Timeout(60)
final class NatPacketsTest {
  private static final int IP = Ethernet.HEADER_BYTES;
  private static final int FORBIDDEN = Ipv4.address(127, 0, 0, 1);

  private final Random random = new Random(9);
  private final FakeClock clock = new FakeClock();
  private Nat nat;
  private TestGuest guest;

  @BeforeEach
  void start() throws IOException {
    InetSocketAddress resolver = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
    nat = new Nat("nat-test", new NatSettings(true, List.of(), resolver), clock, random::nextBytes);
    guest = new TestGuest(nat);
  }

  @AfterEach
  void stop() {
    nat.close();
  }

  private byte[] ping(int bytes) {
    byte[] ping = new byte[bytes];
    random.nextBytes(ping);
    BigEndian.put32(ping, 0, Icmp.ECHO_REQUEST << 24);
    BigEndian.put16(ping, 2, InternetChecksum.of(InternetChecksum.sum(0, ping, 0, bytes)));
    return ping;
  }

  private static byte[] fragment(
      int protocol, int to, byte[] payload, int from, int length, int id) {
    byte[] part = Arrays.copyOfRange(payload, from, from + length);
    byte[] frame = TestGuest.packet(protocol, TestGuest.IP, to, part);
    boolean more = from + length < payload.length;
    BigEndian.put16(frame, IP + Ipv4.IDENTIFICATION, id);
    BigEndian.put16(frame, IP + Ipv4.FRAGMENT, from / 8 | (more ? Ipv4.MORE_FRAGMENTS : 0));
    BigEndian.put16(frame, IP + Ipv4.CHECKSUM, 0);
    int sum = InternetChecksum.of(InternetChecksum.sum(0, frame, IP, Ipv4.HEADER_BYTES));
    BigEndian.put16(frame, IP + Ipv4.CHECKSUM, sum);
    return frame;
  }

  private static List<byte[]> fragments(int protocol, int to, byte[] payload, int id) {
    List<byte[]> frames = new ArrayList<>();
    for (int at = 0; at < payload.length; at += 1480) {
      int length = Math.min(1480, payload.length - at);
      frames.add(fragment(protocol, to, payload, at, length, id));
    }
    return frames;
  }

  /** The payload of the next packet, put together. */
  private byte[] payload() {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    boolean more;
    do {
      byte[] frame = guest.next();
      int field = BigEndian.get16(frame, IP + Ipv4.FRAGMENT);
      more = (field & Ipv4.MORE_FRAGMENTS) != 0;
      assertThat((field & Ipv4.FRAGMENT_OFFSET) * 8).isEqualTo(whole.size());
      assertThat(frame.length).isLessThanOrEqualTo(1514);
      int length = BigEndian.get16(frame, IP + Ipv4.TOTAL_LENGTH) - Ipv4.HEADER_BYTES;
      whole.write(frame, TestGuest.L4, length);
    } while (more);
    return whole.toByteArray();
  }

  @Test
  void pingsOfAllSizesComeBackInAnyOrderOfTheirFragments() {
    int id = 0;
    for (int bytes : new int[] {8, 9, 1480, 1481, 1488, 2961, 30_000, 65_515}) {
      byte[] ping = ping(bytes);
      List<byte[]> frames = fragments(Ipv4.ICMP, NatNetwork.GATEWAY, ping, id++);
      if (frames.size() == 1) {
        frames = List.of(TestGuest.packet(Ipv4.ICMP, TestGuest.IP, NatNetwork.GATEWAY, ping));
      } else {
        Collections.shuffle(frames, random);
      }
      frames.forEach(guest::send);
      byte[] reply = payload();
      assertThat(Arrays.copyOfRange(reply, 4, bytes)).isEqualTo(Arrays.copyOfRange(ping, 4, bytes));
      assertThat(InternetChecksum.of(InternetChecksum.sum(0, reply, 0, bytes))).isZero();
    }
  }

  @Test
  void fragmentsThatOverlapEndTheirPacket() {
    byte[] ping = ping(3000);
    guest.send(fragment(Ipv4.ICMP, NatNetwork.GATEWAY, ping, 0, 1480, 5));
    guest.send(fragment(Ipv4.ICMP, NatNetwork.GATEWAY, ping, 1472, 1480, 5));
    guest.send(fragment(Ipv4.ICMP, NatNetwork.GATEWAY, ping, 2960, 40, 5));
    guest.send(TestGuest.packet(Ipv4.ICMP, TestGuest.IP, NatNetwork.GATEWAY, ping(64)));
    assertThat(payload()).hasSize(64);
    assertThat(nat.counters().get(NatCounter.MALFORMED)).isPositive();
  }

  @Test
  void fragmentsWithoutEndAreBoundedAndForgotten() throws InterruptedException {
    byte[] ping = ping(3000);
    for (int id = 0; id < 2_000; id++) {
      guest.send(fragment(Ipv4.ICMP, NatNetwork.GATEWAY, ping, 0, 1480, id));
    }
    guest.awaitArp(NatNetwork.NAME_SERVER);
    guest.forget();
    List<byte[]> frames = fragments(Ipv4.ICMP, NatNetwork.GATEWAY, ping, 20_000);
    frames.forEach(guest::send);
    assertThat(payload()).hasSize(3000);
  }

  @Test
  void datagramsLongerThanTheNetworkGoBothWays() throws IOException {
    try (DatagramSocket server = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      server.setSoTimeout(10_000);
      byte[] data = new byte[20_000];
      random.nextBytes(data);
      byte[] datagram = new byte[Udp.HEADER_BYTES + data.length];
      BigEndian.put16(datagram, Udp.SOURCE_PORT, 7000);
      BigEndian.put16(datagram, Udp.DESTINATION_PORT, server.getLocalPort());
      BigEndian.put16(datagram, Udp.LENGTH, datagram.length);
      System.arraycopy(data, 0, datagram, Udp.HEADER_BYTES, data.length);
      fragments(Ipv4.UDP, NatNetwork.GATEWAY, datagram, 1).forEach(guest::send);
      DatagramPacket received = new DatagramPacket(new byte[30_000], 30_000);
      server.receive(received);
      assertThat(Arrays.copyOf(received.getData(), received.getLength())).isEqualTo(data);
      server.send(new DatagramPacket(data, data.length, received.getSocketAddress()));
      byte[] answer = payload();
      assertThat(Arrays.copyOfRange(answer, Udp.HEADER_BYTES, answer.length)).isEqualTo(data);
    }
  }

  private void assertError(int type, int code, byte[] about) {
    byte[] error = payload();
    assertThat(error[0]).isEqualTo((byte) type);
    assertThat(error[1]).isEqualTo((byte) code);
    assertThat(InternetChecksum.of(InternetChecksum.sum(0, error, 0, error.length))).isZero();
    int source = 8 + Ipv4.SOURCE;
    assertThat(Arrays.copyOfRange(error, source, source + 12))
        .isEqualTo(Arrays.copyOfRange(about, IP + Ipv4.SOURCE, IP + Ipv4.SOURCE + 12));
  }

  @Test
  void aPortWhereNobodyListensIsToldAsUnreachable() throws IOException {
    int port;
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    byte[] frame = TestGuest.datagram(TestGuest.IP, 4000, NatNetwork.GATEWAY, port, new byte[] {1});
    guest.send(frame);
    assertError(Icmp.UNREACHABLE, Icmp.PORT_UNREACHABLE, frame);
  }

  @Test
  void aPlaceThatIsForbiddenIsToldAsProhibited() {
    int multicast = Ipv4.address(0, 1, 2, 3);
    byte[] frame = TestGuest.datagram(TestGuest.IP, 4000, multicast, 5000, new byte[] {1});
    guest.send(frame);
    assertError(Icmp.UNREACHABLE, Icmp.PROHIBITED, frame);
  }

  @Test
  void aPacketAtTheEndOfItsLifeIsToldSo() {
    byte[] frame = TestGuest.datagram(TestGuest.IP, 4000, FORBIDDEN, 33434, new byte[] {1});
    BigEndian.put16(frame, IP + Ipv4.TIME_TO_LIVE, 1 << 8 | Ipv4.UDP);
    BigEndian.put16(frame, IP + Ipv4.CHECKSUM, 0);
    int sum = InternetChecksum.of(InternetChecksum.sum(0, frame, IP, Ipv4.HEADER_BYTES));
    BigEndian.put16(frame, IP + Ipv4.CHECKSUM, sum);
    guest.send(frame);
    assertError(Icmp.TIME_EXCEEDED, 0, frame);
  }

  @Test
  void errorsAreSoManyASecond() {
    byte[] frame = TestGuest.datagram(TestGuest.IP, 4000, 1, 5000, new byte[] {1});
    for (int i = 0; i < 500; i++) {
      guest.send(frame);
    }
    guest.send(TestGuest.packet(Ipv4.ICMP, TestGuest.IP, NatNetwork.GATEWAY, ping(64)));
    int errors = 0;
    while (payload()[0] == Icmp.UNREACHABLE) {
      errors++;
    }
    assertThat(errors).isEqualTo(100);
  }

  @Test
  void damagedFragmentsAndMessagesHarmNobody() throws InterruptedException {
    byte[] big = ping(4000);
    for (int i = 0; i < 9_000; i++) {
      byte[] frame =
          switch (i % 3) {
            case 0 ->
                fragment(Ipv4.ICMP, NatNetwork.GATEWAY, big, 8 * random.nextInt(300), 800, i / 9);
            case 1 -> TestGuest.packet(Ipv4.ICMP, TestGuest.IP, FORBIDDEN, ping(40));
            default -> fragment(Ipv4.UDP, NatNetwork.GATEWAY, big, 0, 1480, i / 9);
          };
      for (int flips = random.nextInt(3); flips > 0; flips--) {
        frame[random.nextInt(40)] = (byte) random.nextInt();
      }
      if (random.nextBoolean()) {
        BigEndian.put16(frame, IP + Ipv4.CHECKSUM, 0);
        int sum = InternetChecksum.of(InternetChecksum.sum(0, frame, IP, Ipv4.HEADER_BYTES));
        BigEndian.put16(frame, IP + Ipv4.CHECKSUM, sum);
      }
      nat.send(Packet.of(frame, 0, frame.length - random.nextInt(3)));
    }
    guest.awaitArp(NatNetwork.NAME_SERVER);
    assertThat(nat.counters().get(NatCounter.FAULTS)).isZero();
  }
}

package dev.ringzero.network.nat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.engine.wire.Packet;
import dev.ringzero.network.frame.Arp;
import dev.ringzero.network.frame.BigEndian;
import dev.ringzero.network.frame.Ethernet;
import dev.ringzero.network.frame.InternetChecksum;
import dev.ringzero.network.frame.Ipv4;
import dev.ringzero.network.frame.Tcp;
import dev.ringzero.testkit.FakeClock;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class NatTest {
  private static final int METADATA = Ipv4.address(169, 254, 169, 254);
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  private final FakeClock clock = new FakeClock();
  private final Random random = new Random(7);
  private Nat nat;
  private TestGuest guest;

  private void start(boolean allowHost, List<PublishedPort> published, int resolverPort)
      throws IOException {
    InetSocketAddress resolver = new InetSocketAddress(LOOPBACK, resolverPort);
    NatSettings settings = new NatSettings(allowHost, published, resolver);
    nat = new Nat("nat-test", settings, clock, random::nextBytes);
    guest = new TestGuest(nat);
  }

  private void start(boolean allowHost) throws IOException {
    start(allowHost, List.of(), 1);
  }

  @AfterEach
  void stop() {
    if (nat != null) {
      nat.close();
    }
  }

  @Test
  void gatewayAnswersArp() throws IOException {
    start(false);
    guest.send(TestGuest.arpRequest(NatNetwork.GATEWAY));
    byte[] reply = guest.next();
    assertThat(BigEndian.get16(reply, 14 + Arp.OPERATION)).isEqualTo(Arp.REPLY);
    assertThat(BigEndian.get48(reply, 14 + Arp.SENDER_MAC)).isEqualTo(NatNetwork.GATEWAY_MAC);
    assertThat(BigEndian.get48(reply, Ethernet.DESTINATION)).isEqualTo(TestGuest.MAC);
  }

  @Test
  void nobodyAnswersArpForTheGuestsOwnAddress() throws IOException {
    start(false);
    guest.send(TestGuest.arpRequest(TestGuest.IP));
    guest.send(TestGuest.arpRequest(NatNetwork.NAME_SERVER));
    assertThat(BigEndian.get32(guest.next(), 14 + Arp.SENDER_IP)).isEqualTo(NatNetwork.NAME_SERVER);
  }

  @Test
  void pingOfTheGatewayComesBackWithItsData() throws IOException {
    start(false);
    byte[] ping = new byte[108];
    random.nextBytes(ping);
    BigEndian.put32(ping, 0, 0x0800_0000);
    BigEndian.put16(ping, 2, InternetChecksum.of(InternetChecksum.sum(0, ping, 0, ping.length)));
    guest.send(TestGuest.packet(Ipv4.ICMP, TestGuest.IP, NatNetwork.GATEWAY, ping));
    byte[] reply = guest.next();
    assertThat(reply[TestGuest.L4]).isZero();
    assertThat(InternetChecksum.of(InternetChecksum.sum(0, reply, TestGuest.L4, ping.length)))
        .isZero();
    assertThat(reply).endsWith(java.util.Arrays.copyOfRange(ping, 4, ping.length));
  }

  @Test
  void dhcpOffersAndAcknowledgesTheFirstAddress() throws IOException {
    start(false);
    guest.send(dhcp(Dhcp.DISCOVER, 0));
    assertDhcp(guest.next(), Dhcp.OFFER, TestGuest.IP);
    guest.send(dhcp(Dhcp.REQUEST, TestGuest.IP));
    assertDhcp(guest.next(), Dhcp.ACK, TestGuest.IP);
    guest.send(dhcp(Dhcp.REQUEST, TestGuest.IP + 9));
    assertDhcp(guest.next(), Dhcp.NAK, 0);
  }

  private static byte[] dhcp(int type, int requested) {
    byte[] message = new byte[Dhcp.OPTIONS + 10];
    BigEndian.put32(message, 0, 0x0101_0600);
    BigEndian.put32(message, Dhcp.TRANSACTION, 0x1234_5678);
    BigEndian.put48(message, Dhcp.CLIENT_MAC, TestGuest.MAC);
    BigEndian.put32(message, Dhcp.COOKIE, Dhcp.MAGIC_COOKIE);
    message[Dhcp.OPTIONS] = Dhcp.MESSAGE_TYPE;
    message[Dhcp.OPTIONS + 1] = 1;
    message[Dhcp.OPTIONS + 2] = (byte) type;
    message[Dhcp.OPTIONS + 3] = (byte) (requested != 0 ? Dhcp.REQUESTED_IP : Dhcp.END);
    message[Dhcp.OPTIONS + 4] = 4;
    BigEndian.put32(message, Dhcp.OPTIONS + 5, requested);
    message[Dhcp.OPTIONS + 9] = (byte) Dhcp.END;
    return TestGuest.datagram(0, Dhcp.CLIENT_PORT, Ipv4.BROADCAST, Dhcp.SERVER_PORT, message);
  }

  private static void assertDhcp(byte[] reply, int type, int ip) {
    int message = TestGuest.L4 + 8;
    assertThat(BigEndian.get32(reply, message + Dhcp.TRANSACTION)).isEqualTo(0x1234_5678);
    assertThat(BigEndian.get8(reply, message + Dhcp.OPTIONS + 2)).isEqualTo(type);
    assertThat(BigEndian.get32(reply, message + Dhcp.YOUR_IP)).isEqualTo(ip);
  }

  @Test
  void namesAreAskedOfTheResolver() throws IOException {
    try (DatagramSocket resolver = new DatagramSocket(0, LOOPBACK)) {
      start(false, List.of(), resolver.getLocalPort());
      byte[] question = "who".getBytes(StandardCharsets.US_ASCII);
      guest.send(TestGuest.datagram(TestGuest.IP, 4000, NatNetwork.NAME_SERVER, 53, question));
      DatagramPacket asked = new DatagramPacket(new byte[100], 100);
      resolver.receive(asked);
      assertThat(asked.getLength()).isEqualTo(3);
      byte[] answer = "me".getBytes(StandardCharsets.US_ASCII);
      resolver.send(new DatagramPacket(answer, 2, asked.getSocketAddress()));
      byte[] frame = guest.next();
      assertThat(BigEndian.get32(frame, 14 + Ipv4.SOURCE)).isEqualTo(NatNetwork.NAME_SERVER);
      assertThat(BigEndian.get16(frame, TestGuest.L4 + 2)).isEqualTo(4000);
      assertThat(frame).endsWith(answer);
    }
  }

  @Test
  void theHostIsOutOfReachUnlessAllowed() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 1, LOOPBACK)) {
      start(false);
      int port = server.getLocalPort();
      int[] forbidden = {
        NatNetwork.GATEWAY, Ipv4.address(127, 0, 0, 1), METADATA, 0, Ipv4.address(127, 9, 9, 9)
      };
      for (int ip : forbidden) {
        GuestConnection connection = new GuestConnection(guest, 5000, ip, port);
        connection.open();
        assertThat(connection.reset).isTrue();
      }
      assertThat(nat.counters().get(NatCounter.REFUSED)).isEqualTo(forbidden.length);
    }
  }

  @Test
  void tcpCarriesDataBothWaysAndEnds() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 1, LOOPBACK)) {
      start(true);
      GuestConnection connection =
          new GuestConnection(guest, 5000, NatNetwork.GATEWAY, server.getLocalPort());
      connection.open();
      byte[] hello = "hello".getBytes(StandardCharsets.US_ASCII);
      byte[] much = new byte[200_000];
      random.nextBytes(much);
      try (Socket socket = server.accept()) {
        connection.send(hello);
        connection.end();
        assertThat(socket.getInputStream().readAllBytes()).isEqualTo(hello);
        Thread writer = Thread.ofVirtual().start(() -> write(socket, much));
        assertThat(connection.readUntilEnd()).isEqualTo(much);
        writer.interrupt();
      }
    }
  }

  private static void write(Socket socket, byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
      socket.shutdownOutput();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void whatTheGuestLostIsSentAgain() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 1, LOOPBACK)) {
      start(true);
      GuestConnection connection =
          new GuestConnection(guest, 5000, NatNetwork.GATEWAY, server.getLocalPort());
      connection.open();
      byte[] hello = "hello".getBytes(StandardCharsets.US_ASCII);
      try (Socket socket = server.accept()) {
        socket.getOutputStream().write(hello);
        connection.step(true);
        clock.advance(1_000_000_000);
        assertThat(connection.readAtLeast(hello.length)).isEqualTo(hello);
        assertThat(nat.counters().get(NatCounter.RETRANSMISSIONS)).isPositive();
      }
    }
  }

  @Test
  void refusedConnectionIsResetAtTheGuest() throws IOException {
    int port;
    try (ServerSocket server = new ServerSocket(0, 1, LOOPBACK)) {
      port = server.getLocalPort();
    }
    start(true);
    GuestConnection connection = new GuestConnection(guest, 5000, NatNetwork.GATEWAY, port);
    connection.open();
    assertThat(connection.reset).isTrue();
  }

  @Test
  void resetOfTheGuestReachesTheHost() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 1, LOOPBACK)) {
      start(true);
      GuestConnection connection =
          new GuestConnection(guest, 5000, NatNetwork.GATEWAY, server.getLocalPort());
      connection.open();
      try (Socket socket = server.accept()) {
        connection.reset();
        assertThatThrownBy(() -> socket.getInputStream().readAllBytes())
            .isInstanceOf(IOException.class);
      }
    }
  }

  @Test
  void publishedPortLeadsIntoTheGuest() throws IOException {
    start(false, List.of(new PublishedPort(0, 80)), 1);
    guest.send(TestGuest.arpRequest(NatNetwork.GATEWAY));
    guest.next();
    try (Socket socket = new Socket(LOOPBACK, nat.hostPorts().getFirst())) {
      GuestConnection connection = GuestConnection.answer(guest);
      byte[] hello = "hello".getBytes(StandardCharsets.US_ASCII);
      connection.send(hello);
      socket.getOutputStream().write(hello);
      socket.shutdownOutput();
      assertThat(socket.getInputStream().readNBytes(5)).isEqualTo(hello);
      assertThat(connection.readUntilEnd()).isEqualTo(hello);
    }
  }

  @Test
  void takenPortIsToldToTheUser() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      int port = taken.getLocalPort();
      assertThatThrownBy(() -> start(false, List.of(new PublishedPort(port, 80)), 1))
          .hasMessageContaining("port " + port);
    }
  }

  @Test
  void damagedAndRandomFramesAreDroppedAndCounted() throws Exception {
    start(false);
    byte[][] seeds = {
      dhcp(Dhcp.REQUEST, TestGuest.IP),
      TestGuest.arpRequest(NatNetwork.GATEWAY),
      TestGuest.datagram(TestGuest.IP, 1, NatNetwork.NAME_SERVER, 53, new byte[20]),
      TestGuest.segment(1, NatNetwork.GATEWAY, 80, 1, 1, Tcp.SYN, new byte[30])
    };
    for (int i = 0; i < 20_000; i++) {
      byte[] frame = seeds[i % seeds.length].clone();
      for (int flips = random.nextInt(4); flips >= 0; flips--) {
        frame[random.nextInt(frame.length)] = (byte) random.nextInt();
      }
      nat.send(Packet.of(frame, 0, 1 + random.nextInt(frame.length)));
    }
    guest.awaitArp(NatNetwork.NAME_SERVER);
    assertThat(nat.counters().get(NatCounter.FAULTS)).isZero();
    assertThat(nat.counters().get(NatCounter.MALFORMED)).isPositive();
  }
}

package dev.ringzero.network.offload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.engine.wire.Offloads;
import dev.ringzero.engine.wire.Packet;
import dev.ringzero.network.frame.BigEndian;
import dev.ringzero.network.frame.Ethernet;
import dev.ringzero.network.frame.InternetChecksum;
import dev.ringzero.network.frame.Ipv4;
import dev.ringzero.network.frame.Ipv6;
import dev.ringzero.network.frame.Tcp;
import dev.ringzero.network.switching.Switch;
import dev.ringzero.network.switching.SwitchPort;
import dev.ringzero.network.switching.VlanMode;
import dev.ringzero.testkit.FakeClock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class SegmenterTest {
  private static final int IP = 14;
  private static final int FRAME = Packet.FRAME;

  private static Packet ipv4(int dataBytes, int mss) {
    int tcp = IP + Ipv4.HEADER_BYTES;
    Packet packet = Packet.take(tcp + Tcp.HEADER_BYTES + dataBytes);
    byte[] bytes = packet.bytes();
    new Random(7).nextBytes(bytes);
    BigEndian.put48(bytes, FRAME + Ethernet.DESTINATION, Ethernet.BROADCAST);
    BigEndian.put48(bytes, FRAME + Ethernet.SOURCE, 2);
    BigEndian.put16(bytes, FRAME + Ethernet.TYPE, Ethernet.IPV4);
    BigEndian.put16(bytes, FRAME + IP, 0x4500);
    BigEndian.put16(bytes, FRAME + IP + Ipv4.TOTAL_LENGTH, packet.length() - IP);
    BigEndian.put16(bytes, FRAME + IP + Ipv4.IDENTIFICATION, 0xFFFF);
    bytes[FRAME + IP + Ipv4.PROTOCOL] = Ipv4.TCP;
    finish(packet, tcp, Packet.SEGMENTATION_TCP4, mss);
    return packet;
  }

  private static Packet ipv6(int dataBytes, int mss) {
    int tcp = IP + Ipv6.HEADER_BYTES;
    Packet packet = Packet.take(tcp + Tcp.HEADER_BYTES + dataBytes);
    byte[] bytes = packet.bytes();
    new Random(8).nextBytes(bytes);
    BigEndian.put16(bytes, FRAME + Ethernet.TYPE, Ethernet.IPV6);
    bytes[FRAME + IP + Ipv6.NEXT_HEADER] = Ipv4.TCP;
    finish(packet, tcp, Packet.SEGMENTATION_TCP6, mss);
    return packet;
  }

  private static void finish(Packet packet, int tcp, int kind, int mss) {
    byte[] bytes = packet.bytes();
    Arrays.fill(bytes, 0, FRAME, (byte) 0);
    BigEndian.put32(bytes, FRAME + tcp + Tcp.SEQUENCE, 0xFFFF_F000);
    int flags = Tcp.ACK | Tcp.PSH | Tcp.FIN;
    BigEndian.put16(bytes, FRAME + tcp + Tcp.DATA_OFFSET, 5 << 12 | flags);
    packet.beginChecksum(tcp, Tcp.CHECKSUM);
    packet.beginSegmentation(kind, tcp + Tcp.HEADER_BYTES, mss);
  }

  private static List<Packet> cut(Packet packet) {
    assertThat(PacketHeader.isSound(packet)).isTrue();
    List<Packet> pieces = new ArrayList<>();
    Segmenter.cut(packet, pieces::add);
    return pieces;
  }

  @Test
  void piecesOfIpv4AreWholePacketsWithTheirSequenceFlagsAndChecksums() {
    List<Packet> pieces = cut(ipv4(3000, 1460));
    assertThat(pieces).extracting(Packet::length).containsExactly(1514, 1514, 134);
    int tcp = FRAME + IP + Ipv4.HEADER_BYTES;
    for (int i = 0; i < 3; i++) {
      byte[] bytes = pieces.get(i).bytes();
      int total = pieces.get(i).length() - IP;
      assertThat(BigEndian.get16(bytes, FRAME + IP + Ipv4.TOTAL_LENGTH)).isEqualTo(total);
      assertThat(BigEndian.get16(bytes, FRAME + IP + Ipv4.IDENTIFICATION))
          .isEqualTo(0xFFFF + i & 0xFFFF);
      assertThat(InternetChecksum.of(InternetChecksum.sum(0, bytes, FRAME + IP, 20))).isZero();
      assertThat(BigEndian.get32(bytes, tcp + Tcp.SEQUENCE)).isEqualTo(0xFFFF_F000 + 1460 * i);
      int last = i == 2 ? Tcp.FIN | Tcp.PSH : 0;
      assertThat(BigEndian.get8(bytes, tcp + Tcp.FLAGS)).isEqualTo(Tcp.ACK | last);
      long pseudo =
          InternetChecksum.pseudoHeader(
              BigEndian.get32(bytes, FRAME + IP + Ipv4.SOURCE),
              BigEndian.get32(bytes, FRAME + IP + Ipv4.DESTINATION),
              Ipv4.TCP,
              total - 20);
      assertThat(InternetChecksum.of(InternetChecksum.sum(pseudo, bytes, tcp, total - 20)))
          .isZero();
      assertThat(pieces.get(i).needsChecksum()).isFalse();
    }
  }

  @Test
  void piecesOfIpv6HaveTheirLengthAndChecksum() {
    List<Packet> pieces = cut(ipv6(2000, 1440));
    assertThat(pieces).extracting(Packet::length).containsExactly(1514, 634);
    byte[] bytes = pieces.get(1).bytes();
    assertThat(BigEndian.get16(bytes, FRAME + IP + Ipv6.PAYLOAD_LENGTH)).isEqualTo(580);
    long sum = InternetChecksum.sum(6 + 580, bytes, FRAME + IP + Ipv6.SOURCE, 32 + 580);
    assertThat(InternetChecksum.of(sum)).isZero();
  }

  @Test
  void headersThatDoNotFitTheirFrameAreNotSound() {
    Random random = new Random(11);
    int sound = 0;
    for (int i = 0; i < 20_000; i++) {
      Packet packet = i % 2 == 0 ? ipv4(random.nextInt(300), 100) : ipv6(random.nextInt(300), 100);
      for (int flips = random.nextInt(5); flips >= 0; flips--) {
        packet.bytes()[random.nextInt(FRAME + 60)] = (byte) random.nextInt();
      }
      packet.length(random.nextInt(packet.length()) + 1);
      if (PacketHeader.isSound(packet)) {
        sound++;
        if (packet.segmentation() != Packet.SEGMENTATION_NONE) {
          Segmenter.cut(packet, Packet::release);
        } else if (packet.needsChecksum()) {
          Checksums.finish(packet);
        }
      }
    }
    assertThat(sound).isPositive();
  }

  @Test
  void aCardGetsWhatItTakesAndNoMore() {
    Switch lan = new Switch(new FakeClock(), 100);
    SwitchPort far = lan.open("far", new VlanMode.Access(1));
    OffloadPort card = new OffloadPort(lan.open("near", new VlanMode.Access(1)));
    far.send(ipv4(3000, 1460));
    for (int length : new int[] {1514, 1514, 134}) {
      assertThat(card.receive().length()).isEqualTo(length);
    }
    assertThat(card.receive()).isNull();
    card.accept(Offloads.ALL);
    far.send(ipv4(3000, 1460));
    assertThat(card.receive().length()).isEqualTo(3054);
  }

  @Test
  void aChecksumIsFinishedInACopyWhereOthersHoldThePacketToo() {
    Switch lan = new Switch(new FakeClock(), 100);
    SwitchPort far = lan.open("far", new VlanMode.Access(1));
    OffloadPort card = new OffloadPort(lan.open("near", new VlanMode.Access(1)));
    SwitchPort third = lan.open("third", new VlanMode.Access(1));
    Packet packet = ipv4(100, 1460);
    packet.beginSegmentation(Packet.SEGMENTATION_NONE, 0, 0);
    far.send(packet);
    assertThat(card.receive().needsChecksum()).isFalse();
    assertThat(third.receive().needsChecksum()).isTrue();
  }
}

package dev.ringzero.devices.igb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.engine.wire.Packet;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class OffloadTest {
  private static final int IPV4 = 1 << 10;
  private static final int TCP = 1 << 11;
  private static final int SCTP = 2 << 11;
  private static final int IP_CHECKSUM = 1 << 8;
  private static final int TRANSPORT_CHECKSUM = 1 << 9;
  private static final int SEGMENT = 1 << 31;
  private static final int INSERT_VLAN = 1 << 30;
  private static final int LENGTHS = 14 << 9 | 20;

  private final TestCard card = new TestCard(0);
  private final TestCard.Function driver = card.pf;

  @BeforeEach
  void start() {
    card.start();
    driver.openTransmitQueue();
    driver.openReceiveQueue(32);
  }

  @AfterEach
  void close() {
    card.close();
  }

  /** An IPv4 packet without checksums. */
  private static byte[] ipv4(int protocol, int headerBytes, int payloadBytes) {
    byte[] packet = new byte[20 + headerBytes + payloadBytes];
    byte[] payload = new byte[payloadBytes];
    new Random(payloadBytes).nextBytes(payload);
    System.arraycopy(payload, 0, packet, 20 + headerBytes, payloadBytes);
    packet[0] = 0x45;
    packet[8] = 64;
    packet[9] = (byte) protocol;
    InternetSum.put16(packet, 2, packet.length);
    InternetSum.put32(packet, 12, 0x0A00_020F);
    InternetSum.put32(packet, 16, 0x0A00_0202);
    if (protocol == FrameHeaders.TCP) {
      packet[32] = (byte) (headerBytes << 2);
      packet[33] = 0x19;
    }
    return TestCard.frame(TestCard.MAC, 1, 0x0800, packet);
  }

  /** The sum of the pseudo header without a length, as drivers put it into the field. */
  private static void pseudo(byte[] frame, int field, int protocol, int lengthBytes) {
    long sum = InternetSum.sum(protocol + lengthBytes, frame, 26, 34);
    InternetSum.put16(frame, field, InternetSum.fold(sum));
  }

  private static boolean transportIsRight(byte[] frame, int protocol) {
    int length = (frame[16] & 0xFF) << 8 | frame[17] & 0xFF;
    long sum = InternetSum.sum(protocol + length - 20, frame, 26, 34);
    return InternetSum.fold(InternetSum.sum(sum, frame, 34, 14 + length)) == 0xFFFF;
  }

  private static boolean headerIsRight(byte[] frame) {
    return InternetSum.fold(InternetSum.sum(0, frame, 14, 34)) == 0xFFFF;
  }

  private void send() {
    driver.send();
    card.runner.run();
  }

  @Test
  void checksumsOfHeadersArePutInPlaceAndThoseOfTcpAreAskedFor() {
    byte[] frame = ipv4(FrameHeaders.TCP, 20, 100);
    pseudo(frame, 50, FrameHeaders.TCP, 120);
    driver.context(LENGTHS, IPV4 | TCP);
    driver.frame(frame, 0, IP_CHECKSUM | TRANSPORT_CHECKSUM);
    send();
    assertThat(headerIsRight(card.wire.sent.getFirst())).isTrue();
    Packet packet = card.wire.packets.getFirst();
    assertThat(packet.needsChecksum()).isTrue();
    assertThat(packet.checksumStart()).isEqualTo(34);
    assertThat(packet.checksumOffset()).isEqualTo(16);
  }

  @Test
  void sctpGetsItsOwnSum() {
    byte[] frame = ipv4(FrameHeaders.SCTP, 12, 40);
    driver.context(LENGTHS, IPV4 | SCTP);
    driver.frame(frame, 0, TRANSPORT_CHECKSUM);
    send();
    byte[] sent = card.wire.sent.getFirst();
    assertThat(InternetSum.get32(sent, 42)).isEqualTo(InternetSum.sctp(sent, 34, 86));
    assertThat(InternetSum.get32(sent, 42)).isNotZero();
  }

  @Test
  void plainTcpIsLeftWholeForWhoTakesItSo() {
    byte[] frame = ipv4(FrameHeaders.TCP, 20, 5000);
    pseudo(frame, 50, FrameHeaders.TCP, 0);
    driver.context(LENGTHS, IPV4 | TCP | (long) (1448 << 16 | 20 << 8) << 32);
    driver.frame(frame, SEGMENT, TRANSPORT_CHECKSUM);
    send();
    Packet packet = card.wire.packets.getFirst();
    assertThat(packet.segmentation()).isEqualTo(Packet.SEGMENTATION_TCP4);
    assertThat(packet.segmentBytes()).isEqualTo(1448);
    assertThat(packet.header16(Packet.HEADER_LENGTH)).isEqualTo(54);
    assertThat(headerIsRight(card.wire.sent.getFirst())).isTrue();
  }

  @Test
  void udpIsCutIntoDatagramsWithRightSums() {
    byte[] frame = ipv4(FrameHeaders.UDP, 8, 2500);
    pseudo(frame, 40, FrameHeaders.UDP, 0);
    driver.context(LENGTHS, IPV4 | (long) (1000 << 16 | 8 << 8) << 32);
    driver.frame(frame, SEGMENT, TRANSPORT_CHECKSUM);
    send();
    assertThat(card.wire.sent).hasSize(3);
    int number = 0;
    for (byte[] piece : card.wire.sent) {
      assertThat(headerIsRight(piece)).isTrue();
      assertThat(transportIsRight(piece, FrameHeaders.UDP)).isTrue();
      assertThat(piece[19]).isEqualTo((byte) number++);
    }
    assertThat(card.wire.sent.get(2)).hasSize(14 + 20 + 8 + 500);
  }

  @Test
  void headersThatTheContextDoesNotFitAreRefused() {
    driver.context(0x7F << 9 | 0x1FF, IPV4 | TCP | (long) (1448 << 16 | 20 << 8) << 32);
    driver.frame(ipv4(FrameHeaders.TCP, 20, 200), SEGMENT, 0);
    driver.context(LENGTHS, IPV4 | TCP | (long) (1 << 16 | 20 << 8) << 32);
    driver.frame(ipv4(FrameHeaders.TCP, 20, 200), SEGMENT, 0);
    driver.context(0x7F << 9 | 0x1FF, IPV4 | TCP);
    driver.frame(ipv4(FrameHeaders.TCP, 20, 20), 0, IP_CHECKSUM | TRANSPORT_CHECKSUM);
    send();
    assertThat(card.wire.sent).as("the last goes as it is").hasSize(1);
    assertThat(card.wire.packets.getFirst().needsChecksum()).isFalse();
    assertThat(driver.isDone(5)).isTrue();
  }

  @Test
  void vlanTagsArePutInAndTakenOut() {
    byte[] frame = ipv4(FrameHeaders.UDP, 8, 100);
    driver.context(42L << 16 | LENGTHS, IPV4);
    driver.frame(frame, INSERT_VLAN, 0);
    send();
    byte[] tagged = card.wire.sent.getFirst();
    assertThat(tagged).hasSize(frame.length + 4);
    assertThat(InternetSum.get32(tagged, 12)).isEqualTo(0x8100_002A);
    driver.write(Register.CTRL, 1 << 6 | 1 << 30);
    card.arrives(tagged);
    assertThat(driver.status() >>> 48).isEqualTo(42);
    assertThat(driver.status() & 8).isNotZero();
    assertThat(driver.receive()).isEqualTo(frame);
  }

  @Test
  void wrongChecksumsOfWhatArrivesAreReported() {
    byte[] frame = ipv4(FrameHeaders.UDP, 8, 100);
    InternetSum.put16(frame, 38, 108);
    pseudo(frame, 40, FrameHeaders.UDP, 108);
    long sum = InternetSum.sum(0, frame, 34, 142);
    InternetSum.put16(frame, 40, ~InternetSum.fold(sum) & 0xFFFF);
    SegmentCutter.finishIpv4(frame, 14, 34);
    card.arrives(frame);
    assertThat(driver.status() & 0x70).as("IP, UDP, checked").isEqualTo(0x70);
    assertThat(driver.status() & 3L << 29).as("no error").isZero();
    driver.receive();
    frame[100] ^= 1;
    frame[22] ^= 1;
    card.arrives(frame);
    assertThat(driver.status() & 3L << 29).as("both wrong").isEqualTo(3L << 29);
  }

  /** From the verification suite that Microsoft publishes with its description of RSS. */
  @Test
  void hashesAreThoseOfThePublishedSuite() {
    byte[] key =
        HexFormat.of()
            .parseHex(
                "6d5a56da255b0ec24167253d43a38fb0d0ca2bcbae7b30b477cb2da38030f20c6a42b73bbeac01fa");
    for (int i = 0; i < 40; i += 4) {
      driver.write(Register.RSSRK + i, Integer.reverseBytes(InternetSum.get32(key, i)));
    }
    byte[] frame = ipv4(FrameHeaders.TCP, 20, 0);
    InternetSum.put32(frame, 26, 66 << 24 | 9 << 16 | 149 << 8 | 187);
    InternetSum.put32(frame, 30, 161 << 24 | 142 << 16 | 100 << 8 | 80);
    InternetSum.put16(frame, 34, 2794);
    InternetSum.put16(frame, 36, 1766);
    driver.write(Register.MRQC, 2 | 1 << 16 | 1 << 17);
    card.arrives(frame);
    assertThat(driver.lower() >>> 32).isEqualTo(0x51CCC178L);
    assertThat(driver.lower() & 0xF).isEqualTo(1);
    driver.receive();
    driver.write(Register.MRQC, 2 | 1 << 17);
    card.arrives(frame);
    assertThat(driver.lower() >>> 32).isEqualTo(0x323E8FC2L);
  }
}

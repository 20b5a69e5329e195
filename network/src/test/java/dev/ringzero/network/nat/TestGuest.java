package dev.ringzero.network.nat;

import dev.ringzero.engine.wire.Packet;
import dev.ringzero.network.Port;
import dev.ringzero.network.frame.Arp;
import dev.ringzero.network.frame.BigEndian;
import dev.ringzero.network.frame.Ethernet;
import dev.ringzero.network.frame.InternetChecksum;
import dev.ringzero.network.frame.Ipv4;
import dev.ringzero.network.frame.Tcp;
import dev.ringzero.network.frame.Udp;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/** A guest that makes its frames by hand. */
final class TestGuest {
  static final long MAC = 0x52_54_00_00_00_01L;
  static final int IP = NatNetwork.FIRST_GUEST;
  static final int L4 = 34;

  private final Port port;
  private final BlockingQueue<byte[]> arrived = new ArrayBlockingQueue<>(10_000);

  TestGuest(Port port) {
    this.port = port;
    port.onArrival(() -> {
      synchronized (arrived) {
        for (Packet packet = port.receive(); packet != null; packet = port.receive()) {
          int end = Packet.FRAME + packet.length();
          arrived.add(Arrays.copyOfRange(packet.bytes(), Packet.FRAME, end));
          packet.release();
        }
      }
    });
  }

  /** The next frame; null if none comes. */
  byte[] next() {
    try {
      return arrived.poll(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Asks for an address until it is answered, after more than a network takes at once. */
  void awaitArp(int target) throws InterruptedException {
    while (true) {
      send(arpRequest(target));
      byte[] frame = arrived.poll(100, TimeUnit.MILLISECONDS);
      while (frame != null) {
        if (BigEndian.get16(frame, Ethernet.TYPE) == Ethernet.ARP
            && BigEndian.get32(frame, 14 + Arp.SENDER_IP) == target) {
          return;
        }
        frame = arrived.poll(100, TimeUnit.MILLISECONDS);
      }
    }
  }

  /** Forgets what arrived. */
  void forget() {
    arrived.clear();
  }

  void send(byte[] frame) {
    port.send(Packet.of(frame, 0, frame.length));
  }

  static byte[] ethernet(long destination, int type, int payloadBytes) {
    byte[] frame = new byte[Ethernet.HEADER_BYTES + payloadBytes];
    BigEndian.put48(frame, Ethernet.DESTINATION, destination);
    BigEndian.put48(frame, Ethernet.SOURCE, MAC);
    BigEndian.put16(frame, Ethernet.TYPE, type);
    return frame;
  }

  static byte[] arpRequest(int target) {
    byte[] frame = ethernet(Ethernet.BROADCAST, Ethernet.ARP, Arp.BYTES);
    BigEndian.put16(frame, 14 + Arp.HARDWARE_TYPE, Arp.ETHERNET);
    BigEndian.put16(frame, 14 + Arp.PROTOCOL_TYPE, Ethernet.IPV4);
    BigEndian.put16(frame, 14 + Arp.HARDWARE_LENGTH, 0x0604);
    BigEndian.put16(frame, 14 + Arp.OPERATION, Arp.REQUEST);
    BigEndian.put48(frame, 14 + Arp.SENDER_MAC, MAC);
    BigEndian.put32(frame, 14 + Arp.SENDER_IP, IP);
    BigEndian.put32(frame, 14 + Arp.TARGET_IP, target);
    return frame;
  }

  static byte[] packet(int protocol, int source, int destination, byte[] payload) {
    byte[] frame = ethernet(NatNetwork.GATEWAY_MAC, Ethernet.IPV4, 20 + payload.length);
    BigEndian.put16(frame, 14, 0x4500);
    BigEndian.put16(frame, 14 + Ipv4.TOTAL_LENGTH, 20 + payload.length);
    BigEndian.put16(frame, 14 + Ipv4.TIME_TO_LIVE, 64 << 8 | protocol);
    BigEndian.put32(frame, 14 + Ipv4.SOURCE, source);
    BigEndian.put32(frame, 14 + Ipv4.DESTINATION, destination);
    int sum = InternetChecksum.of(InternetChecksum.sum(0, frame, 14, 20));
    BigEndian.put16(frame, 14 + Ipv4.CHECKSUM, sum);
    System.arraycopy(payload, 0, frame, L4, payload.length);
    return frame;
  }

  static byte[] datagram(int source, int from, int destination, int to, byte[] data) {
    byte[] payload = new byte[Udp.HEADER_BYTES + data.length];
    BigEndian.put16(payload, Udp.SOURCE_PORT, from);
    BigEndian.put16(payload, Udp.DESTINATION_PORT, to);
    BigEndian.put16(payload, Udp.LENGTH, payload.length);
    System.arraycopy(data, 0, payload, Udp.HEADER_BYTES, data.length);
    checksum(payload, Udp.CHECKSUM, source, destination, Ipv4.UDP);
    return packet(Ipv4.UDP, source, destination, payload);
  }

  static byte[] segment(
      int from, int destination, int to, int sequence, int ack, int flags, byte[] data) {
    byte[] payload = new byte[Tcp.HEADER_BYTES + data.length];
    BigEndian.put16(payload, Tcp.SOURCE_PORT, from);
    BigEndian.put16(payload, Tcp.DESTINATION_PORT, to);
    BigEndian.put32(payload, Tcp.SEQUENCE, sequence);
    BigEndian.put32(payload, Tcp.ACKNOWLEDGEMENT, ack);
    BigEndian.put16(payload, Tcp.DATA_OFFSET, 5 << 12 | flags);
    BigEndian.put16(payload, Tcp.WINDOW, 65535);
    System.arraycopy(data, 0, payload, Tcp.HEADER_BYTES, data.length);
    checksum(payload, Tcp.CHECKSUM, IP, destination, Ipv4.TCP);
    return packet(Ipv4.TCP, IP, destination, payload);
  }

  private static void checksum(byte[] payload, int at, int source, int destination, int protocol) {
    long pseudo = InternetChecksum.pseudoHeader(source, destination, protocol, payload.length);
    long sum = InternetChecksum.sum(pseudo, payload, 0, payload.length);
    BigEndian.put16(payload, at, InternetChecksum.of(sum));
  }
}

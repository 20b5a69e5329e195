package dev.ringzero.network.nat;

import dev.ringzero.network.frame.Arp;
import dev.ringzero.network.frame.BigEndian;
import dev.ringzero.network.frame.Ethernet;

/** Answers who has the addresses of the gateway and the name server. */
final class ArpResponder {
  private final GuestSide guests;
  private final NatCounters counters;

  ArpResponder(GuestSide guests, NatCounters counters) {
    this.guests = guests;
    this.counters = counters;
  }

  void input(byte[] frame, int packet, int lengthBytes) {
    if (lengthBytes < Arp.BYTES
        || BigEndian.get16(frame, packet + Arp.HARDWARE_TYPE) != Arp.ETHERNET
        || BigEndian.get16(frame, packet + Arp.PROTOCOL_TYPE) != Ethernet.IPV4
        || BigEndian.get16(frame, packet + Arp.HARDWARE_LENGTH) != 0x0604) {
      counters.count(NatCounter.MALFORMED);
      return;
    }
    long senderMac = BigEndian.get48(frame, packet + Arp.SENDER_MAC);
    int senderIp = BigEndian.get32(frame, packet + Arp.SENDER_IP);
    int targetIp = BigEndian.get32(frame, packet + Arp.TARGET_IP);
    guests.learn(senderIp, senderMac);
    boolean request = BigEndian.get16(frame, packet + Arp.OPERATION) == Arp.REQUEST;
    if (request && NatNetwork.isOurs(targetIp)) {
      reply(senderMac, senderIp, targetIp);
    }
  }

  private void reply(long mac, int ip, int whose) {
    byte[] frame = guests.frame;
    int packet = GuestSide.PACKET;
    BigEndian.put16(frame, packet + Arp.HARDWARE_TYPE, Arp.ETHERNET);
    BigEndian.put16(frame, packet + Arp.PROTOCOL_TYPE, Ethernet.IPV4);
    BigEndian.put16(frame, packet + Arp.HARDWARE_LENGTH, 0x0604);
    BigEndian.put16(frame, packet + Arp.OPERATION, Arp.REPLY);
    BigEndian.put48(frame, packet + Arp.SENDER_MAC, NatNetwork.GATEWAY_MAC);
    BigEndian.put32(frame, packet + Arp.SENDER_IP, whose);
    BigEndian.put48(frame, packet + Arp.TARGET_MAC, mac);
    BigEndian.put32(frame, packet + Arp.TARGET_IP, ip);
    guests.send(mac, Ethernet.ARP, Arp.BYTES);
  }
}

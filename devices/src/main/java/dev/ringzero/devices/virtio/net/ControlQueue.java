package dev.ringzero.devices.virtio.net;

import static dev.ringzero.devices.virtio.net.NetProtocol.*;

import dev.ringzero.devices.virtio.queue.DescriptorChain;
import dev.ringzero.devices.virtio.queue.Virtqueue;
import dev.ringzero.memory.DmaMemory;

/**
 * What the driver asks of the card by its control queue.
 *
 * @spec Virtual I/O Device (VIRTIO) 1.2, "Control Virtqueue"
 */
final class ControlQueue {
  private static final int COMMANDS_A_STEP = 16;
  private static final int HEADER_BYTES = 2;
  private static final int MAC_BYTES = 6;
  private static final int MOST_COMMAND_BYTES = 1 << 14;

  private final VirtioNet card;
  private final ReceiveFilter filter;
  private byte[] command = new byte[64];
  private final byte[] answer = new byte[1];
  private DescriptorChain chain;

  ControlQueue(VirtioNet card, ReceiveFilter filter) {
    this.card = card;
    this.filter = filter;
  }

  void connect(DmaMemory memory) {
    chain = new DescriptorChain(memory);
  }

  /** Whether there may be more to do. */
  boolean step(Virtqueue queue) {
    queue.beginTaking();
    for (int i = 0; i < COMMANDS_A_STEP; i++) {
      if (!queue.take(chain)) {
        return queue.endTaking();
      }
      answer[0] = (byte) (obey() ? VIRTIO_NET_OK : VIRTIO_NET_ERR);
      queue.complete(chain, chain.write(0, answer, 0, 1));
    }
    return true;
  }

  private boolean obey() {
    int length = (int) Math.min(chain.readableBytes(), MOST_COMMAND_BYTES);
    if (length < HEADER_BYTES || chain.readableBytes() > MOST_COMMAND_BYTES) {
      return false;
    }
    if (command.length < length) {
      command = new byte[length];
    }
    chain.read(0, command, 0, length);
    int what = command[1];
    int data = length - HEADER_BYTES;
    return switch (command[0]) {
      case VIRTIO_NET_CTRL_RX -> mode(what, data);
      case VIRTIO_NET_CTRL_MAC -> mac(what, data);
      case VIRTIO_NET_CTRL_VLAN -> vlan(what, data);
      case VIRTIO_NET_CTRL_ANNOUNCE -> what == VIRTIO_NET_CTRL_ANNOUNCE_ACK && card.announced();
      case VIRTIO_NET_CTRL_MQ ->
          what == VIRTIO_NET_CTRL_MQ_VQ_PAIRS_SET && data == 2 && card.pairs(little(0, 2));
      case VIRTIO_NET_CTRL_GUEST_OFFLOADS ->
          what == VIRTIO_NET_CTRL_GUEST_OFFLOADS_SET && data == 8 && card.offloads(little64());
      default -> false;
    };
  }

  private boolean mode(int which, int data) {
    if (data != 1 || !ReceiveFilter.isMode(which)) {
      return false;
    }
    filter.mode(which, command[HEADER_BYTES] != 0);
    return true;
  }

  private boolean mac(int what, int data) {
    if (what == VIRTIO_NET_CTRL_MAC_ADDR_SET && data == MAC_BYTES) {
      card.address(address(0));
      return true;
    }
    return what == VIRTIO_NET_CTRL_MAC_TABLE_SET && table(data);
  }

  /** Two lists of addresses, each behind its length in 32 bits. */
  private boolean table(int data) {
    if (data < 8) {
      return false;
    }
    long singles = little(0, 4) & 0xFFFF_FFFFL;
    if (singles * MAC_BYTES + 8 > data) {
      return false;
    }
    int second = 4 + (int) singles * MAC_BYTES;
    long groups = little(second, 4) & 0xFFFF_FFFFL;
    if (second + 4 + groups * MAC_BYTES > data) {
      return false;
    }
    filter.addresses(addresses(4, (int) singles), addresses(second + 4, (int) groups));
    return true;
  }

  private long[] addresses(int at, int count) {
    long[] addresses = new long[count];
    for (int i = 0; i < count; i++) {
      addresses[i] = address(at + i * MAC_BYTES);
    }
    return addresses;
  }

  private boolean vlan(int what, int data) {
    boolean add = what == VIRTIO_NET_CTRL_VLAN_ADD;
    int vlan = data == 2 ? little(0, 2) : ReceiveFilter.VLANS;
    if (vlan >= ReceiveFilter.VLANS || !add && what != VIRTIO_NET_CTRL_VLAN_DEL) {
      return false;
    }
    filter.vlan(vlan, add);
    return true;
  }

  private int little(int at, int bytes) {
    int value = 0;
    for (int i = bytes - 1; i >= 0; i--) {
      value = value << 8 | command[HEADER_BYTES + at + i] & 0xFF;
    }
    return value;
  }

  private long little64() {
    return (long) little(4, 4) << 32 | little(0, 4) & 0xFFFF_FFFFL;
  }

  private long address(int at) {
    long value = 0;
    for (int i = 0; i < MAC_BYTES; i++) {
      value = value << 8 | command[HEADER_BYTES + at + i] & 0xFF;
    }
    return value;
  }
}

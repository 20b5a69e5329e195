package dev.ringzero.devices.igb;

import dev.ringzero.engine.wire.Packet;
import java.util.function.Consumer;

/**
 * Leads packets to where they go: from outside and from pools to pools, and from pools to the
 * outside. Not thread-safe: each agent has its own.
 *
 * @spec Intel 82576EB Gigabit Ethernet Controller Datasheet, "Packets Switching (VMDq) Model",
 *     "Anti-spoofing"
 */
final class PacketSwitch {
  private static final int OUTSIDE = -1;

  private static final int VLAN_SPOOF_SHIFT = 8; // DTXSWC
  private static final int LOCAL_LOOPBACK_SHIFT = 16; // DTXSWC: LLE
  private static final int LOOPBACK = 1 << 31; // DTXSWC
  private static final int TELL_OF_SPOOFING = 1 << 6; // DTXCTL: SPOOF_INT
  private static final int RECEIVE = 1 << 1; // RCTL: EN
  private static final int DEFAULT_QUEUE_SHIFT = 3; // MRQC
  private static final int SECOND_QUEUE = 1 << 3; // RETA, where pools have two queues

  private final Controller controller;
  private final RegisterFile registers;
  private final ReceiveFilter filter;
  private final FrameHeaders headers = new FrameHeaders();
  private final FlowHash hash;
  private final Consumer<Packet> delivery = this::deliver;
  private int source;
  private boolean comesBack;

  PacketSwitch(Controller controller, RegisterFile registers, ReceiveFilter filter) {
    this.controller = controller;
    this.registers = registers;
    this.filter = filter;
    hash = new FlowHash(registers);
  }

  /**
   * Takes a packet from outside.
   *
   * @return false if its queue has no room and it is to be brought again; it stays the caller's
   */
  boolean receive(Packet packet) {
    if (packet.length() < FrameHeaders.ETHERNET_BYTES || !registers.has(Register.RCTL, RECEIVE)) {
      packet.release();
      return true;
    }
    parse(packet);
    int pools = filter.pools(headers, packet.length(), true);
    if (pools != 0 && !filter.isVirtualized()) {
      hash.of(headers);
      if (!controller.receiveQueue(queueOf(0)).hasRoom()) {
        return false;
      }
    }
    controller.statistics().received(headers, packet.length(), pools != 0);
    lead(packet, pools, 0);
    return true;
  }

  private void parse(Packet packet) {
    headers.parse(packet, registers.get(Register.VET) & 0xFFFF);
  }

  /** Sends a packet of a pool, with the caller's reference. */
  void transmit(int pool, Packet packet) {
    parse(packet);
    if (isSpoofed(pool)) {
      packet.release();
      return;
    }
    int length = packet.length();
    if (controller.link().isLoopback()) {
      count(pool, length, true);
      deliverTo(packet, OUTSIDE, true);
      return;
    }
    boolean inside = filter.isVirtualized() && registers.has(Register.DTXSWC, LOOPBACK);
    boolean toPools = inside && filter.pools(headers, FrameHeaders.ETHERNET_BYTES, false) != 0;
    boolean outside = !inside || !staysInside();
    count(pool, length, toPools);
    if (toPools) {
      deliverTo(outside ? packet.retain() : packet, pool, false);
    }
    if (outside) {
      controller.sendOutside(packet);
    } else if (!toPools) {
      packet.release();
    }
  }

  private boolean staysInside() {
    boolean known = !headers.isGroup() && filter.poolsOfAddress(headers.destination) != 0;
    return known || filter.isLocal(headers);
  }

  private void count(int pool, int length, boolean loopback) {
    controller.statistics().sent(headers, length);
    if (filter.isVirtualized()) {
      controller.statistics().poolSent(pool, length, loopback);
    }
  }

  private boolean isSpoofed(int pool) {
    if (!filter.isVirtualized()) {
      return false;
    }
    boolean address =
        registers.has(Register.DTXSWC, 1 << pool)
            && (filter.poolsOfAddress(headers.source) >>> pool & 1) == 0;
    boolean vlan =
        headers.tag >= 0
            && registers.has(Register.DTXSWC, 1 << VLAN_SPOOF_SHIFT + pool)
            && (filter.poolsOfVlan(headers.vlan()) >>> pool & 1) == 0;
    if (address || vlan) {
      registers.setBits(Register.WVBR, 1 << pool | 1 << pool + Controller.POOLS);
      controller.statistics().malformed();
      if (registers.has(Register.DTXCTL, TELL_OF_SPOOFING)) {
        controller.interrupts().cause(Cause.DOUTSYNC);
      }
      return true;
    }
    return false;
  }

  /** Finishes a packet and delivers what comes out. */
  private void deliverTo(Packet packet, int from, boolean wire) {
    source = from;
    comesBack = wire;
    if (packet.needsChecksum() || packet.segmentation() != Packet.SEGMENTATION_NONE) {
      controller.finisher().finish(packet, delivery);
    } else {
      delivery.accept(packet);
    }
  }

  private void deliver(Packet packet) {
    parse(packet);
    int pools = filter.pools(headers, packet.length(), comesBack);
    if (source >= 0 && !registers.has(Register.DTXSWC, 1 << LOCAL_LOOPBACK_SHIFT + source)) {
      pools &= ~(1 << source);
    }
    controller.statistics().received(headers, packet.length(), pools != 0);
    lead(packet, pools, comesBack ? 0 : ReceiveQueue.LOOPBACK);
  }

  private void lead(Packet packet, int pools, int flag) {
    if (pools != 0) {
      hash.of(headers);
    }
    for (int rest = pools; rest != 0; rest &= rest - 1) {
      int pool = Integer.numberOfTrailingZeros(rest);
      ReceiveQueue queue = controller.receiveQueue(queueOf(pool));
      if (queue.offer(packet.retain(), flag, hash)) {
        controller.owner(queue.pool()).wakeReceiver();
      }
    }
    packet.release();
  }

  private int queueOf(int pool) {
    int second = hash.type != 0 ? hash.redirected() : 0;
    if (!filter.isVirtualized()) {
      return hash.isEnabled()
          ? second
          : registers.get(Register.MRQC) >>> DEFAULT_QUEUE_SHIFT & Controller.POOLS - 1;
    }
    boolean two =
        (second & SECOND_QUEUE) != 0
            && registers.has(Register.VMOLR + 4 * pool, ReceiveFilter.POOL_RSS);
    return two ? pool + Controller.POOLS : pool;
  }
}

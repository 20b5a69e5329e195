package dev.ringzero.devices.virtio.net;

import static dev.ringzero.devices.virtio.net.NetProtocol.*;

import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import dev.ringzero.engine.wire.Packet;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Set;

/**
 * Which frames the driver wants. At first all; more addresses than are kept count as all.
 *
 * @spec Virtual I/O Device (VIRTIO) 1.2, "Packet Receive Filtering", "Setting MAC Address
 *     Filtering" and "VLAN Filtering"
 */
final class ReceiveFilter {
  static final int MOST_ADDRESSES = 64;
  static final int VLANS = 4096;
  private static final int MODES = 6;
  private static final long BROADCAST = 0xFFFF_FFFF_FFFFL;
  private static final long GROUP = 1L << 40;
  private static final int TYPE = Packet.FRAME + 12;
  private static final int VLAN = 0x8100;

  private final boolean[] modes = new boolean[MODES];
  private final Set<Long> unicast = new HashSet<>();
  private final Set<Long> multicast = new HashSet<>();
  private final BitSet vlans = new BitSet(VLANS);
  private boolean allUnicast;
  private boolean allMulticast;
  private boolean filtersVlans;
  private long mac;

  synchronized void reset(long address, boolean vlanFilter) {
    Arrays.fill(modes, false);
    modes[VIRTIO_NET_CTRL_RX_PROMISC] = true;
    unicast.clear();
    multicast.clear();
    vlans.clear();
    allUnicast = false;
    allMulticast = false;
    filtersVlans = vlanFilter;
    mac = address;
  }

  synchronized void mac(long address) {
    mac = address;
  }

  synchronized void mode(int which, boolean on) {
    modes[which] = on;
  }

  static boolean isMode(int which) {
    return which >= 0 && which < MODES;
  }

  synchronized void vlan(int vlan, boolean on) {
    vlans.set(vlan, on);
  }

  synchronized void addresses(long[] singles, long[] groups) {
    allUnicast = fill(unicast, singles);
    allMulticast = fill(multicast, groups);
  }

  private static boolean fill(Set<Long> set, long[] addresses) {
    set.clear();
    if (addresses.length > MOST_ADDRESSES) {
      return true;
    }
    for (long address : addresses) {
      set.add(address);
    }
    return false;
  }

  synchronized boolean passes(Packet packet) {
    if (modes[VIRTIO_NET_CTRL_RX_PROMISC]) {
      return true;
    }
    byte[] bytes = packet.bytes();
    if (filtersVlans && packet.length() >= 18 && get16(bytes, TYPE) == VLAN) {
      int vlan = get16(bytes, TYPE + 2) & VLANS - 1;
      if (vlan != 0 && !vlans.get(vlan)) {
        return false;
      }
    }
    long to = (long) get16(bytes, Packet.FRAME) << 32;
    to |= (long) get16(bytes, Packet.FRAME + 2) << 16 | get16(bytes, Packet.FRAME + 4);
    if (to == BROADCAST) {
      return !modes[VIRTIO_NET_CTRL_RX_NOBCAST];
    }
    if ((to & GROUP) != 0) {
      return !modes[VIRTIO_NET_CTRL_RX_NOMULTI]
          && (modes[VIRTIO_NET_CTRL_RX_ALLMULTI] || allMulticast || multicast.contains(to));
    }
    return !modes[VIRTIO_NET_CTRL_RX_NOUNI]
        && (modes[VIRTIO_NET_CTRL_RX_ALLUNI] || allUnicast || to == mac || unicast.contains(to));
  }

  private static int get16(byte[] bytes, int at) {
    return (bytes[at] & 0xFF) << 8 | bytes[at + 1] & 0xFF;
  }

  synchronized void save(StateWriter out) {
    for (boolean mode : modes) {
      out.writeBoolean(mode);
    }
    out.writeBoolean(allUnicast);
    out.writeBoolean(allMulticast);
    out.writeBoolean(filtersVlans);
    out.writeLong(mac);
    save(out, unicast);
    save(out, multicast);
    out.writeBytes(vlans.toByteArray());
  }

  private static void save(StateWriter out, Set<Long> addresses) {
    out.writeInt(addresses.size());
    addresses.stream().sorted().forEach(out::writeLong);
  }

  synchronized void restore(StateReader in) {
    for (int i = 0; i < MODES; i++) {
      modes[i] = in.readBoolean();
    }
    allUnicast = in.readBoolean();
    allMulticast = in.readBoolean();
    filtersVlans = in.readBoolean();
    mac = in.readLong();
    restore(in, unicast);
    restore(in, multicast);
    vlans.clear();
    vlans.or(BitSet.valueOf(in.readBytes()));
  }

  private static void restore(StateReader in, Set<Long> addresses) {
    addresses.clear();
    int count = Math.clamp(in.readInt(), 0, MOST_ADDRESSES);
    for (int i = 0; i < count; i++) {
      addresses.add(in.readLong());
    }
  }
}

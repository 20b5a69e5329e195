package dev.ringzero.network.switching;

import dev.ringzero.engine.Clock;
import dev.ringzero.network.Port;
import dev.ringzero.network.frame.BigEndian;
import dev.ringzero.network.frame.Ethernet;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A learning switch. Frames go on the sender's thread into the queues of those who get them; nobody
 * waits for anybody.
 *
 * <p>Not modelled: spanning trees, priorities, an untagged VLAN on trunks.
 *
 * @spec IEEE 802.1Q, "Principles of Bridge operation"
 */
public final class Switch {
  private static final int VLAN_MASK = 0xFFF;
  private static final long NANOS_A_SECOND = 1_000_000_000L;

  private final Clock clock;
  private final long floodsASecond;
  private final AddressTable addresses = new AddressTable();
  private final List<SwitchPort> ports = new CopyOnWriteArrayList<>();
  private final byte[] retagged = new byte[Port.MOST_FRAME_BYTES + Ethernet.TAG_BYTES];
  private volatile SwitchPort mirror;

  /**
   * Makes a switch.
   *
   * @param floodsASecond how many frames of one port may go to all others in a second
   */
  public Switch(Clock clock, long floodsASecond) {
    this.clock = clock;
    this.floodsASecond = floodsASecond;
  }

  /** Adds a port. */
  public SwitchPort open(String name, VlanMode mode) {
    SwitchPort port = new SwitchPort(this, name, mode);
    ports.add(port);
    return port;
  }

  public List<SwitchPort> ports() {
    return List.copyOf(ports);
  }

  /** Sends a copy of every frame, as it came in, to one port; null for none. */
  public void mirrorTo(SwitchPort port) {
    mirror = port;
  }

  synchronized void remove(SwitchPort port) {
    ports.remove(port);
    addresses.forget(port);
    if (mirror == port) {
      mirror = null;
    }
  }

  /** Forwards a frame; false if it is not one for this port. */
  synchronized boolean forward(SwitchPort from, byte[] frame, int offset, int lengthBytes) {
    int most = Port.MOST_FRAME_BYTES;
    if (lengthBytes < Ethernet.HEADER_BYTES || lengthBytes > most || !ports.contains(from)) {
      return false;
    }
    int vlan = vlanOf(from, frame, offset, lengthBytes);
    long source = BigEndian.get48(frame, offset + Ethernet.SOURCE);
    if (vlan == 0 || Ethernet.isGroup(source)) {
      return false;
    }
    long now = clock.nanoTime();
    addresses.learn(vlan, source, from, now);
    copyToMirror(from, frame, offset, lengthBytes);
    long destination = BigEndian.get48(frame, offset + Ethernet.DESTINATION);
    SwitchPort to = Ethernet.isGroup(destination) ? null : addresses.find(vlan, destination, now);
    if (to != null) {
      if (to != from) {
        deliver(from, to, vlan, frame, offset, lengthBytes);
      }
      return true;
    }
    return mayFlood(from, now) && flood(from, vlan, frame, offset, lengthBytes);
  }

  private void copyToMirror(SwitchPort from, byte[] frame, int offset, int lengthBytes) {
    SwitchPort copy = mirror;
    if (copy != null && copy != from) {
      copy.deliver(frame, offset, lengthBytes);
    }
  }

  private boolean mayFlood(SwitchPort from, long now) {
    long second = now / NANOS_A_SECOND;
    if (second != from.floodSecond) {
      from.floodSecond = second;
      from.floodsLeft = floodsASecond;
    }
    return from.floodsLeft-- > 0;
  }

  private boolean flood(SwitchPort from, int vlan, byte[] frame, int offset, int lengthBytes) {
    for (SwitchPort to : ports) {
      if (to != from && to != mirror && carries(to, vlan)) {
        deliver(from, to, vlan, frame, offset, lengthBytes);
      }
    }
    return true;
  }

  private static boolean carries(SwitchPort port, int vlan) {
    return switch (port.mode) {
      case VlanMode.Access(int own) -> own == vlan;
      case VlanMode.Trunk trunk -> trunk.allowed().get(vlan);
    };
  }

  /** The VLAN to which a frame belongs at the port where it came in, or 0. */
  private static int vlanOf(SwitchPort from, byte[] frame, int offset, int lengthBytes) {
    boolean tagged = BigEndian.get16(frame, offset + Ethernet.TYPE) == Ethernet.VLAN;
    if (from.mode instanceof VlanMode.Access(int own)) {
      return tagged ? 0 : own;
    }
    if (!tagged || lengthBytes < Ethernet.HEADER_BYTES + Ethernet.TAG_BYTES) {
      return 0;
    }
    int vlan = BigEndian.get16(frame, offset + Ethernet.TAG + 2) & VLAN_MASK;
    return carries(from, vlan) ? vlan : 0;
  }

  private void deliver(
      SwitchPort from, SwitchPort to, int vlan, byte[] frame, int offset, int lengthBytes) {
    boolean tagged = from.mode instanceof VlanMode.Trunk;
    boolean wantsTag = to.mode instanceof VlanMode.Trunk;
    if (tagged == wantsTag) {
      to.deliver(frame, offset, lengthBytes);
    } else if (wantsTag) {
      System.arraycopy(frame, offset, retagged, 0, Ethernet.TAG);
      BigEndian.put16(retagged, Ethernet.TAG, Ethernet.VLAN);
      BigEndian.put16(retagged, Ethernet.TAG + 2, vlan);
      int rest = lengthBytes - Ethernet.TAG;
      System.arraycopy(
          frame, offset + Ethernet.TAG, retagged, Ethernet.TAG + Ethernet.TAG_BYTES, rest);
      to.deliver(retagged, 0, lengthBytes + Ethernet.TAG_BYTES);
    } else {
      System.arraycopy(frame, offset, retagged, 0, Ethernet.TAG);
      int rest = lengthBytes - Ethernet.TAG - Ethernet.TAG_BYTES;
      int behind = offset + Ethernet.TAG + Ethernet.TAG_BYTES;
      System.arraycopy(frame, behind, retagged, Ethernet.TAG, rest);
      to.deliver(retagged, 0, lengthBytes - Ethernet.TAG_BYTES);
    }
  }
}

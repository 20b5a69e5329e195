package dev.ringzero.network.switching;

import dev.ringzero.engine.Clock;
import dev.ringzero.engine.wire.Packet;
import dev.ringzero.network.frame.BigEndian;
import dev.ringzero.network.frame.Ethernet;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A learning switch. Packets go by reference, on the sender's thread, into the queues of those who
 * get them; nobody waits for anybody, and no lock is held while somebody is told.
 *
 * <p>Not modelled: spanning trees, priorities, an untagged VLAN on trunks.
 *
 * @spec IEEE 802.1Q, "Principles of Bridge operation"
 */
public final class Switch {
  private static final long NANOS_A_SECOND = 1_000_000_000L;

  /** Sees every frame as it comes in. The packet is only lent. */
  @FunctionalInterface
  public interface Observer {
    void saw(SwitchPort from, Packet packet);
  }

  private final Clock clock;
  private final AddressTable addresses = new AddressTable();
  private final List<SwitchPort> ports = new CopyOnWriteArrayList<>();
  private final List<Observer> observers = new CopyOnWriteArrayList<>();
  private volatile long floodsASecond;
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
    return open(name, mode, OptionalLong.empty());
  }

  /** Adds a port to which a card of that address is plugged. */
  public SwitchPort open(String name, VlanMode mode, OptionalLong mac) {
    SwitchPort port = new SwitchPort(this, name, mode, mac);
    ports.add(port);
    return port;
  }

  public List<SwitchPort> ports() {
    return List.copyOf(ports);
  }

  /** The addresses that are known now. */
  public synchronized List<AddressTable.Known> addresses() {
    return addresses.known(clock.nanoTime());
  }

  public long floodsASecond() {
    return floodsASecond;
  }

  public void floodsASecond(long most) {
    floodsASecond = most;
  }

  /** Sends a copy of every frame, as it came in, to one port; null for none. */
  public void mirrorTo(SwitchPort port) {
    mirror = port;
  }

  /** The port that gets a copy of every frame, or null. */
  public SwitchPort mirror() {
    return mirror;
  }

  public void observe(Observer observer) {
    observers.add(observer);
  }

  public void forget(Observer observer) {
    observers.remove(observer);
  }

  synchronized void remove(SwitchPort port) {
    ports.remove(port);
    addresses.forget(port);
    if (mirror == port) {
      mirror = null;
    }
  }

  /** Forwards a packet that stays the caller's; false if it is not one for this port. */
  boolean forward(SwitchPort from, Packet packet) {
    byte[] frame = packet.bytes();
    if (packet.length() < Ethernet.HEADER_BYTES || !ports.contains(from)) {
      return false;
    }
    VlanMode mode = from.mode();
    int vlan = mode.vlanOf(packet);
    long source = BigEndian.get48(frame, Packet.FRAME + Ethernet.SOURCE);
    if (vlan == 0 || Ethernet.isGroup(source) || !from.allowsSource(source)) {
      return false;
    }
    for (Observer observer : observers) {
      observer.saw(from, packet);
    }
    SwitchPort copy = mirror;
    if (copy != null && copy != from) {
      copy.deliver(packet.retain());
    }
    long destination = BigEndian.get48(frame, Packet.FRAME + Ethernet.DESTINATION);
    boolean tagged = mode instanceof VlanMode.Trunk;
    SwitchPort to;
    synchronized (this) {
      long now = clock.nanoTime();
      addresses.learn(vlan, source, from, now);
      to = Ethernet.isGroup(destination) ? null : addresses.find(vlan, destination, now);
      if (to == null && !mayFlood(from, now)) {
        return false;
      }
    }
    if (to == null) {
      flood(from, vlan, tagged, destination, packet);
    } else if (to != from && to.mode().carries(vlan)) {
      deliver(to, vlan, tagged, packet);
    }
    return true;
  }

  private boolean mayFlood(SwitchPort from, long now) {
    long second = now / NANOS_A_SECOND;
    if (second != from.floodSecond) {
      from.floodSecond = second;
      from.floodsLeft = floodsASecond;
    }
    return from.floodsLeft-- > 0;
  }

  private void flood(SwitchPort from, int vlan, boolean tagged, long destination, Packet packet) {
    SwitchPort served = mirror;
    for (SwitchPort to : ports) {
      if (to != from && to != served && to.mode().carries(vlan) && to.takes(destination)) {
        deliver(to, vlan, tagged, packet);
      }
    }
  }

  private static void deliver(SwitchPort to, int vlan, boolean tagged, Packet packet) {
    boolean wantsTag = to.mode() instanceof VlanMode.Trunk;
    if (tagged == wantsTag) {
      to.deliver(packet.retain());
    } else if (wantsTag) {
      if (packet.length() + Ethernet.TAG_BYTES <= Packet.MOST_FRAME_BYTES) {
        to.deliver(VlanTag.add(packet, vlan));
      }
    } else {
      to.deliver(VlanTag.remove(packet));
    }
  }
}

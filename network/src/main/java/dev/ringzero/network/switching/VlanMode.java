package dev.ringzero.network.switching;

import dev.ringzero.engine.wire.Packet;
import dev.ringzero.network.frame.BigEndian;
import dev.ringzero.network.frame.Ethernet;
import java.util.BitSet;
import java.util.stream.Collectors;

/** How a port of a switch treats VLAN tags. */
public sealed interface VlanMode {
  /** VLAN numbers are 1 to 4094. */
  int MOST_VLAN = 4094;

  int VLAN_MASK = 0xFFF;

  /** Whether frames of a VLAN come and go here. */
  boolean carries(int vlan);

  /** The VLAN to which a frame that came in here belongs, or 0. */
  int vlanOf(Packet packet);

  /** Frames are without tags, and belong to one VLAN. */
  record Access(int vlan) implements VlanMode {
    public Access {
      check(vlan);
    }

    @Override
    public boolean carries(int other) {
      return other == vlan;
    }

    @Override
    public int vlanOf(Packet packet) {
      return isTagged(packet) ? 0 : vlan;
    }

    @Override
    public String toString() {
      return "vlan=" + vlan;
    }
  }

  /** Frames carry the tags of the VLANs that are allowed here. */
  record Trunk(BitSet allowed) implements VlanMode {
    public Trunk {
      allowed = (BitSet) allowed.clone();
      if (allowed.isEmpty() || allowed.get(0) || allowed.length() > MOST_VLAN + 1) {
        throw new IllegalArgumentException("a VLAN is 1 to " + MOST_VLAN);
      }
    }

    @Override
    public boolean carries(int vlan) {
      return allowed.get(vlan);
    }

    @Override
    public int vlanOf(Packet packet) {
      if (!isTagged(packet) || packet.length() < Ethernet.HEADER_BYTES + Ethernet.TAG_BYTES) {
        return 0;
      }
      int tag = BigEndian.get16(packet.bytes(), Packet.FRAME + Ethernet.TAG + 2);
      return allowed.get(tag & VLAN_MASK) ? tag & VLAN_MASK : 0;
    }

    @Override
    public String toString() {
      if (allowed.cardinality() == MOST_VLAN) {
        return "trunk=all";
      }
      return allowed.stream()
          .mapToObj(Integer::toString)
          .collect(Collectors.joining("+", "trunk=", ""));
    }
  }

  /**
   * Reads the numbers of a trunk: {@code all}, or numbers and ranges such as {@code 10+20-29}.
   *
   * @throws IllegalArgumentException with a message for the user
   */
  static VlanMode trunk(String text) {
    BitSet allowed = new BitSet();
    if (text.equals("all")) {
      allowed.set(1, MOST_VLAN + 1);
      return new Trunk(allowed);
    }
    for (String part : text.split("\\+", -1)) {
      int dash = part.indexOf('-');
      int first = number(dash < 0 ? part : part.substring(0, dash));
      int last = dash < 0 ? first : number(part.substring(dash + 1));
      if (last < first) {
        throw new IllegalArgumentException("VLANs from " + first + " to " + last);
      }
      allowed.set(first, last + 1);
    }
    return new Trunk(allowed);
  }

  /**
   * Reads the number of a VLAN.
   *
   * @throws IllegalArgumentException with a message for the user
   */
  static VlanMode access(String text) {
    return new Access(number(text));
  }

  /** Reads what {@link #toString} writes. */
  static VlanMode parse(String text) {
    if (text.startsWith("vlan=")) {
      return access(text.substring(5));
    }
    if (text.startsWith("trunk=")) {
      return trunk(text.substring(6));
    }
    throw new IllegalArgumentException("vlan=N or trunk=N+N, not " + text);
  }

  private static int number(String text) {
    try {
      int vlan = Integer.parseInt(text);
      check(vlan);
      return vlan;
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("a VLAN is 1 to " + MOST_VLAN + ", not " + text, e);
    }
  }

  private static boolean isTagged(Packet packet) {
    return BigEndian.get16(packet.bytes(), Packet.FRAME + Ethernet.TYPE) == Ethernet.VLAN;
  }

  private static void check(int vlan) {
    if (vlan < 1 || vlan > MOST_VLAN) {
      throw new IllegalArgumentException("a VLAN is 1 to " + MOST_VLAN + ", not " + vlan);
    }
  }
}

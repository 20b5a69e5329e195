package dev.ringzero.network.switching;

import java.util.BitSet;

/** How a port of a switch treats VLAN tags. */
public sealed interface VlanMode {
  /** VLAN numbers are 1 to 4094. */
  int MOST_VLAN = 4094;

  /** Frames are without tags, and belong to one VLAN. */
  record Access(int vlan) implements VlanMode {
    public Access {
      check(vlan);
    }
  }

  /** Frames carry the tags of the VLANs that are allowed here. */
  record Trunk(BitSet allowed) implements VlanMode {
    public Trunk {
      allowed = (BitSet) allowed.clone();
      if (allowed.get(0) || allowed.length() > MOST_VLAN + 1) {
        throw new IllegalArgumentException("a VLAN is 1 to " + MOST_VLAN);
      }
    }
  }

  private static void check(int vlan) {
    if (vlan < 1 || vlan > MOST_VLAN) {
      throw new IllegalArgumentException("a VLAN is 1 to " + MOST_VLAN + ", not " + vlan);
    }
  }
}

package dev.ringzero.devices.igb;

/**
 * Which pools of queues a frame is for. Without virtualization there is one, number 0.
 *
 * <p>Not modelled: mirroring, filters by EtherType, by five-tuple and by SYN, double tags.
 *
 * @spec Intel 82576EB Gigabit Ethernet Controller Datasheet, "Receive Packet Filtering", "Packets
 *     Switching (VMDq) Model"
 */
final class ReceiveFilter {
  private static final int ADDRESSES = 16;
  private static final int MORE_ADDRESSES = 8;
  private static final int VLAN_FILTERS = 32;
  private static final int CRC_BYTES = 4;
  private static final int SHORT_FRAME_BYTES = 1514;

  private static final int ADDRESS_VALID = 1 << 31; // RAH
  private static final int ADDRESS_POOL_SHIFT = 18; // RAH
  private static final int ALL_POOLS = 0xFF;

  private static final int UNICAST_PROMISCUOUS = 1 << 3; // RCTL: UPE
  private static final int MULTICAST_PROMISCUOUS = 1 << 4; // RCTL: MPE
  private static final int LONG_PACKETS = 1 << 5; // RCTL: LPE
  private static final int HASH_SHIFT = 12; // RCTL: MO
  private static final int ACCEPT_BROADCAST = 1 << 15; // RCTL: BAM
  private static final int FILTER_VLANS = 1 << 18; // RCTL: VFE
  private static final int[] HASH_BITS = {4, 3, 2, 0};

  private static final int POOLS_BY_ADDRESS = 1 << 0; // MRQC: VMDq, with or without RSS
  private static final int DEFAULT_POOL_SHIFT = 7; // VT_CTL
  private static final int NO_DEFAULT_POOL = 1 << 29; // VT_CTL
  private static final int REPLICATE = 1 << 30; // VT_CTL

  private static final int MOST_BYTES = 0x3FFF; // VMOLR: RLPML
  private static final int POOL_LONG_PACKETS = 1 << 16; // VMOLR: LPE
  static final int POOL_RSS = 1 << 17; // VMOLR: RSSE
  private static final int UNTAGGED = 1 << 24; // VMOLR: AUPE
  private static final int MULTICAST_HASH = 1 << 25; // VMOLR: ROMPE
  private static final int UNICAST_HASH = 1 << 26; // VMOLR: ROPE
  private static final int BROADCAST = 1 << 27; // VMOLR: BAM
  private static final int ALL_MULTICAST = 1 << 28; // VMOLR: MPME

  private static final int VLAN_VALID = 1 << 31; // VLVF
  private static final int VLAN_LOCAL = 1 << 20; // VLVF: LVLAN
  private static final int VLAN_POOL_SHIFT = 12; // VLVF

  private final RegisterFile registers;

  ReceiveFilter(RegisterFile registers) {
    this.registers = registers;
  }

  /** Whether pools share the controller. */
  boolean isVirtualized() {
    return registers.has(Register.MRQC, POOLS_BY_ADDRESS);
  }

  /**
   * Pools, a bit each, that get a frame.
   *
   * @param fromOutside whether the default pool gets what nobody else does
   */
  int pools(FrameHeaders frame, int lengthBytes, boolean fromOutside) {
    if (!passesLength(frame, lengthBytes, longest()) || !passesVlanTable(frame)) {
      return 0;
    }
    if (!isVirtualized()) {
      return accepts(frame) ? 1 : 0;
    }
    int pools = byAddress(frame);
    if (registers.has(Register.RCTL, FILTER_VLANS)) {
      pools &= frame.tag >= 0 ? poolsOfVlan(frame.vlan()) : having(UNTAGGED);
    }
    boolean hasDefault = fromOutside && !registers.has(Register.VT_CTL, NO_DEFAULT_POOL);
    if (pools == 0 && !frame.isGroup() && hasDefault) {
      pools = 1 << defaultPool();
    }
    pools &= registers.get(Register.VFRE);
    if (frame.isGroup() && !registers.has(Register.VT_CTL, REPLICATE)) {
      pools &= 1 << defaultPool();
    }
    return shortEnough(pools, frame, lengthBytes);
  }

  int defaultPool() {
    return registers.get(Register.VT_CTL) >>> DEFAULT_POOL_SHIFT & Controller.POOLS - 1;
  }

  private int longest() {
    return registers.has(Register.RCTL, LONG_PACKETS) ? registers.get(Register.RLPML) : 0;
  }

  /** Whether a frame is no longer than allowed with its CRC; 0 for the usual limit. */
  private static boolean passesLength(FrameHeaders frame, int lengthBytes, int most) {
    int tag = frame.tag >= 0 ? FrameHeaders.TAG_BYTES : 0;
    return most == 0 ? lengthBytes <= SHORT_FRAME_BYTES + tag : lengthBytes + CRC_BYTES <= most;
  }

  private boolean passesVlanTable(FrameHeaders frame) {
    if (frame.tag < 0 || !registers.has(Register.RCTL, FILTER_VLANS)) {
      return true;
    }
    int vlan = frame.vlan();
    return registers.has(Register.VFTA + (vlan >>> 5 << 2), 1 << vlan);
  }

  private boolean accepts(FrameHeaders frame) {
    int control = registers.get(Register.RCTL);
    if (frame.isBroadcast() && (control & ACCEPT_BROADCAST) != 0) {
      return true;
    }
    int promiscuous = frame.isGroup() ? MULTICAST_PROMISCUOUS : UNICAST_PROMISCUOUS;
    return (control & promiscuous) != 0
        || isAddress(frame.destination)
        || inTable(frame.isGroup() ? Register.MTA : Register.UTA, frame.destination);
  }

  private int byAddress(FrameHeaders frame) {
    if (frame.isBroadcast()) {
      return having(BROADCAST);
    }
    int pools = poolsOfAddress(frame.destination);
    if (frame.isGroup()) {
      boolean inHash = inTable(Register.MTA, frame.destination);
      return pools | having(ALL_MULTICAST) | (inHash ? having(MULTICAST_HASH) : 0);
    }
    return pools == 0 && inTable(Register.UTA, frame.destination) ? having(UNICAST_HASH) : pools;
  }

  private boolean inTable(int table, long address) {
    int lastTwo = ((int) address & 0xFF) << 8 | (int) address >>> 8 & 0xFF;
    int shift = HASH_BITS[registers.get(Register.RCTL) >>> HASH_SHIFT & 3];
    int hash = lastTwo >>> shift & 0xFFF;
    return registers.has(table + (hash >>> 5 << 2), 1 << hash);
  }

  private int having(int offload) {
    int pools = 0;
    for (int pool = 0; pool < Controller.POOLS; pool++) {
      pools |= registers.has(Register.VMOLR + 4 * pool, offload) ? 1 << pool : 0;
    }
    return pools;
  }

  private boolean isAddress(long address) {
    return find(address, true) != 0;
  }

  /** Pools to which an address belongs. */
  int poolsOfAddress(long address) {
    return find(address, false);
  }

  private int find(long address, boolean anyPool) {
    int low = Integer.reverseBytes((int) (address >>> 16));
    int high = Short.reverseBytes((short) address) & 0xFFFF;
    int pools = 0;
    for (int i = 0; i < ADDRESSES + MORE_ADDRESSES; i++) {
      int at = i < ADDRESSES ? Register.RA + 8 * i : Register.RA2 + 8 * (i - ADDRESSES);
      int upper = registers.get(at + 4);
      if (upper < 0 && (upper & 0xFFFF) == high && registers.get(at) == low) {
        pools |= anyPool ? ADDRESS_VALID : upper >>> ADDRESS_POOL_SHIFT & ALL_POOLS;
      }
    }
    return pools;
  }

  /** Pools that belong to a VLAN. */
  int poolsOfVlan(int vlan) {
    int pools = 0;
    for (int i = 0; i < VLAN_FILTERS; i++) {
      int filter = registers.get(Register.VLVF + 4 * i);
      if ((filter & VLAN_VALID) != 0 && (filter & 0xFFF) == vlan) {
        pools |= filter >>> VLAN_POOL_SHIFT & ALL_POOLS;
      }
    }
    return pools;
  }

  /** Whether frames of a VLAN stay inside the controller. */
  boolean isLocal(FrameHeaders frame) {
    for (int i = 0; frame.tag >= 0 && i < VLAN_FILTERS; i++) {
      int filter = registers.get(Register.VLVF + 4 * i);
      if ((filter & VLAN_VALID) != 0
          && (filter & VLAN_LOCAL) != 0
          && (filter & 0xFFF) == frame.vlan()) {
        return true;
      }
    }
    return false;
  }

  private int shortEnough(int pools, FrameHeaders frame, int lengthBytes) {
    int left = 0;
    for (int rest = pools; rest != 0; rest &= rest - 1) {
      int pool = Integer.numberOfTrailingZeros(rest);
      int offload = registers.get(Register.VMOLR + 4 * pool);
      int most = (offload & POOL_LONG_PACKETS) != 0 ? offload & MOST_BYTES : 0;
      left |= passesLength(frame, lengthBytes, most) ? 1 << pool : 0;
    }
    return left;
  }
}

package dev.ringzero.devices.igb;

/**
 * The counters: those of the port, which reading clears, and those of pools, which it does not.
 * Bytes are counted with the four of the CRC.
 *
 * @spec Intel 82576EB Gigabit Ethernet Controller Datasheet, "Statistics Register Descriptions"
 */
final class Statistics {
  static final int START = 0x4000;
  static final int END = 0x4140;

  private static final int MPC = 0x4010; // Missed Packets Count
  private static final int PRC64 = 0x405C; // Packets Received, by length: six counters
  private static final int GPRC = 0x4074; // Good Packets Received Count
  private static final int BPRC = 0x4078; // Broadcast Packets Received Count
  private static final int MPRC = 0x407C; // Multicast Packets Received Count
  private static final int GPTC = 0x4080; // Good Packets Transmitted Count
  private static final int GORCL = 0x4088; // Good Octets Received Count
  private static final int GOTCL = 0x4090; // Good Octets Transmitted Count
  private static final int RNBC = 0x40A0; // Receive No Buffers Count
  private static final int RUC = 0x40A4; // Receive Undersize Count
  private static final int ROC = 0x40AC; // Receive Oversize Count
  private static final int TORL = 0x40C0; // Total Octets Received
  private static final int TOTL = 0x40C8; // Total Octets Transmitted
  private static final int TPR = 0x40D0; // Total Packets Received
  private static final int TPT = 0x40D4; // Total Packets Transmitted
  private static final int PTC64 = 0x40D8; // Packets Transmitted, by length: six counters
  private static final int MPTC = 0x40F0; // Multicast Packets Transmitted Count
  private static final int BPTC = 0x40F4; // Broadcast Packets Transmitted Count
  private static final int TSCTC = 0x40F8; // TCP Segmentation Context Transmitted Count
  private static final int RPTHC = 0x4104; // Rx Packets to Host Count
  private static final int HGPTC = 0x4118; // Host Good Packets Transmitted Count
  private static final int HGORCL = 0x4128; // Host Good Octets Received Count
  private static final int HGOTCL = 0x4130; // Host Good Octets Transmitted Count
  private static final int[] WIDE = {GORCL, GOTCL, TORL, TOTL, HGORCL, HGOTCL};

  static final int VFGPRC = 0x10; // of a pool: Good Packets Received Count
  static final int VFGPTC = 0x14; // Good Packets Transmitted Count
  static final int VFGORC = 0x18; // Good Octets Received Count
  static final int VFGOTC = 0x34; // Good Octets Transmitted Count
  static final int VFMPRC = 0x3C; // Multicast Packets Received Count
  static final int VFGPRLBC = 0x40; // Good Packets Received from Loopback Count
  static final int VFGPTLBC = 0x44; // Good Packets Transmitted to Loopback Count
  static final int VFGORLBC = 0x48; // Good Octets Received from Loopback Count
  static final int VFGOTLBC = 0x50; // Good Octets Transmitted to Loopback Count
  private static final int POOL_BYTES = 0x100;

  private static final int CRC_BYTES = 4;
  private static final int LEAST_BYTES = 64;

  private final RegisterFile registers;
  private long receivedPackets;
  private long receivedBytes;
  private long sentPackets;
  private long sentBytes;
  private long drops;

  Statistics(RegisterFile registers) {
    this.registers = registers;
  }

  synchronized Totals totals() {
    return new Totals(receivedPackets, receivedBytes, sentPackets, sentBytes, drops);
  }

  /** What a pool's counters tell. */
  synchronized Totals totals(int pool) {
    return new Totals(
        get(pool, VFGPRC), get(pool, VFGORC), get(pool, VFGPTC), get(pool, VFGOTC), 0);
  }

  private long get(int pool, int counter) {
    return registers.get(Register.VF_REGISTERS + POOL_BYTES * pool + counter) & 0xFFFF_FFFFL;
  }

  /** Reads a counter as the driver does. */
  synchronized int read(int offset) {
    for (int low : WIDE) {
      if (offset == low) {
        return registers.get(offset);
      }
      if (offset == low + 4) {
        registers.set(low, 0);
      }
    }
    return registers.take(offset);
  }

  /** A frame came from outside, or from another pool. */
  synchronized void received(FrameHeaders frame, int lengthBytes, boolean delivered) {
    int bytes = lengthBytes + CRC_BYTES;
    count(TPR);
    count(TORL, bytes);
    if (bytes < LEAST_BYTES) {
      count(RUC);
    }
    if (!delivered) {
      return;
    }
    count(bySize(PRC64, bytes));
    count(GPRC);
    count(RPTHC);
    count(GORCL, bytes);
    count(HGORCL, bytes);
    countGroup(frame, BPRC, MPRC);
  }

  synchronized void sent(FrameHeaders frame, int lengthBytes) {
    int bytes = lengthBytes + CRC_BYTES;
    sentPackets++;
    sentBytes += lengthBytes;
    count(TPT);
    count(TOTL, bytes);
    count(bySize(PTC64, bytes));
    count(GPTC);
    count(HGPTC);
    count(GOTCL, bytes);
    count(HGOTCL, bytes);
    countGroup(frame, BPTC, MPTC);
  }

  private void countGroup(FrameHeaders frame, int broadcasts, int multicasts) {
    if (frame.isGroup()) {
      count(frame.isBroadcast() ? broadcasts : multicasts);
    }
  }

  synchronized void segmented() {
    count(TSCTC);
  }

  /** A frame for which a queue had no room. */
  synchronized void missed() {
    drops++;
    count(MPC);
    count(RNBC);
  }

  synchronized void oversize() {
    count(ROC);
  }

  /** What a driver gave that is no packet. */
  synchronized void malformed() {
    drops++;
  }

  synchronized void poolReceived(int pool, int lengthBytes, boolean multicast, boolean loopback) {
    receivedPackets++;
    receivedBytes += lengthBytes;
    int bytes = lengthBytes + CRC_BYTES;
    add(pool, VFGPRC, 1);
    add(pool, VFGORC, bytes);
    add(pool, VFMPRC, multicast ? 1 : 0);
    add(pool, VFGPRLBC, loopback ? 1 : 0);
    add(pool, VFGORLBC, loopback ? bytes : 0);
  }

  synchronized void poolSent(int pool, int lengthBytes, boolean loopback) {
    int bytes = lengthBytes + CRC_BYTES;
    add(pool, VFGPTC, 1);
    add(pool, VFGOTC, bytes);
    add(pool, VFGPTLBC, loopback ? 1 : 0);
    add(pool, VFGOTLBC, loopback ? bytes : 0);
  }

  private void add(int pool, int counter, int by) {
    registers.add(Register.VF_REGISTERS + POOL_BYTES * pool + counter, by);
  }

  private void count(int counter) {
    registers.add(counter, 1);
  }

  private void count(int low, int by) {
    long sum = (registers.get(low) & 0xFFFF_FFFFL) + by;
    registers.set(low, (int) sum);
    registers.add(low + 4, (int) (sum >>> 32));
  }

  private static int bySize(int first, int bytes) {
    int class64 = bytes <= 64 ? 0 : bytes >= 1024 ? 5 : 26 - Integer.numberOfLeadingZeros(bytes);
    return first + 4 * class64;
  }
}

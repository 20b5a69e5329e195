package dev.ringzero.devices.igb;

import dev.ringzero.engine.wire.Packet;
import dev.ringzero.memory.DmaMemory;

/**
 * A receive queue: packets wait here for descriptors, and are written to where these say. Its lock
 * is held while one is written, so that a queue which was disabled touches memory no more.
 *
 * <p>Not modelled: legacy descriptors, header splitting, time stamps, the descriptor threshold.
 * Frames wait for descriptors with or without DROP_EN, as no queue has to wait for another here.
 *
 * @spec Intel 82576EB Gigabit Ethernet Controller Datasheet, "Receive Functionality"
 */
final class ReceiveQueue {
  private static final int WAITING = 1024;
  private static final int LEAST_FRAME_BYTES = 60;
  private static final int MOST_FRAME_BYTES = 0x4000;
  private static final int CRC_BYTES = 4;
  private static final int ADDRESSES_BYTES = 12;

  static final int LOOPBACK = 1 << 18; // a flag of waiting packets, and LB of the status
  private static final int DONE = 1 << 0; // status: DD
  private static final int END_OF_PACKET = 1 << 1; // status: EOP
  private static final int HAS_TAG = 1 << 3; // status: VP

  private static final int BUFFER_KIB = 0x7F; // SRRCTL: BSIZEPACKET
  private static final int STRIP_CRC = 1 << 26; // RCTL: SECRC
  private static final int USUAL_BUFFER_SHIFT = 16; // RCTL: BSIZE
  private static final int USUAL_BUFFER_BYTES = 2048;
  private static final int STRIP_POOL_CRC = 1 << 31; // VMOLR, RPLOLR
  private static final int STRIP_POOL_VLAN = 1 << 30; // VMOLR, RPLOLR
  private static final int STRIP_VLAN = 1 << 30; // CTRL: VME

  private final int number;
  private final RegisterFile shared;
  private final QueueRegisters registers;
  private final ReceiveFilter filter;
  private final Statistics statistics;
  private final ReceiveOffload offload;
  private final FrameHeaders headers = new FrameHeaders();
  private final byte[] changed = new byte[MOST_FRAME_BYTES];

  private final Packet[] packets = new Packet[WAITING];
  private final int[] flags = new int[WAITING];
  private final int[] hashes = new int[WAITING];
  private final byte[] hashTypes = new byte[WAITING];
  private int first;
  private int count;

  ReceiveQueue(int number, RegisterFile shared, ReceiveFilter filter, Statistics statistics) {
    this.number = number;
    this.shared = shared;
    this.filter = filter;
    this.statistics = statistics;
    offload = new ReceiveOffload(shared);
    registers = new QueueRegisters(shared, Register.RX_QUEUES + Register.QUEUE_BYTES * number);
  }

  int pool() {
    return number % Controller.POOLS;
  }

  synchronized void reset() {
    control(0);
  }

  /** Sets the control register; a queue that it disables is at rest when this returns. */
  synchronized void control(int value) {
    registers.set(Register.DCTL, value);
    if (!registers.isEnabled()) {
      while (count > 0) {
        drop();
      }
    }
  }

  synchronized boolean hasRoom() {
    return count < WAITING || !registers.isEnabled();
  }

  /**
   * Adds a packet, and with it the caller's reference.
   *
   * @return whether it is the first that waits
   */
  synchronized boolean offer(Packet packet, int flag, FlowHash hash) {
    if (!registers.isEnabled() || count == WAITING || packet.length() > MOST_FRAME_BYTES - 64) {
      packet.release();
      registers.add(Register.RQDPC, 1);
      statistics.missed();
      return false;
    }
    int at = first + count & WAITING - 1;
    packets[at] = packet;
    flags[at] = flag;
    hashes[at] = hash.value;
    hashTypes[at] = (byte) hash.type;
    return count++ == 0;
  }

  private void drop() {
    packets[first].release();
    packets[first] = null;
    first = first + 1 & WAITING - 1;
    count--;
  }

  /** Writes one packet; false if there is none, or no descriptors for it. */
  synchronized boolean step(DmaMemory memory) {
    if (count == 0 || !registers.isEnabled()) {
      return false;
    }
    Packet packet = packets[first];
    headers.parse(packet, shared.get(Register.VET) & 0xFFFF);
    int rules = rules();
    boolean strip = headers.tag >= 0 && stripsVlan(rules);
    int length = lay(packet, strip);
    int whole = length + (stripsCrc(rules) ? 0 : CRC_BYTES);
    int buffer = bufferBytes();
    int needed = (whole + buffer - 1) / buffer;
    if (needed >= registers.size()) {
      statistics.oversize();
      drop();
      return true;
    }
    if (needed > registers.available()) {
      return false;
    }
    int status = flags[first] | offload.of(headers, packet.bytes(), hashTypes[first]);
    status |= strip ? HAS_TAG : 0;
    write(memory, packet, whole, buffer, needed, status, strip ? headers.tag : 0);
    statistics.poolReceived(
        pool(),
        length,
        headers.isGroup() && !headers.isBroadcast(),
        (flags[first] & LOOPBACK) != 0);
    drop();
    return true;
  }

  /** The offload register that counts for the packet at hand, or -1 without virtualization. */
  private int rules() {
    if (!filter.isVirtualized()) {
      return -1;
    }
    return headers.isGroup() ? Register.RPLOLR : Register.VMOLR + 4 * pool();
  }

  private boolean stripsVlan(int rules) {
    return rules < 0 ? shared.has(Register.CTRL, STRIP_VLAN) : shared.has(rules, STRIP_POOL_VLAN);
  }

  private boolean stripsCrc(int rules) {
    return shared.has(Register.RCTL, STRIP_CRC) || rules >= 0 && shared.has(rules, STRIP_POOL_CRC);
  }

  /** Lays the frame out as it goes to memory; the CRC behind it reads as zero. */
  private int lay(Packet packet, boolean strip) {
    int from = Packet.FRAME;
    int length = packet.length();
    int to = 0;
    if (strip) {
      System.arraycopy(packet.bytes(), from, changed, 0, ADDRESSES_BYTES);
      from += ADDRESSES_BYTES + FrameHeaders.TAG_BYTES;
      length -= FrameHeaders.TAG_BYTES;
      to = ADDRESSES_BYTES;
    }
    System.arraycopy(packet.bytes(), from, changed, to, length - to);
    int padded = Math.max(length, LEAST_FRAME_BYTES);
    java.util.Arrays.fill(changed, length, padded + CRC_BYTES, (byte) 0);
    return padded;
  }

  private int bufferBytes() {
    int kib = registers.get(Register.SRRCTL) & BUFFER_KIB;
    int usual = shared.get(Register.RCTL) >>> USUAL_BUFFER_SHIFT & 3;
    return kib != 0 ? kib << 10 : USUAL_BUFFER_BYTES >>> usual;
  }

  private void write(
      DmaMemory memory, Packet packet, int whole, int buffer, int needed, int status, int tag) {
    int done = 0;
    for (int i = 0; i < needed; i++) {
      long at = registers.addressFromHead(i);
      long address = memory.read64(at);
      int part = Math.min(buffer, whole - done);
      memory.write(address, changed, done, part);
      done += part;
      boolean last = i == needed - 1;
      long low = last ? offload.packetType | (long) hashes[first] << 32 : 0;
      long bits = last ? status | DONE | END_OF_PACKET : DONE;
      long vlan = last ? (long) tag << 48 : 0;
      memory.write64(at, low);
      memory.write64(at + 8, vlan | (long) part << 32 | bits & 0xFFFF_FFFFL);
    }
    registers.advance(needed);
  }
}

package dev.ringzero.devices.igb;

import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import dev.ringzero.engine.wire.Packet;
import dev.ringzero.memory.DmaMemory;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/**
 * A transmit queue: descriptors become packets. Its lock is held while a packet is fetched, so that
 * a queue which was disabled touches memory no more.
 *
 * <p>Not modelled: checksums asked for by legacy descriptors, write-back thresholds, bandwidth.
 *
 * @spec Intel 82576EB Gigabit Ethernet Controller Datasheet, "Transmit Functionality"
 */
final class TransmitQueue {
  private static final int CONTEXTS = 2;
  private static final int MOST_DESCRIPTORS = 80;
  private static final int LEAST_FRAME_BYTES = 60;

  private static final int TYPE_SHIFT = 20;
  private static final int CONTEXT = 2;
  private static final int END_OF_PACKET = 1 << 24;
  private static final int REPORT_STATUS = 1 << 27;
  private static final int ADVANCED = 1 << 29;
  private static final int INSERT_VLAN = 1 << 30;
  private static final int SEGMENT = 1 << 31;
  private static final int CONTEXT_INDEX_SHIFT = 4; // of the upper word
  private static final int IP_CHECKSUM = 1 << 8; // of the upper word: IXSM
  private static final int TRANSPORT_CHECKSUM = 1 << 9; // of the upper word: TXSM
  private static final int DONE = 1; // of the status written back
  private static final int STATUS = 12;

  private static final int ENABLE = 1 << 1; // TCTL

  private static final int ALWAYS_DEFAULT_VLAN = 1 << 30; // VMVIR
  private static final int NEVER_VLAN = 1 << 31; // VMVIR

  private final int number;
  private final RegisterFile shared;
  private final QueueRegisters registers;
  private final ReceiveFilter filter;
  private final Statistics statistics;
  private final TransmitContext[] contexts = new TransmitContext[CONTEXTS];
  private final long[] addresses = new long[MOST_DESCRIPTORS];
  private final int[] commands = new int[MOST_DESCRIPTORS];

  private final Deque<Packet> fetched = new ArrayDeque<>();

  /** Of the packet's first descriptor. */
  private int options;

  TransmitQueue(int number, RegisterFile shared, ReceiveFilter filter, Statistics statistics) {
    this.number = number;
    this.shared = shared;
    this.filter = filter;
    this.statistics = statistics;
    registers = new QueueRegisters(shared, Register.TX_QUEUES + Register.QUEUE_BYTES * number);
    for (int i = 0; i < CONTEXTS; i++) {
      contexts[i] = new TransmitContext();
    }
  }

  int pool() {
    return number % Controller.POOLS;
  }

  synchronized void reset() {
    registers.disable();
    for (TransmitContext context : contexts) {
      context.reset();
    }
  }

  /** Sets the control register; a queue that it disables is at rest when this returns. */
  synchronized void control(int value) {
    registers.set(Register.DCTL, value);
  }

  private boolean mayRun() {
    return registers.isEnabled()
        && shared.has(Register.TCTL, ENABLE)
        && (!filter.isVirtualized() || shared.has(Register.VFTE, 1 << pool()));
  }

  /** The next packet of those that {@link #step} fetched; null if there is none. */
  Packet fetched() {
    return fetched.poll();
  }

  /** Takes one context, or the descriptors of one packet; false if there is neither. */
  synchronized boolean step(DmaMemory memory) {
    int available = mayRun() ? registers.available() : 0;
    int count = 0;
    int length = 0;
    while (count < available && count < MOST_DESCRIPTORS) {
      long at = registers.addressFromHead(count);
      long high = memory.read64(at + 8);
      int command = (int) high;
      if (isContext(command)) {
        takeContext(memory, at, high, count);
        return true;
      }
      addresses[count] = memory.read64(at);
      commands[count] = command;
      options = count == 0 ? (int) (high >>> 32) : options;
      length += command & 0xFFFF;
      count++;
      if ((command & END_OF_PACKET) != 0) {
        fetch(memory, count, length);
        finish(memory, count);
        return true;
      }
    }
    if (count < MOST_DESCRIPTORS) {
      return false;
    }
    statistics.malformed();
    finish(memory, count);
    return true;
  }

  private static boolean isContext(int command) {
    return (command & ADVANCED) != 0 && (command >>> TYPE_SHIFT & 0xF) == CONTEXT;
  }

  /** A context among the descriptors of a packet ends that packet, which is none then. */
  private void takeContext(DmaMemory memory, long at, long high, int before) {
    if (before > 0) {
      statistics.malformed();
      finish(memory, before);
      return;
    }
    int index = (int) (high >>> 32) >>> CONTEXT_INDEX_SHIFT & CONTEXTS - 1;
    contexts[index].take(memory.read64(at), high);
    commands[0] = (int) high;
    finish(memory, 1);
  }

  /** Gives descriptors back to the driver. */
  private void finish(DmaMemory memory, int count) {
    long headAddress = registers.headAddress();
    for (int i = 0; i < count; i++) {
      if ((commands[i] & REPORT_STATUS) != 0 && headAddress == 0) {
        memory.write32(registers.addressFromHead(i) + STATUS, DONE);
      }
    }
    registers.advance(count);
    if (headAddress != 0) {
      memory.write32(headAddress, registers.head());
    }
  }

  /** Makes packets of these descriptors. */
  private void fetch(DmaMemory memory, int count, int length) {
    int room = Math.max(length, LEAST_FRAME_BYTES) + FrameHeaders.TAG_BYTES;
    if (length < FrameHeaders.ETHERNET_BYTES || room > Packet.MOST_FRAME_BYTES) {
      statistics.malformed();
      return;
    }
    Packet packet = Packet.take(room);
    packet.length(length);
    int at = Packet.FRAME;
    boolean right = true;
    for (int i = 0; i < count; i++) {
      int bytes = commands[i] & 0xFFFF;
      right &= bytes == 0 || memory.read(addresses[i], packet.bytes(), at, bytes);
      at += bytes;
    }
    if (!right || !offload(packet)) {
      statistics.malformed();
      packet.release();
    }
  }

  private boolean offload(Packet packet) {
    int command = commands[0];
    boolean advanced = (command & ADVANCED) != 0;
    TransmitContext context = contexts[options >>> CONTEXT_INDEX_SHIFT & CONTEXTS - 1];
    if (advanced && (command & SEGMENT) != 0) {
      if (!context.segment(packet, fetched)) {
        return false;
      }
      statistics.segmented();
    } else {
      if (advanced && (options & IP_CHECKSUM) != 0) {
        context.finishIpv4(packet);
      }
      if (advanced && (options & TRANSPORT_CHECKSUM) != 0) {
        context.beginChecksum(packet);
      }
      fetched.add(packet);
    }
    int vlan = advanced ? context.vlan() : options >>> 16;
    for (Packet piece : fetched) {
      pad(piece);
      insertVlan(piece, command, vlan);
    }
    return true;
  }

  private static void pad(Packet packet) {
    int length = packet.length();
    if (length < LEAST_FRAME_BYTES) {
      packet.length(LEAST_FRAME_BYTES);
      Arrays.fill(
          packet.bytes(), Packet.FRAME + length, Packet.FRAME + LEAST_FRAME_BYTES, (byte) 0);
    }
  }

  private void insertVlan(Packet packet, int command, int vlan) {
    boolean insert = (command & INSERT_VLAN) != 0;
    int tag = vlan;
    int rule = filter.isVirtualized() ? shared.get(Register.VMVIR + 4 * pool()) : 0;
    if ((rule & ALWAYS_DEFAULT_VLAN) != 0) {
      insert = true;
      tag = rule & 0xFFFF;
    } else if ((rule & NEVER_VLAN) != 0) {
      insert = false;
    }
    if (insert) {
      insertTag(packet, shared.get(Register.VET) & 0xFFFF, tag);
    }
  }

  private static void insertTag(Packet packet, int type, int tag) {
    byte[] bytes = packet.bytes();
    int from = Packet.FRAME + FrameHeaders.ETHERNET_BYTES - 2;
    int length = packet.length();
    packet.length(length + FrameHeaders.TAG_BYTES);
    System.arraycopy(
        bytes,
        from,
        bytes,
        from + FrameHeaders.TAG_BYTES,
        length - FrameHeaders.ETHERNET_BYTES + 2);
    InternetSum.put16(bytes, from, type);
    InternetSum.put16(bytes, from + 2, tag);
    if (packet.needsChecksum()) {
      packet.header16(Packet.CHECKSUM_START, packet.checksumStart() + FrameHeaders.TAG_BYTES);
    }
    if (packet.segmentation() != Packet.SEGMENTATION_NONE) {
      int headers = packet.header16(Packet.HEADER_LENGTH);
      packet.header16(Packet.HEADER_LENGTH, headers + FrameHeaders.TAG_BYTES);
    }
  }

  synchronized void save(StateWriter out) {
    for (TransmitContext context : contexts) {
      context.save(out);
    }
  }

  synchronized void restore(StateReader in) {
    for (TransmitContext context : contexts) {
      context.restore(in);
    }
  }
}

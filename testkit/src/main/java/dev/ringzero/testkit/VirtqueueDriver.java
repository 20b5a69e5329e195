package dev.ringzero.testkit;

import dev.ringzero.memory.GuestMemory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** A driver's side of a split virtqueue, which lies at one place of guest memory in one piece. */
public final class VirtqueueDriver {
  private static final int DESCRIPTOR_BYTES = 16;
  private static final int NEXT = 1;
  private static final int WRITE = 2;
  private static final int INDIRECT = 4;

  private final GuestMemory memory;
  private final int size;
  private final long table;
  private final long available;
  private final long used;
  private final Deque<Integer> free = new ArrayDeque<>();
  private final int[] chainLengths;
  private int availableIndex;
  private int usedIndex;

  /** One piece of a buffer. */
  public record Piece(long gpa, int lengthBytes, boolean writable) {}

  /** A buffer that came back. */
  public record Used(int head, int writtenBytes) {}

  /** A queue of a size, a power of two, at a page of RAM. */
  public VirtqueueDriver(GuestMemory memory, long gpa, int size) {
    this.memory = memory;
    this.size = size;
    table = gpa;
    available = table + (long) DESCRIPTOR_BYTES * size;
    used = available + 6 + 2L * size + 3 & ~3;
    chainLengths = new int[size];
    for (int i = 0; i < size; i++) {
      free.add(i);
    }
    memory.fill(gpa, used + 6 + 8L * size - gpa, 0);
  }

  public static Piece readable(long gpa, int lengthBytes) {
    return new Piece(gpa, lengthBytes, false);
  }

  public static Piece writable(long gpa, int lengthBytes) {
    return new Piece(gpa, lengthBytes, true);
  }

  public long table() {
    return table;
  }

  public long available() {
    return available;
  }

  public long used() {
    return used;
  }

  public int size() {
    return size;
  }

  /** Makes a buffer available; returns its head. */
  public int add(Piece... pieces) {
    int head = free.element();
    for (int i = 0; i < pieces.length; i++) {
      int index = free.remove();
      boolean last = i == pieces.length - 1;
      int next = last ? 0 : free.element();
      descriptor(index, pieces[i], last ? 0 : NEXT, next);
    }
    chainLengths[head] = pieces.length;
    publish(head);
    return head;
  }

  /** Makes a buffer available through a table at a place. */
  public int addIndirect(long tableGpa, Piece... pieces) {
    for (int i = 0; i < pieces.length; i++) {
      int flags = i < pieces.length - 1 ? NEXT : 0;
      write(tableGpa + (long) DESCRIPTOR_BYTES * i, pieces[i], flags, i + 1);
    }
    int head = free.remove();
    rawDescriptor(head, tableGpa, DESCRIPTOR_BYTES * pieces.length, INDIRECT, 0);
    chainLengths[head] = 1;
    publish(head);
    return head;
  }

  private void descriptor(int index, Piece piece, int flags, int next) {
    write(table + (long) DESCRIPTOR_BYTES * index, piece, flags, next);
  }

  private void write(long at, Piece piece, int flags, int next) {
    memory.write64(at, piece.gpa());
    memory.write32(at + 8, piece.lengthBytes());
    memory.write16(at + 12, flags | (piece.writable() ? WRITE : 0));
    memory.write16(at + 14, next);
  }

  /** Writes a descriptor as it is told, right or wrong. */
  public void rawDescriptor(int index, long gpa, long lengthBytes, int flags, int next) {
    long at = table + (long) DESCRIPTOR_BYTES * index;
    memory.write64(at, gpa);
    memory.write32(at + 8, lengthBytes);
    memory.write16(at + 12, flags);
    memory.write16(at + 14, next);
  }

  /** Puts a head into the available ring, right or wrong. */
  public void publish(int head) {
    memory.write16(available + 4 + 2L * (availableIndex % size), head);
    setAvailableIndex(availableIndex + 1);
  }

  /** Moves the available index to wherever. */
  public void setAvailableIndex(int index) {
    availableIndex = index & 0xFFFF;
    memory.write16(available + 2, availableIndex);
  }

  /** Sets after which used index the driver wants an interrupt. */
  public void usedEvent(int index) {
    memory.write16(available + 4 + 2L * size, index);
  }

  /** After which available index the device wants to be told. */
  public int availableEvent() {
    return (int) memory.read16(used + 4 + 8L * size);
  }

  /** Sets whether the driver wants no interrupts, where there is no event index. */
  public void noInterrupt(boolean unwanted) {
    memory.write16(available, unwanted ? 1 : 0);
  }

  /** Takes the buffers that came back. */
  public List<Used> takeUsed() {
    List<Used> back = new ArrayList<>();
    while (usedIndex != memory.read16(used + 2)) {
      long entry = used + 4 + 8L * (usedIndex % size);
      Used buffer = new Used((int) memory.read32(entry), (int) memory.read32(entry + 4));
      recycle(buffer.head());
      back.add(buffer);
      usedIndex = usedIndex + 1 & 0xFFFF;
    }
    return back;
  }

  private void recycle(int head) {
    int index = head;
    for (int i = 0; i < chainLengths[head]; i++) {
      free.add(index);
      index = (int) memory.read16(table + (long) DESCRIPTOR_BYTES * index + 14);
    }
  }
}

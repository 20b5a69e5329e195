package dev.ringzero.devices.virtio.queue;

import static dev.ringzero.devices.virtio.queue.Descriptors.*;

import dev.ringzero.devices.virtio.VirtioFeature;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import dev.ringzero.memory.DmaMemory;
import java.lang.invoke.VarHandle;

/**
 * The split layout: a table of descriptors, a ring of available heads and a ring of used ones.
 *
 * @spec Virtual I/O Device (VIRTIO) 1.2, "Split Virtqueues"
 */
final class SplitRing implements Ring {
  private static final int FLAGS = 0; // of both rings
  private static final int INDEX = 2; // of both rings
  private static final int ENTRIES = 4; // of both rings
  private static final int AVAIL_ENTRY_BYTES = 2;
  private static final int USED_ENTRY_BYTES = 8;
  private static final int NO_INTERRUPT = 1; // VIRTQ_AVAIL_F_NO_INTERRUPT
  private static final int NO_NOTIFY = 1; // VIRTQ_USED_F_NO_NOTIFY

  private final DmaMemory memory;
  private final int size;
  private final long table;
  private final long available;
  private final long used;
  private final long usedEvent;
  private final long availableEvent;
  private final boolean eventIndex;
  private final boolean indirectAllowed;

  private int nextAvailable;
  private int nextUsed;
  private int signalled;
  private String misuse;

  SplitRing(DmaMemory memory, QueueLayout layout) {
    this.memory = memory;
    size = layout.size();
    table = layout.descriptors();
    available = layout.driverArea();
    used = layout.deviceArea();
    usedEvent = available + ENTRIES + (long) AVAIL_ENTRY_BYTES * size;
    availableEvent = used + ENTRIES + (long) USED_ENTRY_BYTES * size;
    eventIndex = layout.has(VirtioFeature.VIRTIO_F_EVENT_IDX);
    indirectAllowed = layout.has(VirtioFeature.VIRTIO_F_INDIRECT_DESC);
  }

  private static int wrap(int index) {
    return index & 0xFFFF;
  }

  @Override
  public boolean hasAvailable() {
    return memory.read16(available + INDEX) != nextAvailable;
  }

  @Override
  public Taken take(DescriptorChain chain) {
    int index = (int) memory.read16(available + INDEX);
    if (index == nextAvailable) {
      return Taken.NOTHING;
    }
    if (wrap(index - nextUsed) > size || wrap(index - nextAvailable) > size) {
      return misused("an available index that jumped");
    }
    int slot = nextAvailable & size - 1;
    chain.clear();
    chain.id = (int) memory.read16(available + ENTRIES + (long) AVAIL_ENTRY_BYTES * slot);
    chain.slots = 1;
    String complaint = walk(chain, table, size, chain.id, indirectAllowed);
    if (complaint != null) {
      return misused(complaint);
    }
    nextAvailable = wrap(nextAvailable + 1);
    return Taken.BUFFER;
  }

  private Taken misused(String how) {
    misuse = how;
    return Taken.MISUSE;
  }

  /** Follows a chain; no more descriptors than the table has, so that a loop ends. */
  private String walk(
      DescriptorChain chain, long descriptors, int count, int head, boolean mayIndirect) {
    int index = head;
    for (int steps = 0; steps < count; steps++) {
      if (index >= count) {
        return "a descriptor number behind the end of the table";
      }
      long descriptor = descriptors + (long) BYTES * index;
      long gpa = memory.read64(descriptor + ADDRESS);
      long length = memory.read32(descriptor + LENGTH);
      int flags = (int) memory.read16(descriptor + SPLIT_FLAGS);
      if ((flags & INDIRECT) != 0) {
        return mayIndirect && (flags & NEXT) == 0
            ? walkIndirect(chain, gpa, length)
            : "an indirect descriptor where there must be none";
      }
      String complaint = chain.add(gpa, length, (flags & WRITE) != 0);
      if (complaint != null || (flags & NEXT) == 0) {
        return complaint;
      }
      index = (int) memory.read16(descriptor + SPLIT_NEXT);
    }
    return "a descriptor chain that loops";
  }

  private String walkIndirect(DescriptorChain chain, long gpa, long lengthBytes) {
    if (lengthBytes == 0 || lengthBytes % BYTES != 0 || !memory.isRam(gpa, lengthBytes)) {
      return "an indirect table of " + lengthBytes + " bytes or outside RAM";
    }
    int count = (int) Math.min(lengthBytes / BYTES, DescriptorChain.MOST_PIECES + 1);
    return walk(chain, gpa, count, 0, false);
  }

  @Override
  public void putBack(DescriptorChain chain) {
    nextAvailable = wrap(nextAvailable - 1);
  }

  @Override
  public void complete(DescriptorChain chain, long writtenBytes) {
    fill(nextUsed, chain, writtenBytes);
    publish(1);
  }

  @Override
  public void complete(DescriptorChain[] chains, int[] writtenBytes, int count) {
    for (int i = 0; i < count; i++) {
      fill(nextUsed + i, chains[i], writtenBytes[i]);
    }
    publish(count);
  }

  private void fill(int index, DescriptorChain chain, long writtenBytes) {
    long entry = used + ENTRIES + (long) USED_ENTRY_BYTES * (index & size - 1);
    memory.write32(entry, chain.id);
    memory.write32(entry + 4, writtenBytes);
  }

  private void publish(int count) {
    nextUsed = wrap(nextUsed + count);
    VarHandle.releaseFence();
    memory.write16(used + INDEX, nextUsed);
  }

  @Override
  public boolean isSignalDue() {
    int before = signalled;
    signalled = nextUsed;
    if (before == nextUsed) {
      return false;
    }
    VarHandle.fullFence();
    if (!eventIndex) {
      return (memory.read16(available + FLAGS) & NO_INTERRUPT) == 0;
    }
    int event = (int) memory.read16(usedEvent);
    return wrap(nextUsed - event - 1) < wrap(nextUsed - before);
  }

  @Override
  public void wantNotifications(boolean wanted) {
    if (!eventIndex) {
      memory.write16(used + FLAGS, wanted ? 0 : NO_NOTIFY);
    } else if (wanted) {
      memory.write16(availableEvent, nextAvailable);
    }
    VarHandle.fullFence();
  }

  @Override
  public String misuse() {
    return misuse;
  }

  @Override
  public void save(StateWriter out) {
    out.writeInt(nextAvailable);
    out.writeInt(nextUsed);
    out.writeInt(signalled);
  }

  @Override
  public void restore(StateReader in) {
    nextAvailable = wrap(in.readInt());
    nextUsed = wrap(in.readInt());
    signalled = wrap(in.readInt());
  }
}

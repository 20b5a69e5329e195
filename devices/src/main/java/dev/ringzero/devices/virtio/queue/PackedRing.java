package dev.ringzero.devices.virtio.queue;

import static dev.ringzero.devices.virtio.queue.Descriptors.*;

import dev.ringzero.devices.virtio.VirtioFeature;
import dev.ringzero.engine.state.StateException;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import dev.ringzero.memory.DmaMemory;
import java.lang.invoke.VarHandle;

/**
 * The packed layout: one ring of descriptors that driver and device write in turn. A descriptor's
 * AVAIL and USED bits tell whose it is; both sides know by a wrap counter what the bits mean now.
 *
 * @spec Virtual I/O Device (VIRTIO) 1.2, "Packed Virtqueues"
 */
final class PackedRing implements Ring {
  private static final int EVENT_OFFSET = 0; // offset in bits 14:0, wrap counter in bit 15
  private static final int EVENT_FLAGS = 2;
  private static final int EVENT_FLAGS_MASK = 3;
  private static final int EVENT_WRAP = 1 << 15;
  private static final int ENABLE = 0; // RING_EVENT_FLAGS_ENABLE
  private static final int DISABLE = 1; // RING_EVENT_FLAGS_DISABLE
  private static final int AT_DESCRIPTOR = 2; // RING_EVENT_FLAGS_DESC

  private final DmaMemory memory;
  private final int size;
  private final long ring;
  private final long driverEvents;
  private final long deviceEvents;
  private final boolean eventIndex;
  private final boolean indirectAllowed;

  private int nextAvailable;
  private boolean availableWrap = true;
  private int nextUsed;
  private boolean usedWrap = true;
  private int takenSlots;
  private int unsignalledSlots;
  private String misuse;

  PackedRing(DmaMemory memory, QueueLayout layout) {
    this.memory = memory;
    size = layout.size();
    ring = layout.descriptors();
    driverEvents = layout.driverArea();
    deviceEvents = layout.deviceArea();
    eventIndex = layout.has(VirtioFeature.VIRTIO_F_EVENT_IDX);
    indirectAllowed = layout.has(VirtioFeature.VIRTIO_F_INDIRECT_DESC);
  }

  private long descriptor(int index) {
    return ring + (long) BYTES * index;
  }

  @Override
  public boolean hasAvailable() {
    int flags = (int) memory.read16(descriptor(nextAvailable) + PACKED_FLAGS);
    boolean avail = (flags & AVAIL) != 0;
    boolean used = (flags & USED) != 0;
    return avail == availableWrap && used != availableWrap;
  }

  @Override
  public Taken take(DescriptorChain chain) {
    if (!hasAvailable()) {
      return Taken.NOTHING;
    }
    chain.clear();
    String complaint = walk(chain);
    if (complaint != null) {
      misuse = complaint;
      return Taken.MISUSE;
    }
    takenSlots += chain.slots;
    nextAvailable += chain.slots;
    if (nextAvailable >= size) {
      nextAvailable -= size;
      availableWrap = !availableWrap;
    }
    return Taken.BUFFER;
  }

  private String walk(DescriptorChain chain) {
    int free = size - takenSlots;
    for (int steps = 0; steps < free; steps++) {
      long descriptor = descriptor((nextAvailable + steps) % size);
      long gpa = memory.read64(descriptor + ADDRESS);
      long length = memory.read32(descriptor + LENGTH);
      int flags = (int) memory.read16(descriptor + PACKED_FLAGS);
      chain.id = (int) memory.read16(descriptor + PACKED_ID);
      chain.slots = steps + 1;
      if ((flags & INDIRECT) != 0) {
        return indirectAllowed && steps == 0 && (flags & NEXT) == 0
            ? walkIndirect(chain, gpa, length)
            : "an indirect descriptor where there must be none";
      }
      String complaint = chain.add(gpa, length, (flags & WRITE) != 0);
      if (complaint != null || (flags & NEXT) == 0) {
        return complaint;
      }
    }
    return "more descriptors available than the ring has";
  }

  /** An indirect table of a packed queue is used from its start to its end. */
  private String walkIndirect(DescriptorChain chain, long gpa, long lengthBytes) {
    boolean fits = lengthBytes <= (long) BYTES * DescriptorChain.MOST_PIECES;
    if (lengthBytes == 0 || lengthBytes % BYTES != 0 || !fits || !memory.isRam(gpa, lengthBytes)) {
      return "an indirect table of " + lengthBytes + " bytes or outside RAM";
    }
    for (long at = gpa, end = gpa + lengthBytes; at < end; at += BYTES) {
      int flags = (int) memory.read16(at + PACKED_FLAGS);
      if ((flags & INDIRECT) != 0) {
        return "an indirect descriptor where there must be none";
      }
      long pieceGpa = memory.read64(at + ADDRESS);
      long pieceBytes = memory.read32(at + LENGTH);
      String complaint = chain.add(pieceGpa, pieceBytes, (flags & WRITE) != 0);
      if (complaint != null) {
        return complaint;
      }
    }
    return null;
  }

  @Override
  public void putBack(DescriptorChain chain) {
    takenSlots -= chain.slots;
    nextAvailable -= chain.slots;
    if (nextAvailable < 0) {
      nextAvailable += size;
      availableWrap = !availableWrap;
    }
  }

  @Override
  public void complete(DescriptorChain chain, long writtenBytes) {
    long descriptor = descriptor(nextUsed);
    int flags = fill(chain, writtenBytes);
    VarHandle.releaseFence();
    memory.write16(descriptor + PACKED_FLAGS, flags);
  }

  /** The driver looks at the first one first: its flags come last. */
  @Override
  public void complete(DescriptorChain[] chains, int[] writtenBytes, int count) {
    long first = descriptor(nextUsed);
    int firstFlags = fill(chains[0], writtenBytes[0]);
    for (int i = 1; i < count; i++) {
      long descriptor = descriptor(nextUsed);
      memory.write16(descriptor + PACKED_FLAGS, fill(chains[i], writtenBytes[i]));
    }
    VarHandle.releaseFence();
    memory.write16(first + PACKED_FLAGS, firstFlags);
  }

  /**
   * Fills the next used descriptor but for its flags, which it returns, and goes on to the next.
   */
  private int fill(DescriptorChain chain, long writtenBytes) {
    long descriptor = descriptor(nextUsed);
    memory.write16(descriptor + PACKED_ID, chain.id);
    memory.write32(descriptor + LENGTH, writtenBytes);
    int flags = (usedWrap ? AVAIL | USED : 0) | (writtenBytes > 0 ? WRITE : 0);
    takenSlots -= chain.slots;
    unsignalledSlots += chain.slots;
    nextUsed += chain.slots;
    if (nextUsed >= size) {
      nextUsed -= size;
      usedWrap = !usedWrap;
    }
    return flags;
  }

  @Override
  public boolean isSignalDue() {
    int added = unsignalledSlots;
    unsignalledSlots = 0;
    if (added == 0) {
      return false;
    }
    VarHandle.fullFence();
    return switch ((int) memory.read16(driverEvents + EVENT_FLAGS) & EVENT_FLAGS_MASK) {
      case DISABLE -> false;
      case AT_DESCRIPTOR -> eventIndex && passed((int) memory.read16(driverEvents), added);
      default -> true;
    };
  }

  /** Whether one of the descriptors used last is the one that the driver waits for. */
  private boolean passed(int event, int added) {
    boolean sameLap = (event & EVENT_WRAP) != 0 == usedWrap;
    int offset = (event & ~EVENT_WRAP) - (sameLap ? 0 : size);
    return (nextUsed - offset - 1 & 0xFFFF) < added;
  }

  @Override
  public void wantNotifications(boolean wanted) {
    int flags = DISABLE;
    if (wanted && eventIndex) {
      memory.write16(deviceEvents + EVENT_OFFSET, nextAvailable | (availableWrap ? EVENT_WRAP : 0));
      flags = AT_DESCRIPTOR;
    } else if (wanted) {
      flags = ENABLE;
    }
    memory.write16(deviceEvents + EVENT_FLAGS, flags);
    VarHandle.fullFence();
  }

  @Override
  public String misuse() {
    return misuse;
  }

  @Override
  public void save(StateWriter out) {
    out.writeInt(nextAvailable);
    out.writeBoolean(availableWrap);
    out.writeInt(nextUsed);
    out.writeBoolean(usedWrap);
    out.writeInt(takenSlots);
    out.writeInt(unsignalledSlots);
  }

  @Override
  public void restore(StateReader in) {
    nextAvailable = index(in.readInt(), size - 1);
    availableWrap = in.readBoolean();
    nextUsed = index(in.readInt(), size - 1);
    usedWrap = in.readBoolean();
    takenSlots = index(in.readInt(), size);
    unsignalledSlots = index(in.readInt(), Integer.MAX_VALUE);
  }

  private static int index(int value, int most) {
    if (value < 0 || value > most) {
      throw new StateException("an index outside a virtqueue");
    }
    return value;
  }
}

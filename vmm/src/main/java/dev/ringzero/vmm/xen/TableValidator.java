package dev.ringzero.vmm.xen;

import dev.ringzero.memory.FramePool;
import dev.ringzero.memory.MachineMemory;
import dev.ringzero.vmm.xen.FrameTable.Type;
import dev.ringzero.x86.AddressWidth;
import dev.ringzero.x86.PageEntry;

/**
 * Checks page tables of a paravirtual guest before a processor may walk them, and every change of
 * them afterwards. All that a valid table leads to belongs to the guest, lower tables are valid,
 * and no table or descriptor page is mapped writable. Guarded by the lock of the {@link XenDomain}.
 *
 * <p>Not modelled: large pages, recursive (linear) page tables, foreign and granted frames.
 *
 * @spec Xen, arch/x86/mm.c
 */
final class TableValidator {
  static final int ENTRIES = 512;
  private static final int ENTRY_BYTES = 8;
  private static final int TOP = 4;

  /** Slots of a top table that belong to the monitor. */
  static final int FIRST_MONITOR_SLOT = 256;

  static final int LAST_MONITOR_SLOT = 271;

  private static final long RESERVED = PageEntry.ADDRESS & -(1L << AddressWidth.PHYSICAL_BITS);
  private static final long KEPT =
      PageEntry.P | PageEntry.RW | PageEntry.US | PageEntry.A | PageEntry.D;
  private static final long USED = PageEntry.A | PageEntry.D;

  private final FrameTable frames;
  private final long[] monitorSlots;
  private final Listener listener;
  private long validations;

  /** Who learns what processors may hold in vain. */
  interface Listener {
    /**
     * What is mapped there may be mapped otherwise, or with fewer rights, than before.
     *
     * @param linear its address, or as {@link FrameTable#place} says
     * @param page whether it is a single page
     */
    void changed(long linear, boolean page);

    /** An entry of a top table has changed. */
    void topChanged();

    /** A frame is no top table any more. */
    void topGone(long mfn);
  }

  /**
   * @param monitorSlots what the monitor puts into its slots of each top table
   */
  TableValidator(FrameTable frames, long[] monitorSlots, Listener listener) {
    this.frames = frames;
    this.monitorSlots = monitorSlots;
    this.listener = listener;
  }

  /** Tables validated so far. */
  long validations() {
    return validations;
  }

  /** Uses a frame as a type, validated. */
  void take(long mfn, Type type) {
    take(mfn, type, FrameTable.NO_PLACE);
  }

  private void take(long mfn, Type type, long place) {
    if (!frames.take(mfn, type)) {
      if (type.level() > 0 && type != Type.L4 && place != FrameTable.NO_PLACE) {
        link(mfn, type.level(), place);
      }
      return;
    }
    frames.place(mfn, type == Type.L4 ? 0 : place);
    try {
      if (type.level() > 0) {
        validate(mfn, type.level());
      } else if (type == Type.DESCRIPTORS) {
        Descriptors.validate(mfn);
      }
    } catch (XenError e) {
      frames.give(mfn, type);
      throw e;
    }
  }

  /** A table, already valid, is linked at a place, perhaps not the first. */
  private void link(long mfn, int level, long place) {
    long linked = frames.link(mfn, place);
    if (linked == FrameTable.NO_PLACE) {
      return;
    }
    for (int index = 0; level > 1 && index < ENTRIES; index++) {
      long entry = MachineMemory.read64(entryHpa(mfn, index));
      if ((entry & PageEntry.P) != 0) {
        link(mfn(entry), level - 1, place(linked, level, index));
      }
    }
  }

  /** Linear address of what an entry of a table at this place maps first. */
  private static long place(long table, int level, int index) {
    if (table == FrameTable.NO_PLACE || table == FrameTable.SEVERAL_PLACES) {
      return table;
    }
    long linear = table + ((long) index << 12 + 9 * (level - 1));
    return linear << 16 >> 16;
  }

  /** Ends a use; what a table refers to goes with its last. */
  void give(long mfn, Type type) {
    if (frames.give(mfn, type) && type.level() > 0) {
      if (type == Type.L4) {
        listener.topGone(mfn);
      }
      for (int index = 0; index < ENTRIES; index++) {
        if (!isMonitors(type.level(), index)) {
          giveEntry(MachineMemory.read64(entryHpa(mfn, index)), type.level());
        }
      }
    }
  }

  static boolean isMonitors(int level, int index) {
    return level == TOP && index >= FIRST_MONITOR_SLOT && index <= LAST_MONITOR_SLOT;
  }

  private static long entryHpa(long mfn, int index) {
    return (mfn << FramePool.FRAME_SHIFT) + (long) index * ENTRY_BYTES;
  }

  private void validate(long mfn, int level) {
    validations++;
    int index = 0;
    try {
      for (; index < ENTRIES; index++) {
        long hpa = entryHpa(mfn, index);
        if (isMonitors(level, index)) {
          MachineMemory.write64(hpa, monitorSlots[index - FIRST_MONITOR_SLOT]);
        } else {
          long entry = MachineMemory.read64(hpa);
          if ((entry & PageEntry.P) != 0) {
            takeEntry(entry, level, place(frames.place(mfn), level, index));
            MachineMemory.write64(hpa, entry | PageEntry.US);
          }
        }
      }
    } catch (XenError e) {
      while (--index >= 0) {
        if (!isMonitors(level, index)) {
          giveEntry(MachineMemory.read64(entryHpa(mfn, index)), level);
        }
      }
      throw e;
    }
  }

  private void takeEntry(long entry, int level, long place) {
    if ((entry & RESERVED) != 0 || level > 1 && (entry & PageEntry.PS) != 0) {
      throw XenError.INVALID;
    }
    long mfn = mfn(entry);
    frames.owned(mfn);
    if (level > 1) {
      take(mfn, Type.table(level - 1), place);
    } else if ((entry & PageEntry.RW) != 0) {
      take(mfn, Type.WRITABLE);
    }
    frames.reference(mfn);
  }

  private void giveEntry(long entry, int level) {
    if ((entry & PageEntry.P) == 0) {
      return;
    }
    long mfn = mfn(entry);
    if (level > 1) {
      give(mfn, Type.table(level - 1));
    } else if ((entry & PageEntry.RW) != 0) {
      give(mfn, Type.WRITABLE);
    }
    frames.dereference(mfn);
  }

  private static long mfn(long entry) {
    return (entry & PageEntry.ADDRESS) >>> FramePool.FRAME_SHIFT;
  }

  /** As {@link #change(long, int, long, boolean)}, by the machine address of the entry. */
  void change(long entryHpa, long wanted, boolean keepUsed) {
    long index = (entryHpa & FramePool.FRAME_BYTES - 1) / ENTRY_BYTES;
    change(entryHpa >>> FramePool.FRAME_SHIFT, (int) index, wanted, keepUsed);
  }

  /**
   * Changes an entry of a validated table.
   *
   * @param keepUsed whether accessed and dirty bits of the old entry stay
   */
  void change(long tableMfn, int index, long wanted, boolean keepUsed) {
    int level = frames.type(tableMfn).level();
    if (isMonitors(level, index)) {
      throw XenError.INVALID;
    }
    long hpa = entryHpa(tableMfn, index);
    boolean present = (wanted & PageEntry.P) != 0;
    long entry = present ? wanted | PageEntry.US : wanted;
    long place = place(frames.place(tableMfn), level, index);
    long secondPlace = place(frames.secondPlace(tableMfn), level, index);
    if (present) {
      takeEntry(entry, level, place);
      if (level > 1 && secondPlace != FrameTable.NO_PLACE) {
        link(mfn(entry), level - 1, secondPlace);
      }
    }
    long old;
    long value;
    do {
      old = MachineMemory.read64(hpa);
      value = keepUsed ? entry | old & USED : entry;
    } while (!MachineMemory.compareAndSet64(hpa, old, value));
    if (level == TOP) {
      listener.topChanged();
    }
    if (mayBeCached(old, value, level)) {
      listener.changed(place, level == 1);
      if (secondPlace != FrameTable.NO_PLACE) {
        listener.changed(secondPlace, level == 1);
      }
    }
    giveEntry(old, level);
  }

  /** Whether a processor may have cached of an entry what a new value does not allow. */
  private static boolean mayBeCached(long old, long value, int level) {
    long used = level == 1 ? PageEntry.P | PageEntry.A : PageEntry.P;
    if ((old & used) != used) {
      return false;
    }
    return ((old ^ value) & PageEntry.ADDRESS) != 0
        || (old & ~value & KEPT) != 0
        || (value & ~old & PageEntry.XD) != 0;
  }
}

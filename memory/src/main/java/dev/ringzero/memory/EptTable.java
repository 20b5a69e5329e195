package dev.ringzero.memory;

import dev.ringzero.x86.Ept;

/**
 * A second-level table from guest-physical to machine addresses in EPT format, four levels, in
 * frames of the pool. Structural changes are made under one lock, see {@link FrameSupply};
 * processors walk it at the same time, and set accessed and dirty bits.
 *
 * <p>Whoever takes rights away must {@link Revoker#revoke} them afterwards.
 *
 * @spec Intel SDM Vol. 3C, "EPT Translation Mechanism"
 */
public final class EptTable {
  public static final long SIZE_4K = 1L << 12;
  public static final long SIZE_2M = 1L << 21;
  public static final long SIZE_1G = 1L << 30;

  /** Guest-physical addresses are below it: 48 bits. */
  public static final long LIMIT = 1L << 48;

  private static final int ENTRIES = 512;

  private final FramePool pool;
  private final long root;
  private long tableFrames;

  /**
   * An empty table.
   *
   * @throws OutOfFramesException if the pool has no frame for its root
   */
  public EptTable(FramePool pool) {
    this.pool = pool;
    this.root = newTable();
  }

  /** Machine address of the top-level table. */
  public long root() {
    return root;
  }

  /** The EPT pointer: write-back, four levels, accessed and dirty bits enabled. */
  public long pointer() {
    return root | Ept.POINTER_WRITE_BACK | Ept.POINTER_FOUR_LEVELS | Ept.POINTER_ACCESSED_DIRTY;
  }

  /** Frames that the table itself takes. */
  public long tableFrames() {
    return tableFrames;
  }

  /**
   * Maps a page of 4 KiB, 2 MiB or 1 GiB, where nothing is mapped.
   *
   * @param rights of {@link Ept#RIGHTS}
   * @throws OutOfFramesException if a table is needed and the pool is exhausted; nothing changed
   */
  public void map(long gpa, long hpa, long sizeBytes, long rights) {
    long entry = tableEntry(gpa, sizeBytes);
    if (present(MachineMemory.read64(entry))) {
      throw new IllegalStateException("gpa 0x" + Long.toHexString(gpa) + " is mapped already");
    }
    long large = sizeBytes == SIZE_4K ? 0 : Ept.LARGE;
    MachineMemory.write64(entry, hpa | rights | Ept.WRITE_BACK | large);
  }

  /**
   * Takes away the mapping of a page, or of all pages below this entry.
   *
   * @return the leaf that was there, 0 if none
   */
  public long unmap(long gpa, long sizeBytes) {
    long entry = findEntry(gpa, sizeBytes);
    return entry < 0 ? 0 : exchange(entry, 0);
  }

  /** Sets the rights of a mapped page; its size must be this one. */
  public void protect(long gpa, long sizeBytes, long rights) {
    long entry = findEntry(gpa, sizeBytes);
    long old;
    do {
      old = MachineMemory.read64(entry);
    } while (!MachineMemory.compareAndSet64(entry, old, old & ~Ept.RIGHTS | rights));
  }

  /**
   * Turns the large page around {@code gpa}, if there is one, into pages of the next smaller size.
   */
  public void split(long gpa) {
    long size = mappedSize(gpa);
    if (size <= SIZE_4K) {
      return;
    }
    long entry = findEntry(gpa, size);
    long part = size >>> 9;
    long table = newTable();
    long leaf;
    do {
      leaf = MachineMemory.read64(entry);
      long template = part == SIZE_4K ? leaf & ~Ept.LARGE : leaf;
      for (int i = 0; i < ENTRIES; i++) {
        MachineMemory.write64(table + i * 8L, template + i * part);
      }
    } while (!MachineMemory.compareAndSet64(entry, leaf, table | Ept.RIGHTS));
  }

  /** The leaf that maps a gpa, or 0. */
  public long leaf(long gpa) {
    long table = root;
    for (int shift = 39; ; shift -= 9) {
      long entry = MachineMemory.read64(slot(table, gpa, shift));
      if (!present(entry)) {
        return 0;
      }
      if (shift == 12 || (entry & Ept.LARGE) != 0) {
        return entry;
      }
      table = entry & Ept.ADDRESS;
    }
  }

  /** Size of the page that maps a gpa, or 0. */
  public long mappedSize(long gpa) {
    long table = root;
    for (int shift = 39; ; shift -= 9) {
      long entry = MachineMemory.read64(slot(table, gpa, shift));
      if (!present(entry)) {
        return 0;
      }
      if (shift == 12 || (entry & Ept.LARGE) != 0) {
        return 1L << shift;
      }
      table = entry & Ept.ADDRESS;
    }
  }

  /** Machine address of a gpa, or -1 where nothing is mapped. */
  public long hpa(long gpa) {
    if (gpa < 0 || gpa >= LIMIT) {
      return -1;
    }
    long table = root;
    for (int shift = 39; ; shift -= 9) {
      long entry = MachineMemory.read64(slot(table, gpa, shift));
      if (!present(entry)) {
        return -1;
      }
      if (shift == 12 || (entry & Ept.LARGE) != 0) {
        long offset = gpa & (1L << shift) - 1;
        return (entry & Ept.ADDRESS & -(1L << shift)) + offset;
      }
      table = entry & Ept.ADDRESS;
    }
  }

  /** Whether nothing at all is mapped in the aligned page of this size around {@code gpa}. */
  public boolean isEmpty(long gpa, long sizeBytes) {
    long entry = findEntry(gpa, sizeBytes);
    return entry < 0 || MachineMemory.read64(entry) == 0;
  }

  /** Sets accessed and, for a write, dirty bits of the leaf of a mapped gpa. */
  public void touch(long gpa, boolean write) {
    long entry = findEntry(gpa, mappedSize(gpa));
    long bits = write ? Ept.ACCESSED | Ept.DIRTY : Ept.ACCESSED;
    long old;
    do {
      old = MachineMemory.read64(entry);
    } while ((old & bits) != bits && !MachineMemory.compareAndSet64(entry, old, old | bits));
  }

  /** What {@link #forEachLeaf} calls. */
  @FunctionalInterface
  public interface LeafVisitor {
    void leaf(long gpa, long entry, long sizeBytes);
  }

  /** Calls for every mapped page, in the order of gpa. */
  public void forEachLeaf(LeafVisitor visitor) {
    visit(root, 0, 39, visitor);
  }

  private static void visit(long table, long gpa, int shift, LeafVisitor visitor) {
    for (int i = 0; i < ENTRIES; i++) {
      long entry = MachineMemory.read64(table + i * 8L);
      long address = gpa + ((long) i << shift);
      if (!present(entry)) {
        continue;
      }
      if (shift == 12 || (entry & Ept.LARGE) != 0) {
        visitor.leaf(address, entry, 1L << shift);
      } else {
        visit(entry & Ept.ADDRESS, address, shift - 9, visitor);
      }
    }
  }

  /** Frames of the table by level, 1 to 4. */
  public long[] tableFramesByLevel() {
    long[] frames = new long[5];
    countTables(root, 4, frames);
    return frames;
  }

  private static void countTables(long table, int level, long[] frames) {
    frames[level]++;
    for (int i = 0; level > 1 && i < ENTRIES; i++) {
      long entry = MachineMemory.read64(table + i * 8L);
      if (present(entry) && (entry & Ept.LARGE) == 0) {
        countTables(entry & Ept.ADDRESS, level - 1, frames);
      }
    }
  }

  /** Gives the frames of the table back, not those that it maps. */
  void destroy() {
    free(root, 39);
  }

  private void free(long table, int shift) {
    for (int i = 0; shift > 12 && i < ENTRIES; i++) {
      long entry = MachineMemory.read64(table + i * 8L);
      if (present(entry) && (entry & Ept.LARGE) == 0) {
        free(entry & Ept.ADDRESS, shift - 9);
      }
    }
    pool.free(table >>> FramePool.FRAME_SHIFT);
    tableFrames--;
  }

  private static boolean present(long entry) {
    return (entry & Ept.RIGHTS) != 0;
  }

  private static long slot(long table, long gpa, int shift) {
    return table + (gpa >>> shift & ENTRIES - 1) * 8;
  }

  /** Place of the entry for a page of this size, or -1 if a table above is missing or a leaf. */
  private long findEntry(long gpa, long sizeBytes) {
    long table = root;
    for (int shift = 39; 1L << shift > sizeBytes; shift -= 9) {
      long entry = MachineMemory.read64(slot(table, gpa, shift));
      if (!present(entry) || (entry & Ept.LARGE) != 0) {
        return -1;
      }
      table = entry & Ept.ADDRESS;
    }
    return slot(table, gpa, Long.numberOfTrailingZeros(sizeBytes));
  }

  private long tableEntry(long gpa, long sizeBytes) {
    long table = root;
    for (int shift = 39; 1L << shift > sizeBytes; shift -= 9) {
      long slot = slot(table, gpa, shift);
      long entry = MachineMemory.read64(slot);
      if (!present(entry)) {
        entry = newTable() | Ept.RIGHTS;
        MachineMemory.write64(slot, entry);
      } else if ((entry & Ept.LARGE) != 0) {
        throw new IllegalStateException("gpa 0x" + Long.toHexString(gpa) + " is mapped already");
      }
      table = entry & Ept.ADDRESS;
    }
    return slot(table, gpa, Long.numberOfTrailingZeros(sizeBytes));
  }

  private long newTable() {
    long mfn = pool.allocate();
    if (mfn == FramePool.NONE) {
      throw new OutOfFramesException();
    }
    tableFrames++;
    return mfn << FramePool.FRAME_SHIFT;
  }

  private static long exchange(long entry, long value) {
    long old;
    do {
      old = MachineMemory.read64(entry);
    } while (!MachineMemory.compareAndSet64(entry, old, value));
    return old;
  }
}

package dev.ringzero.cpu.paging;

import dev.ringzero.memory.MachineMemory;
import dev.ringzero.x86.Ept;

/**
 * The walk of tables that an inner guest's monitor keeps, from its guest's physical addresses to
 * its own. Each entry is itself found through the second-level table of the level outside. What it
 * finds is in its fields until the next walk.
 */
public abstract class NestedWalk {
  private SecondLevel outer;

  /** The monitor's physical address. */
  public long gpa;

  /** What the tables allow, as {@link Ept#RIGHTS}. */
  public long rights;

  /** Whether the page may be written without a further walk. */
  public boolean dirty;

  /** Where the inner guest's paging structures were found lately. */
  final TableCache tables = new TableCache();

  /** Machine address of the entry read last, for accessed and dirty bits. */
  private long entryHpa;

  void attach(SecondLevel secondLevel) {
    outer = secondLevel;
  }

  /**
   * Translates.
   *
   * @param access of {@link Ept#RIGHTS}
   * @param table whether an entry of the guest's own paging structures is there
   * @return false if the tables do not allow it; the reason is the implementation's
   */
  public abstract boolean walk(long innerGpa, long access, boolean table);

  /** Rights that reading and marking an entry of the guest's paging structures needs. */
  public abstract long tableAccess();

  /** Whether PAE paging of the guest reads its page-directory-pointer entries at every walk. */
  public boolean readsPdptes() {
    return false;
  }

  /** Forgets what was remembered of the tables; they may have changed. */
  public final void flush() {
    tables.clear();
  }

  /**
   * Reads an entry of the nested tables.
   *
   * @throws dev.ringzero.cpu.ExitSignal if the level outside has no memory there yet
   */
  protected final long readEntry(long tableGpa, int sizeBytes) {
    entryHpa = outer.locateNestedEntry(tableGpa);
    return entryHpa < 0 ? -1L : MachineMemory.read(entryHpa, sizeBytes);
  }

  /** Machine address of the entry that was read last, -1 if there is no memory. */
  protected final long entryHpa() {
    return entryHpa;
  }

  /** Sets bits of an entry; false if it has changed meanwhile. */
  protected final boolean mark(long hpa, long expected, long value, int sizeBytes) {
    boolean marked =
        sizeBytes == 8
            ? MachineMemory.compareAndSet64(hpa, expected, value)
            : MachineMemory.compareAndSet32(hpa, expected, value);
    outer.written(hpa, sizeBytes);
    return marked;
  }
}

package dev.ringzero.vmm.xen;

import dev.ringzero.engine.VirtualCpu;
import dev.ringzero.memory.FramePool;
import dev.ringzero.memory.MachineMemory;
import dev.ringzero.x86.PageEntry;
import java.util.Arrays;

/**
 * What the TLB of a vCPU may still hold although the tables say otherwise. The monitor sees every
 * change of a table; so a guest's flush drops only what has changed since the last, and a change of
 * tables drops nothing that still holds. Lower halves have a tag for each top table, and programs
 * share that of their kernel's table where both halves are the same; kernels' upper halves share
 * one tag while they are the same. Under the lock of the {@link XenDomain}.
 */
final class CachedTranslations {
  private static final int KERNEL_UPPER = 1;
  private static final int PROGRAM_UPPER = 2;
  private static final int PROGRAM_LOWER = 3; // of a table that differs from the kernel's
  private static final int FIRST_LOWER = 4;
  private static final int LOWER_TAGS = 16;
  private static final int LOWER_ENTRIES = 256;
  private static final int LAST_ENTRY = TableValidator.ENTRIES - 1;
  private static final int MOST_PAGES = 64;

  private final VirtualCpu cpu;

  /** The top table of each lower half's tag, 0 for none, and how long ago it was used. */
  private final long[] roots = new long[LOWER_TAGS];

  private final long[] used = new long[LOWER_TAGS];

  /** Whether pages of a lower half have changed since its tag was current. */
  private final boolean[] stale = new boolean[LOWER_TAGS];

  private long uses;
  private int lower;
  private long kernel;
  private long program;
  private boolean shared;
  private boolean sharedUnknown = true;
  private boolean inProgram;

  private final Pages lowerPages = new Pages();
  private final Pages upperPages = new Pages();
  private long dropped;

  /** Pages that have changed since they were last dropped. */
  private static final class Pages {
    private final long[] pages = new long[MOST_PAGES];
    private int count;

    void add(long linear, boolean page) {
      if (count < MOST_PAGES && page) {
        pages[count++] = linear;
      } else {
        count = MOST_PAGES + 1;
      }
    }

    /** A page is dropped now; mostly it is the one that has just changed. */
    void forgetLast(long linear) {
      if (count > 0 && count <= MOST_PAGES && pages[count - 1] == (linear & -4096L)) {
        count--;
      }
    }

    boolean areMany() {
      return count > MOST_PAGES;
    }

    boolean isEmpty() {
      return count == 0;
    }
  }

  CachedTranslations(VirtualCpu cpu) {
    this.cpu = cpu;
  }

  /** Pages and whole tags that were dropped so far. */
  long dropped() {
    return dropped;
  }

  /** The kernel has another top table from now on, and runs; machine frame numbers, 0 for none. */
  void kernelTable(long mfn) {
    flush();
    if (kernel != 0 && !isSame(kernel, mfn, TableValidator.LAST_MONITOR_SLOT + 1, LAST_ENTRY)) {
      dropTag(KERNEL_UPPER);
    }
    kernel = mfn;
    lower = tagOf(mfn);
    sharedUnknown = true;
    enter(false);
  }

  /** Programs have another top table from now on. */
  void programTable(long mfn) {
    flush();
    dropTag(PROGRAM_UPPER);
    program = mfn;
    sharedUnknown = true;
  }

  /** Makes the processor walk the tables of programs or of the kernel. */
  void enter(boolean toProgram) {
    inProgram = toProgram;
    if (!toProgram) {
      cpu.directRoot(kernel << FramePool.FRAME_SHIFT, FIRST_LOWER + lower, KERNEL_UPPER);
      return;
    }
    if (sharedUnknown) {
      sharedUnknown = false;
      shared = isSame(kernel, program, 0, LOWER_ENTRIES - 1);
      if (!shared) {
        dropTag(PROGRAM_LOWER);
      }
    }
    int tag = shared ? FIRST_LOWER + lower : PROGRAM_LOWER;
    cpu.directRoot(program << FramePool.FRAME_SHIFT, tag, PROGRAM_UPPER);
  }

  private static boolean isSame(long one, long other, int first, int last) {
    long oneHpa = one << FramePool.FRAME_SHIFT;
    long otherHpa = other << FramePool.FRAME_SHIFT;
    for (long at = first * 8L; at <= last * 8L; at += 8) {
      long difference = MachineMemory.read64(oneHpa + at) ^ MachineMemory.read64(otherHpa + at);
      if ((difference & ~(PageEntry.A | PageEntry.D)) != 0) {
        return false;
      }
    }
    return true;
  }

  private int tagOf(long mfn) {
    int oldest = 0;
    for (int i = 0; i < LOWER_TAGS; i++) {
      if (roots[i] == mfn) {
        if (stale[i]) {
          dropLower(i);
        }
        used[i] = ++uses;
        return i;
      }
      if (used[i] < used[oldest]) {
        oldest = i;
      }
    }
    dropLower(oldest);
    roots[oldest] = mfn;
    used[oldest] = ++uses;
    return oldest;
  }

  private void dropLower(int index) {
    stale[index] = false;
    dropTag(FIRST_LOWER + index);
  }

  private void dropTag(int tag) {
    dropped++;
    cpu.dropTag(tag);
  }

  /** A frame is no top table any more. */
  void forget(long mfn) {
    for (int i = 0; i < LOWER_TAGS; i++) {
      if (roots[i] == mfn) {
        roots[i] = 0;
        used[i] = 0;
        stale[i] = true;
      }
    }
  }

  /** As {@link TableValidator.Listener#changed}; any vCPU's doing. */
  void changed(long linear, boolean page) {
    boolean anywhere = linear == FrameTable.SEVERAL_PLACES;
    if (linear < 0) {
      upperPages.add(linear, page && !anywhere);
    }
    if (linear >= 0 || anywhere) {
      lowerPages.add(linear, page && !anywhere);
      Arrays.fill(stale, true);
      stale[lower] = false;
    }
  }

  /** Top tables have changed. */
  void topChanged() {
    sharedUnknown = true;
  }

  /** Whether a flush would drop anything. */
  boolean hasChanged() {
    return !lowerPages.isEmpty() || !upperPages.isEmpty();
  }

  /** Drops all that changed, as the guest asks of a flush. */
  void flush() {
    if (!hasChanged()) {
      return;
    }
    boolean wasInProgram = inProgram;
    if (wasInProgram) {
      enter(false);
    }
    if (!lowerPages.isEmpty()) {
      drop(lowerPages, FIRST_LOWER + lower);
      dropTag(PROGRAM_LOWER);
    }
    if (!upperPages.isEmpty()) {
      drop(upperPages, KERNEL_UPPER);
      dropTag(PROGRAM_UPPER);
    }
    if (wasInProgram) {
      enter(true);
    }
  }

  private void drop(Pages pages, int tag) {
    if (pages.areMany()) {
      dropTag(tag);
    } else {
      for (int i = 0; i < pages.count; i++) {
        dropped++;
        cpu.invalidatePage(pages.pages[i]);
      }
    }
    pages.count = 0;
  }

  /** The processor drops all that it holds, before it runs again. */
  void flushed() {
    lowerPages.count = 0;
    upperPages.count = 0;
    Arrays.fill(stale, false);
  }

  /** Drops one page. The kernel runs. */
  void invalidate(long linear) {
    (linear < 0 ? upperPages : lowerPages).forgetLast(linear);
    dropped++;
    cpu.invalidatePage(linear);
    if (linear < 0) {
      dropTag(PROGRAM_UPPER);
    } else if (!shared) {
      dropTag(PROGRAM_LOWER);
    }
  }
}

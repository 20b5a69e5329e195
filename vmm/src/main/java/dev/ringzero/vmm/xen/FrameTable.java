package dev.ringzero.vmm.xen;

import dev.ringzero.memory.FrameMemory;
import dev.ringzero.memory.FramePool;
import dev.ringzero.memory.GuestMemory;
import dev.ringzero.memory.MachineMemory;
import dev.ringzero.memory.OutOfFramesException;
import dev.ringzero.memory.Revoker;
import dev.ringzero.x86.Ept;
import java.util.ArrayDeque;
import java.util.Arrays;

/**
 * What each machine frame of a paravirtual VM is used for now. A frame has at most one type while
 * anything uses it as that type, so a page table can never be mapped writable. Guarded by the lock
 * of the {@link XenDomain}.
 *
 * @spec Xen, arch/x86/mm.c, "A page's type and count"
 */
final class FrameTable {
  /** What a frame can be used as. */
  enum Type {
    NONE,
    L1,
    L2,
    L3,
    L4,
    /** Holds segment descriptors. */
    DESCRIPTORS,
    /** Mapped writable. */
    WRITABLE;

    /** 1 to 4 for page tables, else 0. */
    int level() {
      return this == NONE || ordinal() > 4 ? 0 : ordinal();
    }

    static Type table(int level) {
      return values()[level];
    }
  }

  /** See {@link #place}: no address has such low bits. */
  static final long SEVERAL_PLACES = -1;

  static final long NO_PLACE = -2;

  private static final int RUN = FramePool.RUN_FRAMES;

  private final FrameMemory memory;

  /** The VM's own numbers by machine frame, in runs; null for a run without frames of the VM. */
  private final int[][] pfns;

  private final long[] mfns;

  /** Own numbers without a frame, since the guest gave it back. */
  private final ArrayDeque<Integer> holes = new ArrayDeque<>();

  private final byte[] types;
  private final int[] typeCounts;
  private final int[] references;
  private final long[] places;
  private final long[] secondPlaces;
  private final boolean[] pinned;
  private final int[] framesByType = new int[Type.values().length];

  /**
   * Takes all of the VM's memory.
   *
   * @throws OutOfFramesException if there is not enough
   */
  FrameTable(FrameMemory memory) {
    this.memory = memory;
    memory.keepFrames();
    int frames = Math.toIntExact(memory.ramBytes() >>> FramePool.FRAME_SHIFT);
    mfns = new long[frames];
    types = new byte[frames];
    typeCounts = new int[frames];
    references = new int[frames];
    places = new long[frames];
    secondPlaces = new long[frames];
    Arrays.fill(secondPlaces, NO_PLACE);
    pinned = new boolean[frames];
    pfns = new int[(int) (MachineMemory.sizeBytes() >>> FramePool.FRAME_SHIFT) / RUN + 1][];
    for (int pfn = 0; pfn < frames; pfn++) {
      fill(pfn);
    }
    framesByType[0] = frames;
  }

  int frames() {
    return mfns.length;
  }

  long mfn(int pfn) {
    return mfns[pfn];
  }

  /** The highest number that a machine frame may have. */
  long lastMfn() {
    return (long) pfns.length * RUN - 1;
  }

  /** Whether the VM has any of the run of 512 frames to which a frame belongs. */
  boolean hasRun(long mfn) {
    return pfns[(int) (mfn / RUN)] != null;
  }

  /** The VM's own number of a machine frame, or -1 if it is not the VM's. */
  int pfn(long mfn) {
    if (mfn < 0 || mfn / RUN >= pfns.length) {
      return -1;
    }
    int[] run = pfns[(int) (mfn / RUN)];
    return run == null ? -1 : run[(int) (mfn % RUN)];
  }

  private void fill(int pfn) {
    long gpa = (long) pfn << FramePool.FRAME_SHIFT;
    if (memory.touch(gpa, Ept.READ | Ept.WRITE) != GuestMemory.Outcome.MAPPED) {
      throw new OutOfFramesException();
    }
    long mfn = memory.table().hpa(gpa) >>> FramePool.FRAME_SHIFT;
    mfns[pfn] = mfn;
    int run = (int) (mfn / RUN);
    if (pfns[run] == null) {
      pfns[run] = new int[RUN];
      Arrays.fill(pfns[run], -1);
    }
    pfns[run][(int) (mfn % RUN)] = pfn;
  }

  /** Frames that the guest has given back. */
  int holes() {
    return holes.size();
  }

  /** Whether nothing uses a frame, and no table leads to it. */
  boolean isUnused(long mfn) {
    int pfn = owned(mfn);
    return typeCounts[pfn] == 0 && references[pfn] == 0 && !pinned[pfn];
  }

  /** Gives an unused frame back to the machine's memory. */
  void giveBack(long mfn) {
    int pfn = owned(mfn);
    change(pfn, Type.NONE);
    pfns[(int) (mfn / RUN)][(int) (mfn % RUN)] = -1;
    mfns[pfn] = -1;
    memory.reclaim((long) pfn << FramePool.FRAME_SHIFT);
    holes.push(pfn);
  }

  /**
   * Takes a frame of zeros in place of one that was given back.
   *
   * @throws OutOfFramesException if the machine has none
   * @throws XenError if the VM has all that it may have
   */
  long takeBack() {
    if (holes.isEmpty()) {
      throw XenError.NO_MEMORY;
    }
    fill(holes.peek());
    return mfns[holes.pop()];
  }

  /** As {@link #pfn}, or refuses. */
  int owned(long mfn) {
    int pfn = pfn(mfn);
    if (pfn < 0) {
      throw XenError.INVALID;
    }
    return pfn;
  }

  Type type(long mfn) {
    return Type.values()[types[owned(mfn)]];
  }

  boolean isUsedAs(long mfn, Type type) {
    int pfn = pfn(mfn);
    return pfn >= 0 && typeCounts[pfn] > 0 && types[pfn] == type.ordinal();
  }

  boolean isPinned(long mfn) {
    return pinned[owned(mfn)];
  }

  void pin(long mfn, boolean on) {
    pinned[owned(mfn)] = on;
  }

  /** Frames used as a type now. */
  int count(Type type) {
    return framesByType[type.ordinal()];
  }

  void reference(long mfn) {
    references[owned(mfn)]++;
  }

  void dereference(long mfn) {
    references[owned(mfn)]--;
  }

  /**
   * Uses a frame as a type once more.
   *
   * @return whether this is its first use: then the caller must validate it
   * @throws XenError if it is used as another type
   */
  boolean take(long mfn, Type type) {
    int pfn = owned(mfn);
    if (typeCounts[pfn] > 0) {
      if (types[pfn] != type.ordinal()) {
        throw XenError.INVALID;
      }
      typeCounts[pfn]++;
      return false;
    }
    Type before = Type.values()[types[pfn]];
    if (before != type && before == Type.WRITABLE) {
      // A processor may still hold the right to write it in its TLB.
      memory.revocation().revoke(mfn, 1, Revoker.WRITE);
    } else if (before != type && before.level() > 0) {
      // A processor may be in the middle of a walk through it.
      memory.revocation().revoke(mfn, 1, 0);
    }
    change(pfn, type);
    typeCounts[pfn] = 1;
    return true;
  }

  /**
   * Ends one use.
   *
   * @return whether that was the last: then the caller gives back what the frame refers to
   */
  boolean give(long mfn, Type type) {
    int pfn = owned(mfn);
    if (types[pfn] != type.ordinal() || typeCounts[pfn] == 0) {
      throw new IllegalStateException("frame is not used as " + type);
    }
    typeCounts[pfn]--;
    return typeCounts[pfn] == 0;
  }

  private void change(int pfn, Type type) {
    framesByType[types[pfn]]--;
    types[pfn] = (byte) type.ordinal();
    framesByType[types[pfn]]++;
  }

  /**
   * Linear address of the first page that a table maps, where it has been linked since it became
   * valid; {@link #NO_PLACE} if it was not, {@link #SEVERAL_PLACES} if it was at more than two.
   */
  long place(long mfn) {
    return places[owned(mfn)];
  }

  /** The other one, where it was linked at two; a kernel maps itself twice. */
  long secondPlace(long mfn) {
    return secondPlaces[owned(mfn)];
  }

  /** A table became valid, and is linked there if anywhere. */
  void place(long mfn, long linear) {
    int pfn = owned(mfn);
    places[pfn] = linear;
    secondPlaces[pfn] = NO_PLACE;
  }

  /**
   * A valid table is linked.
   *
   * @return where, as far as is remembered; {@link #NO_PLACE} if that was known
   */
  long link(long mfn, long linear) {
    int pfn = owned(mfn);
    long first = places[pfn];
    if (first == SEVERAL_PLACES || first == linear || secondPlaces[pfn] == linear) {
      return NO_PLACE;
    }
    if (first == NO_PLACE || linear == SEVERAL_PLACES) {
      place(mfn, linear);
      return linear;
    }
    if (secondPlaces[pfn] == NO_PLACE) {
      secondPlaces[pfn] = linear;
      return linear;
    }
    place(mfn, SEVERAL_PLACES);
    return SEVERAL_PLACES;
  }
}

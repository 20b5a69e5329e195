package dev.ringzero.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The pool of 4 KiB machine frames that all VMs of this JVM share. Frames are zero when handed out.
 * Addresses are machine frame numbers (mfn); {@code mfn << 12} is the hpa. Frame 0 is never handed
 * out. A frame may have several owners, none of which may write it then; it comes back when the
 * last has freed it. Thread-safe.
 */
public final class FramePool {
  /** Bytes in a frame. */
  public static final int FRAME_BYTES = 4096;

  /** log2 of {@link #FRAME_BYTES}. */
  public static final int FRAME_SHIFT = 12;

  /** Frames in a run: 2 MiB. */
  public static final int RUN_FRAMES = 512;

  /** What the allocators return when the pool or its limit is exhausted. */
  public static final long NONE = -1;

  /** Frame flag: decoded code of this frame is kept; a write must tell {@link FrameWatcher}. */
  public static final int CODE = 1 << 0;

  /** Frame flag: no processor can write a {@link #CODE} frame unnoticed any more. */
  static final int CODE_SETTLED = 1 << 1;

  /** Frame flag: a page table of the guest that the monitor shadows; writes must be told. */
  public static final int TABLE = 1 << 3;

  /** Frame flag: no processor can write a {@link #TABLE} frame unnoticed any more. */
  static final int TABLE_SETTLED = 1 << 4;

  /** Flags of frames that no processor may write without telling. */
  public static final int WATCHED = CODE | TABLE;

  /** Frame flag: a guest or device accessed the frame. */
  public static final int TOUCHED = 1 << 2;

  private static final int RUNS_PER_LOOK = 32;

  private static final VarHandle FLAGS = MethodHandles.arrayElementVarHandle(byte[].class);
  private static final FramePool HOST = ofHost();

  private final long firstRun;
  private final long endRun;
  private final byte[] flags;
  private final ArrayDeque<Run> freeRuns = new ArrayDeque<>();
  private final ArrayDeque<Run> splitRuns = new ArrayDeque<>();
  private final Run[] runs;

  /** By frame, from the first of the pool on: owners beyond the first. Made when it is needed. */
  private int[] moreOwners;

  private Run zeroRun;
  private long nextRun;
  private long limitFrames;
  private long givenFrames;

  /** The part of a pool that makes one 2 MiB page: given out whole, or frame by frame. */
  private static final class Run {
    final long firstMfn;
    final long[] free = new long[RUN_FRAMES / 64];
    int freeFrames;

    /** Frames that were handed out before, and so may hold old bytes. */
    final long[] used = new long[RUN_FRAMES / 64];

    /** Whether a file is mapped there, so that zeros need more than to give memory back. */
    boolean mapped;

    Run(long firstMfn) {
      this.firstMfn = firstMfn;
    }

    long takeFrame() {
      int word = 0;
      while (free[word] == 0) {
        word++;
      }
      int bit = Long.numberOfTrailingZeros(free[word]);
      free[word] &= ~(1L << bit);
      freeFrames--;
      return firstMfn + word * 64L + bit;
    }

    void giveBack(int index) {
      long bit = 1L << index;
      if ((free[index >> 6] & bit) != 0) {
        throw new IllegalStateException("frame " + (firstMfn + index) + " is already free");
      }
      free[index >> 6] |= bit;
      freeFrames++;
    }

    boolean use(int index) {
      boolean before = (used[index >> 6] & 1L << index) != 0;
      used[index >> 6] |= 1L << index;
      return before;
    }
  }

  /** A pool over a part of machine memory, whole 2 MiB runs of it. */
  FramePool(long firstMfn, long frames) {
    this.firstRun = (firstMfn + RUN_FRAMES - 1) / RUN_FRAMES;
    this.endRun = (firstMfn + frames) / RUN_FRAMES;
    this.nextRun = Math.max(firstRun, 1);
    this.flags = new byte[Math.toIntExact((endRun - firstRun) * RUN_FRAMES)];
    this.runs = new Run[Math.toIntExact(endRun - firstRun)];
    this.limitFrames = (endRun - nextRun) * RUN_FRAMES;
  }

  private static FramePool ofHost() {
    FramePool pool = new FramePool(0, MachineMemory.sizeBytes() >>> FRAME_SHIFT);
    pool.limitFrames(MachineMemory.limitBytes() >>> FRAME_SHIFT);
    return pool;
  }

  /** The pool over all machine memory of this JVM, limited to what the host can give. */
  public static FramePool host() {
    return HOST;
  }

  /** Frames that may be given out at once; never more than there are. */
  public synchronized void limitFrames(long limit) {
    limitFrames = Math.min(limit, (endRun - Math.max(firstRun, 1)) * RUN_FRAMES);
  }

  public synchronized long limitFrames() {
    return limitFrames;
  }

  /** Frames given out now. */
  public synchronized long givenFrames() {
    return givenFrames;
  }

  /** Gives out one frame of zeros, or {@link #NONE}. */
  public long allocate() {
    long mfn;
    boolean used;
    synchronized (this) {
      Run run = givenFrames < limitFrames ? splitRun() : null;
      if (run == null) {
        return NONE;
      }
      mfn = run.takeFrame();
      if (run.freeFrames == 0) {
        splitRuns.removeFirst();
      }
      used = run.use(index(mfn));
      givenFrames++;
    }
    if (used) {
      MachineMemory.fill(mfn << FRAME_SHIFT, FRAME_BYTES, 0);
    }
    return mfn;
  }

  /** Gives out 512 frames of zeros that make one aligned 2 MiB page, or {@link #NONE}. */
  public long allocateRun() {
    Run run;
    synchronized (this) {
      run = givenFrames + RUN_FRAMES <= limitFrames ? wholeRun() : null;
      if (run == null) {
        return NONE;
      }
      Arrays.fill(run.free, 0);
      run.freeFrames = 0;
      givenFrames += RUN_FRAMES;
    }
    zeroUsed(run);
    return run.firstMfn;
  }

  /**
   * Gives out neighbouring runs, whose frames are zeros and cost memory of the host only once they
   * are touched.
   *
   * @return the first of their frames, or {@link #NONE} if there is no such piece
   */
  public long allocateRuns(int count) {
    List<Run> piece = new ArrayList<>(count);
    synchronized (this) {
      int first = (long) count * RUN_FRAMES <= limitFrames - givenFrames ? freePiece(count) : -1;
      if (first < 0) {
        return NONE;
      }
      for (int i = first; i < first + count; i++) {
        piece.add(takeRun(i));
      }
      givenFrames += (long) count * RUN_FRAMES;
    }
    piece.forEach(FramePool::zeroUsed);
    return piece.getFirst().firstMfn;
  }

  /**
   * Puts a part of a file in the place of runs that were given out and not touched. Where they are
   * written the host copies the page; the file stays as it is.
   *
   * @param offset in the file, a multiple of 4096
   * @return whether the host could; if not, nothing changed
   */
  boolean mapFile(long firstMfn, int count, Path file, long offset) {
    long bytes = (long) count * RUN_FRAMES * FRAME_BYTES;
    synchronized (this) {
      for (int i = 0; i < count; i++) {
        Run run = runOf(firstMfn + (long) i * RUN_FRAMES);
        run.mapped = true;
        Arrays.fill(run.used, -1);
      }
    }
    return MachineMemory.mapPrivately(firstMfn << FRAME_SHIFT, bytes, file, offset);
  }

  /** Index of the first of so many neighbouring runs that are free, or -1. */
  private int freePiece(int count) {
    int found = 0;
    for (int i = (int) (Math.max(firstRun, 1) - firstRun); i < runs.length; i++) {
      found = runs[i] == null || runs[i].freeFrames == RUN_FRAMES ? found + 1 : 0;
      if (found == count) {
        return i - count + 1;
      }
    }
    return -1;
  }

  private Run takeRun(int index) {
    Run run = runs[index];
    if (run == null) {
      run = newRun();
    } else {
      freeRuns.remove(run);
      splitRuns.remove(run);
    }
    Arrays.fill(run.free, 0);
    run.freeFrames = 0;
    return run;
  }

  private static void zeroUsed(Run run) {
    for (int i = 0; i < RUN_FRAMES; i++) {
      if (run.use(i)) {
        MachineMemory.fill(run.firstMfn + i << FRAME_SHIFT, FRAME_BYTES, 0);
      }
    }
  }

  // --- frames with several owners

  /** Gives frames one more owner. From now on nobody may write them until they have one again. */
  public synchronized void share(long firstMfn, long count) {
    if (moreOwners == null) {
      moreOwners = new int[flags.length];
    }
    for (long mfn = firstMfn; mfn < firstMfn + count; mfn++) {
      moreOwners[frame(mfn)]++;
    }
  }

  /** Whether a frame has more than one owner, or is one of the {@link #zeroRun}. */
  public synchronized boolean isShared(long mfn) {
    return isZeroFrame(mfn) || moreOwners != null && moreOwners[frame(mfn)] > 0;
  }

  /**
   * The first of 512 frames that make a 2 MiB page, are zero for ever, and belong to whoever wants
   * them: they cost nothing, and freeing them does nothing. {@link #NONE} if there is no room.
   */
  public synchronized long zeroRun() {
    if (zeroRun == null) {
      Run run = wholeRun();
      if (run == null) {
        return NONE;
      }
      Arrays.fill(run.free, 0);
      run.freeFrames = 0;
      zeroUsed(run);
      zeroRun = run;
    }
    return zeroRun.firstMfn;
  }

  /** Whether this is one of the frames of the {@link #zeroRun}. */
  public synchronized boolean isZeroFrame(long mfn) {
    return zeroRun != null && mfn >= zeroRun.firstMfn && mfn - zeroRun.firstMfn < RUN_FRAMES;
  }

  /** Takes an owner away from a frame that has several. */
  private boolean hasOwnersLeft(long mfn) {
    if (isZeroFrame(mfn)) {
      return true;
    }
    if (moreOwners == null || moreOwners[frame(mfn)] == 0) {
      return false;
    }
    moreOwners[frame(mfn)]--;
    return true;
  }

  private int frame(long mfn) {
    return (int) (mfn - firstRun * RUN_FRAMES);
  }

  // --- taking back

  /** Takes a frame back, also one of a run. Its owner may not use it any more. */
  public void free(long mfn) {
    free(mfn, 1);
  }

  /** Takes frames back. Their owner may not use them any more: see {@link Revoker}. */
  public synchronized void free(long firstMfn, long count) {
    for (long mfn = firstMfn; mfn < firstMfn + count; mfn++) {
      Run run = runOf(mfn);
      if (hasOwnersLeft(mfn)) {
        continue;
      }
      run.giveBack(index(mfn));
      FLAGS.setVolatile(flags, frame(mfn), (byte) 0);
      givenFrames--;
      if (run.freeFrames == 1) {
        splitRuns.addFirst(run);
      } else if (run.freeFrames == RUN_FRAMES) {
        splitRuns.remove(run);
        freeRuns.addFirst(run);
        discard(run);
      }
    }
  }

  private static void discard(Run run) {
    long hpa = run.firstMfn << FRAME_SHIFT;
    long bytes = (long) RUN_FRAMES * FRAME_BYTES;
    if (run.mapped ? MachineMemory.unmap(hpa, bytes) : MachineMemory.discard(hpa, bytes)) {
      Arrays.fill(run.used, 0);
      run.mapped = false;
    }
  }

  /** The flags of a frame, {@link #CODE} and others or-ed. */
  public int flags(long mfn) {
    return (byte) FLAGS.getVolatile(flags, frame(mfn));
  }

  /**
   * Sets flags of a frame.
   *
   * @return the flags before
   */
  public int setFlags(long mfn, int bits) {
    return (byte) FLAGS.getAndBitwiseOr(flags, frame(mfn), (byte) bits);
  }

  /**
   * Clears flags of a frame.
   *
   * @return the flags before
   */
  public int clearFlags(long mfn, int bits) {
    return (byte) FLAGS.getAndBitwiseAnd(flags, frame(mfn), (byte) ~bits);
  }

  private static int index(long mfn) {
    return (int) (mfn % RUN_FRAMES);
  }

  private Run runOf(long mfn) {
    long run = mfn / RUN_FRAMES;
    if (mfn < 0 || run < firstRun || run >= endRun || runs[(int) (run - firstRun)] == null) {
      throw new IllegalArgumentException("not a frame of this pool: " + mfn);
    }
    return runs[(int) (run - firstRun)];
  }

  private Run splitRun() {
    Run run = splitRuns.peekFirst();
    if (run == null) {
      run = wholeRun();
      if (run != null) {
        splitRuns.addFirst(run);
      }
    }
    return run;
  }

  private Run wholeRun() {
    Run run = freeRuns.pollFirst();
    return run == null && nextRun < endRun && hostCanGive() ? newRun() : run;
  }

  private Run newRun() {
    Run run = new Run(nextRun * RUN_FRAMES);
    Arrays.fill(run.free, -1L);
    run.freeFrames = RUN_FRAMES;
    runs[(int) (nextRun - firstRun)] = run;
    nextRun++;
    return run;
  }

  /** Looks now and then whether the host still has memory: others use it too. */
  private boolean hostCanGive() {
    return nextRun % RUNS_PER_LOOK != 0
        || HostMemory.limitBytes(HostMemory.availableBytes())
            >= (long) RUNS_PER_LOOK * RUN_FRAMES * FRAME_BYTES;
  }
}

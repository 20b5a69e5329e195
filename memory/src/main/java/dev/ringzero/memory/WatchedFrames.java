package dev.ringzero.memory;

/**
 * The frames of one VM whose writes must be noticed, for one reason. What keeps processors from
 * writing unnoticed is a frame flag that they look at before they cache the right to write, and a
 * revocation when the flag is set.
 */
final class WatchedFrames {
  private final FramePool pool;
  private final Revoker revoker;
  private final int flag;
  private final int settled;
  private volatile FrameWatcher watcher = (mfn, offset, lengthBytes) -> {};
  private long ends;

  /**
   * @param flag of {@link FramePool#WATCHED}
   * @param settledFlag set when no processor can write the frame unnoticed any more
   */
  WatchedFrames(FramePool pool, Revoker revoker, int flag, int settledFlag) {
    this.pool = pool;
    this.revoker = revoker;
    this.flag = flag;
    this.settled = flag | settledFlag;
  }

  void watcher(FrameWatcher newWatcher) {
    watcher = newWatcher;
  }

  void watch(long mfn) {
    while ((pool.flags(mfn) & settled) != settled) {
      long before = begin(mfn);
      revoker.revoke(mfn, 1, Revoker.WRITE_UNNOTICED);
      settle(mfn, before);
    }
  }

  boolean isWatched(long mfn) {
    return (pool.flags(mfn) & settled) == settled;
  }

  private synchronized long begin(long mfn) {
    pool.setFlags(mfn, flag);
    return ends;
  }

  /** Not if a watch ended meanwhile: it may be of this frame, and it was written since. */
  private synchronized void settle(long mfn, long endsBefore) {
    if (ends == endsBefore) {
      pool.setFlags(mfn, settled);
    }
  }

  /** Not while the frame is shared: others of its owners may watch it, and nobody writes it. */
  synchronized void unwatch(long mfn) {
    ends++;
    if (!pool.isShared(mfn)) {
      pool.clearFlags(mfn, settled);
    }
  }

  void written(long mfn, int offset, int lengthBytes, int flags) {
    if ((flags & flag) != 0) {
      watcher.written(mfn, offset, lengthBytes);
    }
  }
}

package dev.ringzero.memory;

/**
 * The frames of one VM that code was decoded from: writes to them must be noticed. What keeps
 * processors from writing unnoticed is a frame flag that they look at before they cache the right
 * to write, and a revocation when the flag is set.
 */
final class CodeFrames {
  private static final int SETTLED = FramePool.CODE | FramePool.CODE_SETTLED;

  private final FramePool pool;
  private final Revoker revoker;
  private volatile CodeInvalidation listener = (mfn, offset, lengthBytes) -> {};
  private long unprotections;

  CodeFrames(FramePool pool, Revoker revoker) {
    this.pool = pool;
    this.revoker = revoker;
  }

  void listener(CodeInvalidation codeInvalidation) {
    listener = codeInvalidation;
  }

  void protect(long mfn) {
    while ((pool.flags(mfn) & SETTLED) != SETTLED) {
      long before = begin(mfn);
      revoker.revoke(mfn, 1, Revoker.WRITE_UNNOTICED);
      settle(mfn, before);
    }
  }

  private synchronized long begin(long mfn) {
    pool.setFlags(mfn, FramePool.CODE);
    return unprotections;
  }

  /** Not if a frame was unprotected meanwhile: it may be this one, and written since. */
  private synchronized void settle(long mfn, long unprotectionsBefore) {
    if (unprotections == unprotectionsBefore) {
      pool.setFlags(mfn, FramePool.CODE_SETTLED);
    }
  }

  synchronized void unprotect(long mfn) {
    unprotections++;
    pool.clearFlags(mfn, SETTLED);
  }

  void written(long mfn, int offset, int lengthBytes) {
    if ((pool.flags(mfn) & FramePool.CODE) != 0) {
      listener.written(mfn, offset, lengthBytes);
    }
  }
}

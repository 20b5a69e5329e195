package dev.ringzero.memory;

/**
 * The one primitive behind every change of what frames may be used for: code pages, copy-on-write,
 * dirty log, table changes, shadow protection, ballooning.
 */
public interface Revoker {
  int READ = 1;
  int WRITE = 2;
  int EXECUTE = 4;

  /** The right to write without a look at the frame's flags: what code pages take away. */
  int WRITE_UNNOTICED = 8;

  /**
   * Takes rights on machine frames away from all who cached a translation to them. Returns when
   * every vCPU and DMA user has dropped its entries or is outside guest code; a vCPU that waits
   * counts as outside. Frames, tables and code memory may be reused only afterwards. May be called
   * by a vCPU thread from within guest code, by several at once.
   *
   * @param firstMfn first machine frame number
   * @param count number of frames
   * @param rights {@link #READ}, {@link #WRITE}, {@link #EXECUTE} or-ed, or {@link
   *     #WRITE_UNNOTICED} alone
   */
  void revoke(long firstMfn, long count, int rights);
}

package dev.ringzero.engine;

/**
 * Answers those of a paravirtual guest's system calls that change nothing of its vCPU but RAX, so
 * that the vCPU need not be left for them. To the guest, and where exits are counted, it is an
 * exit.
 */
@FunctionalInterface
public interface ShortCalls {
  /** What {@link #answer} returns of a call that must exit. */
  long EXIT = Long.MIN_VALUE;

  /**
   * Answers a SYSCALL. On the vCPU's own thread, while it is inside the guest: others may wait for
   * it, so nothing here waits for them.
   *
   * @param number RAX
   * @param first RDI
   * @param second RSI
   * @param third RDX
   * @param fourth R10
   * @return what RAX becomes; or {@link #EXIT}, and nothing was changed
   */
  long answer(long number, long first, long second, long third, long fourth);
}

package dev.ringzero.memory;

/**
 * Who keeps something made from the content of frames (decoded code, shadows of page tables) and
 * must hear of writes to them.
 */
@FunctionalInterface
public interface FrameWatcher {
  /**
   * Bytes of a watched frame were written. Called after the write, on the writer's thread: a vCPU's
   * or a device's.
   *
   * @param mfn machine frame number
   * @param offset of the first byte in the frame
   * @param lengthBytes at most up to the end of the frame
   */
  void written(long mfn, int offset, int lengthBytes);
}

package dev.ringzero.memory;

/** Who keeps decoded or translated code, and must hear of writes to the frames it came from. */
@FunctionalInterface
public interface CodeInvalidation {
  /**
   * Bytes of a frame with {@link FramePool#CODE} were written. Called after the write, on the
   * writer's thread: a vCPU's or a device's.
   *
   * @param mfn machine frame number
   * @param offset of the first byte in the frame
   * @param lengthBytes at most up to the end of the frame
   */
  void written(long mfn, int offset, int lengthBytes);
}

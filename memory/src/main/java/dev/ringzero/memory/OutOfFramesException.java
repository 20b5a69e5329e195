package dev.ringzero.memory;

/** Machine memory, or a VM's share of it, is used up: the VM that asked cannot go on. */
public final class OutOfFramesException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final int MEBIBYTE_SHIFT = 20;

  public OutOfFramesException() {
    super(
        "no machine memory is left: %s of %s MiB are given to guests"
            .formatted(
                mebibytes(FramePool.host().givenFrames()),
                mebibytes(FramePool.host().limitFrames())));
  }

  private static String mebibytes(long frames) {
    return "%,d".formatted(frames << FramePool.FRAME_SHIFT >> MEBIBYTE_SHIFT);
  }
}

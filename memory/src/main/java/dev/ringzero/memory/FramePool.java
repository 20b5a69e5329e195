package dev.ringzero.memory;

/**
 * The pool of 4 KiB machine frames that all VMs of this JVM share. Frames are zero when handed out.
 * Addresses are machine frame numbers (mfn); {@code mfn << 12} is the hpa.
 */
public final class FramePool {
  /** Bytes in a frame. */
  public static final int FRAME_BYTES = 4096;

  private FramePool() {}
}

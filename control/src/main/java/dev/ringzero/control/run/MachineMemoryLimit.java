package dev.ringzero.control.run;

import dev.ringzero.memory.FramePool;
import dev.ringzero.memory.MachineMemory;

/** How much of the host's memory the guests of this process may have together. */
public final class MachineMemoryLimit {
  private MachineMemoryLimit() {}

  /** The most that can be asked for. */
  public static long mostBytes() {
    return MachineMemory.sizeBytes();
  }

  /** Sets the limit, in place of what the host had free when this process began. */
  public static void set(long bytes) {
    FramePool.host().limitFrames(bytes >>> FramePool.FRAME_SHIFT);
  }
}

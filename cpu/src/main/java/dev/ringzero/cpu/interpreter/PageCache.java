package dev.ringzero.cpu.interpreter;

import dev.ringzero.memory.FramePool;
import java.util.Arrays;

/** Code pages by linear address and {@link Context}. */
final class PageCache {
  private static final int SLOTS = 512;
  private static final long PAGE = -FramePool.FRAME_BYTES;
  private static final long NOTHING = -1;

  private final long[] tags = new long[SLOTS];
  private final long[] contexts = new long[SLOTS];
  private final CodePage[] pages = new CodePage[SLOTS];

  PageCache() {
    clear();
  }

  void clear() {
    Arrays.fill(tags, NOTHING);
  }

  /** The code page that executes at a linear address, or null if it is not known. */
  CodePage find(long linear, long context) {
    int slot = slot(linear);
    return tags[slot] == (linear & PAGE) && contexts[slot] == context ? pages[slot] : null;
  }

  void put(long linear, long context, CodePage page) {
    int slot = slot(linear);
    tags[slot] = linear & PAGE;
    contexts[slot] = context;
    pages[slot] = page;
  }

  private static int slot(long linear) {
    return (int) (linear >>> FramePool.FRAME_SHIFT) & SLOTS - 1;
  }
}

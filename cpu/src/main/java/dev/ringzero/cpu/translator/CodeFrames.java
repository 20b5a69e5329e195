package dev.ringzero.cpu.translator;

import dev.ringzero.cpu.interpreter.CodeCache;
import java.util.HashMap;
import java.util.Map;

/** Which translations one vCPU runs for which machine frames, in which mode. */
final class CodeFrames {
  private final CodeCache cache;
  private final JumpCache jumps;
  private final TranslatorCounters counters;
  private final Map<Long, CodeFrame> frames = new HashMap<>();

  CodeFrames(CodeCache cache, JumpCache jumps, TranslatorCounters counters) {
    this.cache = cache;
    this.jumps = jumps;
    this.counters = counters;
  }

  private static long key(long mfn, TranslationMode mode) {
    return mfn * TranslationMode.COUNT + mode.number();
  }

  /** What runs for a frame, which is protected from now on; of this store, if it is new. */
  CodeFrame of(long mfn, TranslationMode mode, CodeStore store) {
    CodeFrame frame = frames.get(key(mfn, mode));
    if (frame == null) {
      cache.protect(mfn);
      frame = new CodeFrame(store.page(mfn, mode));
      frames.put(key(mfn, mode), frame);
    }
    return frame;
  }

  /** What runs for a frame, or null if it has not run. */
  CodeFrame known(long mfn, TranslationMode mode) {
    return frames.get(key(mfn, mode));
  }

  /** A frame was written: its code and the ways to it go. */
  void drop(long mfn, CodeStore store) {
    for (TranslationMode mode : TranslationMode.ALL) {
      CodeFrame frame = frames.remove(key(mfn, mode));
      if (frame != null) {
        counters.pagesDropped++;
        if (!frame.forEachEntered(jumps::drop)) {
          jumps.clear();
        }
        jumps.dropCode(frame.page);
        store.leave(frame.page);
      }
    }
  }

  /** All code is of a store that nobody uses any more. */
  void clear() {
    frames.clear();
  }
}

package dev.ringzero.cpu.translator;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;

/**
 * The code stores that the vCPUs of this JVM share, so that copies of a machine run the code that
 * was translated once. A store that is full goes when the last has left it.
 */
final class CodeStores {
  private static final long CODE_BYTES = 256 << 20;

  /** By whether instructions are counted. */
  private static final List<WeakReference<CodeStore>> STORES =
      new ArrayList<>(List.of(new WeakReference<>(null), new WeakReference<>(null)));

  private CodeStores() {}

  /** The store that has room. */
  static synchronized CodeStore shared(boolean counted) {
    int kind = counted ? 1 : 0;
    CodeStore store = STORES.get(kind).get();
    if (store == null || store.isFull()) {
      store = new CodeStore(CODE_BYTES, counted, false, TranslationCache.used());
      STORES.set(kind, new WeakReference<>(store));
    }
    return store;
  }

  /** A store for one vCPU alone, whose code can be run block by block. */
  static CodeStore blockwise(boolean counted) {
    return new CodeStore(CODE_BYTES, counted, true);
  }
}

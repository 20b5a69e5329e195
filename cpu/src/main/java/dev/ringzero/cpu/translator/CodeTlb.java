package dev.ringzero.cpu.translator;

/**
 * The code TLBs of the state block: which translated page lies at a linear page. They are filled by
 * emitted code from the jump cache, so that whatever is dropped there is dropped here first.
 */
final class CodeTlb {
  private static final int PAGE_SHIFT = 12;

  private final StateBlock state;

  CodeTlb(StateBlock state) {
    this.state = state;
  }

  /**
   * Keys of address spaces, as code has them from now on.
   *
   * @param whole of user code, which lies in the upper half too where a kernel runs at CPL 3
   * @param upper of a kernel's code
   */
  void keys(long whole, long upper) {
    state.set(StateBlock.CODE_KEY, whole);
    state.set(StateBlock.CODE_KEY + 8, upper);
  }

  /** Drops adjacent pages in all address spaces. */
  void drop(long first, int count) {
    if (count >= StateBlock.CODE_ENTRIES) {
      clear();
      return;
    }
    for (int n = 0; n < count; n++) {
      dropSlot((int) (first >>> PAGE_SHIFT) + n & StateBlock.CODE_ENTRIES - 1);
    }
  }

  /** Drops a translated page wherever it lies. */
  void drop(TranslatedPage page) {
    for (int slot = 0; slot < StateBlock.CODE_ENTRIES; slot++) {
      int at = page.mode.codeTlb() + (slot << StateBlock.CODE_SHIFT);
      if (state.get(at + StateBlock.CODE_PAGE) == page.number) {
        state.set(at, (long) (slot ^ 1) << PAGE_SHIFT);
      }
    }
  }

  void clear() {
    for (int slot = 0; slot < StateBlock.CODE_ENTRIES; slot++) {
      dropSlot(slot);
    }
  }

  private void dropSlot(int slot) {
    long noPageOfThisSlot = (long) (slot ^ 1) << PAGE_SHIFT;
    for (TranslationMode mode : TranslationMode.ALL) {
      state.set(mode.codeTlb() + (slot << StateBlock.CODE_SHIFT), noPageOfThisSlot);
    }
  }
}

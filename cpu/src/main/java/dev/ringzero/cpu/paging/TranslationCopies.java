package dev.ringzero.cpu.paging;

/**
 * Who keeps copies of what the TLB knows, and drops them when the TLB does. Called on the
 * processor's own thread.
 */
public interface TranslationCopies {
  /** {@link Mmu#context} or {@link Mmu#globalContext} may be other numbers now. */
  void contextChanged();

  /** Context numbers are given out anew: copies of any context must go. */
  void contextsStartOver();

  /** Pages must go, in all address spaces. */
  void dropped(long firstPage, int pages);

  /** Rights to machine frames must go, in all address spaces. */
  void revoked(long firstMfn, long count, boolean read, boolean write, boolean execute);

  /** Shows all copies of the current address space. */
  default void forEachCurrent(Visitor visitor) {}

  /** Receives translations. */
  interface Visitor {
    /**
     * One page for one privilege.
     *
     * @param where it is kept
     * @param rights 1 to read, 2 to write, 4 to execute, or-ed
     */
    void translation(String where, int privilege, long page, long hpaPage, int rights);
  }

  /** Nobody keeps copies. */
  TranslationCopies NONE =
      new TranslationCopies() {
        @Override
        public void contextChanged() {}

        @Override
        public void contextsStartOver() {}

        @Override
        public void dropped(long firstPage, int pages) {}

        @Override
        public void revoked(
            long firstMfn, long count, boolean read, boolean write, boolean execute) {}
      };
}

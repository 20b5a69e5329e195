package dev.ringzero.cpu.translator;

/** Whose eyes translated code sees memory with: each view has its own first-level TLB. */
enum View {
  /** CPL 3. */
  USER,
  /** CPL 0, user pages out of reach (SMAP on, RFLAGS.AC clear). */
  SUPERVISOR,
  /** CPL 0, user pages within reach. */
  SUPERVISOR_WITH_USER;

  /** Place in the {@link StateBlock} of the address-space key of its code. */
  int codeKey() {
    return StateBlock.CODE_KEY + (this == USER ? 0 : 8);
  }

  /** As a {@link dev.ringzero.cpu.paging.TranslationCopies.Visitor} is told of it. */
  int privilege() {
    return switch (this) {
      case USER -> 0;
      case SUPERVISOR -> 1;
      case SUPERVISOR_WITH_USER -> 2;
    };
  }

  /** Offset of its first-level TLB in the {@link StateBlock}. */
  int tlb() {
    return StateBlock.TLB + ordinal() * StateBlock.VIEW_BYTES;
  }
}

package dev.ringzero.cpu.translator;

/** Why translated code came back; the ordinal is what it returns. */
enum ExitKind {
  /**
   * A poll found ATTENTION raised, or the block was dropped: guest RIP is PAGE_BASE + RIP_OFFSET.
   */
  POLL,
  /** A direct jump within the page that is not linked yet; SITE tells which. */
  CHAIN,
  /** A jump to TARGET that the jump cache does not know. */
  JUMP,
  /** A direct jump to TARGET in another page that is not linked yet; SITE tells which. */
  CROSSING,
  /** The RDTSC or RDTSCP of SITE. */
  TIME_STAMP,
  /** A read at TARGET missed both TLBs; SITE tells where. */
  READ_MISS,
  /** A write at TARGET missed both TLBs; SITE tells where. */
  WRITE_MISS,
  /**
   * The block at PAGE_BASE + RIP_OFFSET needs vector registers, which are not in the state block.
   */
  VECTORS,

  /** The instruction of SITE needs the x87 state, which is not in the state block. */
  X87,
  /** The instruction at PAGE_BASE + RIP_OFFSET is for the interpreter. */
  SPECIAL,
  /**
   * Translated code raised a processor exception, which it should not: TARGET is the host address,
   * SITE the vector, RESUME the address of a page fault.
   */
  FAULT;

  static final ExitKind[] ALL = values();
}

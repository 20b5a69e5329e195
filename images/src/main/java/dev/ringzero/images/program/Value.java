package dev.ringzero.images.program;

/** What a statement of a {@link Program} takes: a number, or what a variable holds. */
sealed interface Value {
  /** A number, or the address of something whose place is known. */
  record Constant(long number) implements Value {}

  /**
   * A variable.
   *
   * @param address of its eight bytes
   */
  record Variable(int address) implements Value {}
}

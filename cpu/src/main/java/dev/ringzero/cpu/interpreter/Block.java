package dev.ringzero.cpu.interpreter;

/** Instructions of one page that run one after the other, entered at the first alone. */
final class Block {
  /** {@link #limit} of a block whose bytes were changed. */
  private static final int DROPPED = -1;

  final CodePage page;

  /** Place in {@link #page}, see {@link CodePage#key}. */
  final int key;

  /** The page in which its last instruction ends, if that is another; else null. */
  final CodePage secondPage;

  final Op[] ops;
  final BlockEnd end;

  /** Instructions in it. */
  final int instructions;

  /** Offset in the page behind its last instruction; beyond the page if that crosses its end. */
  final int endOffset;

  /** Times that it ran, about. */
  int executions;

  /**
   * How many of {@link #ops} to run; read before each, so that a block whose bytes are changed by
   * one of its own instructions ends there.
   */
  int limit;

  Block(CodePage page, int key, CodePage secondPage, Op[] ops, BlockEnd end, int endOffset) {
    this.page = page;
    this.key = key;
    this.secondPage = secondPage;
    this.ops = ops;
    this.end = end;
    this.endOffset = endOffset;
    this.instructions = ops.length + end.instructions();
    this.limit = ops.length;
  }

  /** Offset in its page of its instruction number {@code n}, the end included. */
  int offset(int n) {
    return n < ops.length ? ops[n].offset : end.offset;
  }

  int offset() {
    return CodePage.offset(key);
  }

  void drop() {
    limit = DROPPED;
  }

  boolean dropped() {
    return limit == DROPPED;
  }
}

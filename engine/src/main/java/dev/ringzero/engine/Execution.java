package dev.ringzero.engine;

/**
 * How a software engine runs guest code.
 *
 * @param way what runs it
 * @param counted whether instructions and memory accesses of translated code are counted, which
 *     makes it a little slower; interpreted instructions are always counted
 * @param checked whether what processors hold of translations is compared with the tables at random
 *     moments, which makes them slow
 */
public record Execution(Way way, boolean counted, boolean checked) {
  /** What runs guest code. */
  public enum Way {
    INTERPRETED,
    /** Ordinary instructions run on the host's processor, where it can. */
    TRANSLATED,
    /**
     * As translated, and the interpreter checks samples of it: for those who mend the translator.
     */
    COMPARED
  }

  /** As fast as this host can. */
  public static final Execution FASTEST = new Execution(true, false);

  public Execution(Way way, boolean counted) {
    this(way, counted, false);
  }

  public Execution(boolean translated, boolean counted) {
    this(translated ? Way.TRANSLATED : Way.INTERPRETED, counted);
  }
}

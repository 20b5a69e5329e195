package dev.ringzero.engine;

/**
 * How a software engine runs guest code.
 *
 * @param translated whether ordinary instructions run on the host's processor, where it can
 * @param counted whether instructions and memory accesses of translated code are counted, which
 *     makes it a little slower; interpreted instructions are always counted
 */
public record Execution(boolean translated, boolean counted) {
  /** As fast as this host can. */
  public static final Execution FASTEST = new Execution(true, false);
}

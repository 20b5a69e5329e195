package dev.ringzero.engine;

/**
 * Exits of guests that a vCPU's guest runs, to that guest; by reason, with the time until it
 * entered one of its guests again. Written by the vCPU's thread, read by any.
 */
public interface InnerExits {
  /** How often the guest entered one of its own. */
  long entries();

  /** Calls for every reason that occurred. */
  void forEach(Visitor visitor);

  /** What {@link #forEach} calls. */
  @FunctionalInterface
  interface Visitor {
    void exits(String reason, long count, long nanos);
  }

  /** Of a processor whose guests cannot run guests. */
  InnerExits NONE =
      new InnerExits() {
        @Override
        public long entries() {
          return 0;
        }

        @Override
        public void forEach(Visitor visitor) {}
      };
}

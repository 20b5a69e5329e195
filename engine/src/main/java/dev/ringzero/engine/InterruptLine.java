package dev.ringzero.engine;

/** A wire from a device to an interrupt controller. May be called from any thread. */
@FunctionalInterface
public interface InterruptLine {
  /** Drives the wire: {@code true} asserts it. Repeating the level changes nothing. */
  void set(boolean asserted);

  /** A short pulse, for edge-triggered use. */
  default void pulse() {
    set(true);
    set(false);
  }
}

package dev.ringzero.engine;

/** The one source of randomness for CPUs and devices; seeded in a deterministic run. */
@FunctionalInterface
public interface Entropy {
  /** Fills the array with random bytes. */
  void fill(byte[] destination);
}

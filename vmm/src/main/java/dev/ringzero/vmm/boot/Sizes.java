package dev.ringzero.vmm.boot;

/** Sizes as people read them. */
final class Sizes {
  private static final int SHIFT = 20;

  private Sizes() {}

  /** In MiB, rounded up. */
  static String mebibytes(long bytes) {
    return (bytes + (1 << SHIFT) - 1 >>> SHIFT) + " MiB";
  }
}

package dev.ringzero.cpu.system;

import dev.ringzero.cpu.Semantics;

/** System, segment, far-control and I/O instructions, by the name of their meaning in the instruction table. */
public final class SystemSemantics {
  private SystemSemantics() {}

  /** The meaning of this name, or null if it is not of this unit. */
  public static Semantics of(String meaning) {
    return switch (meaning) {
      default -> null;
    };
  }
}

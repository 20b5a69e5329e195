package dev.ringzero.cpu.svm;

import dev.ringzero.x86.SvmExitCode;

/** Exits of inner guests to their monitor, by exit code. Written by the processor, read by any. */
public final class SvmExits {
  private static final int CODES = 0xA8;
  private static final int NPF = CODES;
  private static final int INVALID = CODES + 1;
  private static final int OTHER = CODES + 2;

  private final long[] counts = new long[CODES + 3];
  private long entries;

  void entered() {
    entries++;
  }

  void left(int exitCode) {
    counts[slot(exitCode)]++;
  }

  private static int slot(int exitCode) {
    return switch (exitCode) {
      case SvmExitCode.NPF -> NPF;
      case SvmExitCode.INVALID -> INVALID;
      default -> exitCode >= 0 && exitCode < CODES ? exitCode : OTHER;
    };
  }

  public long entries() {
    return entries;
  }

  /** What {@link #forEach} calls. */
  @FunctionalInterface
  public interface Visitor {
    void exits(String reason, long count);
  }

  /** Calls for every reason that occurred. */
  public void forEach(Visitor visitor) {
    for (int slot = 0; slot < counts.length; slot++) {
      if (counts[slot] != 0) {
        visitor.exits(name(slot), counts[slot]);
      }
    }
  }

  private static String name(int slot) {
    return switch (slot) {
      case NPF -> SvmExitCode.name(SvmExitCode.NPF);
      case INVALID -> SvmExitCode.name(SvmExitCode.INVALID);
      case OTHER -> "OTHER";
      default -> SvmExitCode.name(slot);
    };
  }
}

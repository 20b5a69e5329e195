package dev.ringzero.cpu.level;

import dev.ringzero.cpu.ExitSignal;

/**
 * The instruction must run again, in the inner guest still: its level wants it alone, so that what
 * it does takes effect right behind it. Stackless.
 */
public final class LevelRestart extends ExitSignal {
  private static final long serialVersionUID = 1L;

  public static final LevelRestart SIGNAL = new LevelRestart();

  private LevelRestart() {}
}

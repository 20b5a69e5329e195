package dev.ringzero.cpu.level;

import dev.ringzero.cpu.ExitSignal;

/**
 * An inner guest's exit to its own monitor, on its way from what caused it to the vCPU loop, which
 * calls {@link Level#leave()}. The state is that before the instruction. Stackless; each processor
 * has one.
 */
public final class LevelExit extends ExitSignal {
  private static final long serialVersionUID = 1L;
}

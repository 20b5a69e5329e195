package dev.ringzero.testkit;

import dev.ringzero.engine.InterruptLine;

/** A wire that remembers its level and counts its rising edges. */
public final class FakeLine implements InterruptLine {
  private boolean asserted;
  private int risingEdges;

  @Override
  public void set(boolean level) {
    if (level && !asserted) {
      risingEdges++;
    }
    asserted = level;
  }

  public boolean isAsserted() {
    return asserted;
  }

  public int risingEdges() {
    return risingEdges;
  }
}

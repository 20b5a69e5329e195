package dev.ringzero.devices.pci;

import dev.ringzero.engine.InterruptLine;

/** A level-triggered wire with several drivers: asserted while any of them asserts it. */
public final class SharedInterruptLine {
  private final InterruptLine output;
  private int asserting;

  public SharedInterruptLine(InterruptLine output) {
    this.output = output;
  }

  /** A new driver of the wire. */
  public InterruptLine input() {
    return new Input();
  }

  private synchronized void change(int by) {
    asserting += by;
    output.set(asserting != 0);
  }

  private final class Input implements InterruptLine {
    private boolean level;

    @Override
    public void set(boolean asserted) {
      synchronized (SharedInterruptLine.this) {
        if (asserted != level) {
          level = asserted;
          change(asserted ? 1 : -1);
        }
      }
    }
  }
}

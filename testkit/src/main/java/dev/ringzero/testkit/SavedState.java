package dev.ringzero.testkit;

import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import dev.ringzero.engine.state.Stateful;

/** Saves and restores units. */
public final class SavedState {
  private SavedState() {}

  /** The state of a unit, with its name and version. */
  public static byte[] of(Stateful unit) {
    StateWriter out = new StateWriter();
    out.writeUnit(unit);
    return out.toByteArray();
  }

  /** Restores a unit and returns the state that it then saves. */
  public static byte[] restoredInto(Stateful unit, byte[] state) {
    new StateReader(state).readUnit(unit);
    return of(unit);
  }
}

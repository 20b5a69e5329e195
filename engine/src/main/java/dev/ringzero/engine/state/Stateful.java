package dev.ringzero.engine.state;

/**
 * A unit whose state can be saved and restored: saving, restoring and saving again gives the same
 * bytes. Called only while the machine stands still.
 */
public interface Stateful {
  /** A short stable name of the unit within its machine, such as "serial0". */
  String stateName();

  /** Version of the layout that {@link #save} writes. */
  int stateVersion();

  void save(StateWriter out);

  /**
   * Restores what {@link #save} wrote.
   *
   * @param version the version found in the saved state
   * @throws StateException if the version or a value is not one this unit can take
   */
  void restore(StateReader in, int version);
}

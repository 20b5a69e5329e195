package dev.ringzero.engine.state;

/** Saved state that cannot be restored: damaged, hostile, or of another version. */
public final class StateException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public StateException(String message) {
    super(message);
  }
}

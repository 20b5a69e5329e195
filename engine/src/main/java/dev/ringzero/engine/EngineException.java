package dev.ringzero.engine;

/** An engine cannot run a guest, or go on with it: the message is one line for the user. */
public class EngineException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public EngineException(String message) {
    super(message);
  }
}

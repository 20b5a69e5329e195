package dev.ringzero.control.snapshot;

/** Something about a snapshot that a user can mend, or has to know: the message is one line. */
public final class SnapshotException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public SnapshotException(String message) {
    super(message);
  }

  public SnapshotException(String message, Throwable cause) {
    super(message, cause);
  }
}

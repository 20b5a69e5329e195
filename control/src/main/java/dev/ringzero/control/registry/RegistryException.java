package dev.ringzero.control.registry;

/** Something about registered machines cannot be; the message is one line for the user. */
public final class RegistryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What kind of trouble it is, for those who answer in numbers. */
  public enum Kind {
    /** The request makes no sense. */
    WRONG,
    /** There is no such machine. */
    MISSING,
    /** It does not go with the state in which the machine is. */
    CONFLICT,
    /** The host failed. */
    FAILED
  }

  private final Kind kind;

  public RegistryException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  public RegistryException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}

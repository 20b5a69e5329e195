package dev.ringzero.control.run;

/** There is not enough machine memory to build a machine. */
public final class NoMachineMemoryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  NoMachineMemoryException(Throwable cause) {
    super(cause.getMessage(), cause);
  }
}

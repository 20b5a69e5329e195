package dev.ringzero.vmm.boot;

/** A guest cannot be booted as asked: the message is one line for the user. */
public final class BootException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public BootException(String message) {
    super(message);
  }
}

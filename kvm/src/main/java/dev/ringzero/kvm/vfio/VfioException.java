package dev.ringzero.kvm.vfio;

/** A device of the host cannot be had, or no longer; the message is for the user. */
public final class VfioException extends RuntimeException {
  private static final long serialVersionUID = 1;

  VfioException(String message) {
    super(message);
  }
}

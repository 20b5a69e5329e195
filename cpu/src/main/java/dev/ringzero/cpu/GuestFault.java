package dev.ringzero.cpu;

/**
 * An architectural exception on its way from where it arose to the vCPU loop, which delivers it.
 * Stackless; each {@link Cpu} has one and throws it again and again.
 */
public final class GuestFault extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The vector, see {@link dev.ringzero.x86.Vector}. */
  public int vector;

  /** Whether an error code goes with it. */
  public boolean hasErrorCode;

  public int errorCode;

  GuestFault() {
    super(null, null, false, false);
  }
}

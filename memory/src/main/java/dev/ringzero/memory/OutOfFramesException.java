package dev.ringzero.memory;

/** Machine memory, or a VM's share of it, is used up: the VM that asked cannot go on. */
public final class OutOfFramesException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public OutOfFramesException() {
    super("no machine memory is left for this VM");
  }
}

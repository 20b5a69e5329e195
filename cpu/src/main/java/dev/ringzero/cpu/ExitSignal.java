package dev.ringzero.cpu;

/**
 * A VM exit on its way from the instruction that caused it to the vCPU loop. The exit's fields are
 * already in {@link Cpu#exit}. Stackless; each {@link Cpu} has one.
 */
public class ExitSignal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  protected ExitSignal() {
    super(null, null, false, false);
  }
}

package dev.ringzero.cli;

/** What {@code rz} says to the program that started it. */
public final class ExitStatus {
  /** All went well; the guest powered itself off. */
  public static final int OK = 0;

  /** RingZero or the host failed. */
  public static final int FAILED = 1;

  /** The user asked for something that cannot be. */
  public static final int WRONG_INPUT = 2;

  /** The guest asked for a reset. */
  public static final int RESET = 80;

  /** The guest's kernel panicked. */
  public static final int PANIC = 81;

  /** The guest's processor shut down after a triple fault. */
  public static final int TRIPLE_FAULT = 82;

  /** The user stopped the guest: with Ctrl-A x, {@code rz kill} or a signal. */
  public static final int STOPPED = 83;

  /** The guest asked for memory when the host, or {@code --host-memory}, had none left. */
  public static final int OUT_OF_MEMORY = 84;

  /** The guest took longer than {@code --timeout} allows; the number is that of timeout(1). */
  public static final int TIMEOUT = 124;

  private ExitStatus() {}
}

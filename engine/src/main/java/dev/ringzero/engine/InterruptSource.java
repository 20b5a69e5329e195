package dev.ringzero.engine;

/**
 * A vCPU's view of its interrupt controller: what a processor asks over its INTR pin. The engine
 * calls it on the vCPU's thread when interrupts can be taken.
 */
public interface InterruptSource {
  /** A pin on which nothing is wired: of a processor that no interrupt reaches. */
  InterruptSource NONE = new UnwiredPin();

  /** Whether an interrupt of sufficient priority waits. Cheap; may be called often. */
  boolean pending();

  /**
   * Acknowledges the highest-priority interrupt, as the INTA cycle does.
   *
   * @return its vector, or -1 if none waits any more
   */
  int acknowledge();

  /** Ends the interrupt in service, as a write to the EOI register does. */
  default void endOfInterrupt() {}

  /** Task priority class 0 to 15, as MOV to CR8 sees it. */
  int taskPriority();

  /** Sets the task priority class, as MOV to CR8 does. */
  void taskPriority(int priorityClass);
}

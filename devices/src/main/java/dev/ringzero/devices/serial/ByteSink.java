package dev.ringzero.devices.serial;

/** Where a serial port's output goes. Called on vCPU threads. */
@FunctionalInterface
public interface ByteSink {
  /**
   * Takes a byte, if there is room. Never blocks. A sink that refuses must call {@link
   * Serial#resumeOutput()} when it has room again.
   *
   * @return whether the byte was taken
   */
  boolean offer(int value);

  /** The guest starts or ends a break condition. */
  default void breakCondition(boolean active) {}
}

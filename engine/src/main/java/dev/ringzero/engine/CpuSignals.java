package dev.ringzero.engine;

/** Signals that interrupt controllers and IPIs send to one processor. Any thread. */
public interface CpuSignals {
  /** The INTR pin: an interrupt may be pending, look at the InterruptSource. */
  void interrupt();

  void nonMaskableInterrupt();

  /** The SMI pin. */
  default void systemManagementInterrupt() {}

  /** The INIT signal. */
  void init();

  /**
   * A startup IPI.
   *
   * @param vector start address is {@code vector << 12}
   */
  void startup(int vector);
}

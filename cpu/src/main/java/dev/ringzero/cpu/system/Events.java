package dev.ringzero.cpu.system;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.GuestFault;

/**
 * Delivery of exceptions and interrupts through the IDT or the interrupt vector table.
 *
 * @spec Intel SDM Vol. 3A, "Interrupt and Exception Handling"
 */
public final class Events {
  private Events() {}

  /** How an event came about; it decides the saved RIP, EXT and privilege checks. */
  public enum Kind {
    EXTERNAL_INTERRUPT,
    NMI,
    EXCEPTION,
    /** INT n, INT3, INTO. */
    SOFTWARE,
    /** INT1. */
    PRIVILEGED_SOFTWARE
  }

  /**
   * Delivers an exception that an instruction raised, with the rules for double and triple faults.
   *
   * @throws dev.ringzero.cpu.ExitSignal on a triple fault
   */
  public static void raise(Cpu cpu, GuestFault fault) {
    throw new UnsupportedOperationException();
  }

  /** Delivers an interrupt; faults during delivery are raised inside. */
  public static void deliver(Cpu cpu, int vector, Kind kind) {
    throw new UnsupportedOperationException();
  }
}

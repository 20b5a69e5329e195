package dev.ringzero.vmm.machine;

import dev.ringzero.engine.VirtualCpu;

/**
 * Model-specific registers that live outside the processor core, such as those of the local APIC.
 */
interface MsrBus {
  /**
   * Reads a register.
   *
   * @throws InvalidMsrAccess where hardware raises #GP
   */
  long read(VirtualCpu cpu, int index);

  /**
   * Writes a register.
   *
   * @throws InvalidMsrAccess where hardware raises #GP
   */
  void write(VirtualCpu cpu, int index, long value);

  /** An access that hardware answers with #GP. Stackless. */
  final class InvalidMsrAccess extends RuntimeException {
    private static final long serialVersionUID = 1L;

    InvalidMsrAccess() {
      super(null, null, false, false);
    }
  }
}

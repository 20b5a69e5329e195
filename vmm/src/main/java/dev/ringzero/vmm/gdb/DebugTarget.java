package dev.ringzero.vmm.gdb;

import dev.ringzero.engine.VirtualCpu;

/**
 * What a debugger may do to a machine. All but {@link #interrupt()} are called while it stands
 * still.
 */
public interface DebugTarget {
  /** Number of vCPUs. */
  int cpuCount();

  /** A vCPU, to read and write its registers. */
  VirtualCpu cpu(int id);

  /**
   * Reads guest memory by linear address, as the given vCPU translates it.
   *
   * @return the bytes up to the first that is not mapped
   */
  byte[] readMemory(int cpu, long gva, int lengthBytes);

  /**
   * Writes guest memory by linear address, read-only pages included.
   *
   * @return whether all of it was mapped
   */
  boolean writeMemory(int cpu, long gva, byte[] bytes);

  /** Lets all vCPUs run until one stops, and tells why. */
  Stop resume();

  /** Lets one vCPU run a single instruction, the others none. */
  Stop step(int cpu);

  /** Makes {@link #resume()} return. Any thread. */
  void interrupt();

  /** Stops a vCPU that is about to run the instruction at this address. */
  void addBreakpoint(long gva);

  void removeBreakpoint(long gva);

  /** Takes all breakpoints away and lets the machine run on without a debugger. */
  void resumeDetached();

  /** Ends the machine. */
  void kill();

  /**
   * Why the machine stands still.
   *
   * @param reason what happened
   * @param cpu the vCPU it happened on
   */
  record Stop(Reason reason, int cpu) {}

  /** Kinds of {@link Stop}. */
  enum Reason {
    BREAKPOINT,
    STEP,
    INTERRUPT,
    /** The machine has ended. */
    END
  }
}

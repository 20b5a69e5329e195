package dev.ringzero.engine;

import dev.ringzero.x86.ExitReason;

/**
 * Why a vCPU left non-root mode: one reusable view per vCPU, valid until the next {@link
 * VirtualCpu#run()}. Plain fields, so that reading an exit allocates nothing.
 *
 * @spec Intel SDM Vol. 3C, "VM-Exit Information Fields"
 */
public final class VmExit {
  public ExitReason reason;

  /** Exit qualification as the SDM lays it out for the reason. */
  public long qualification;

  /** Guest-physical address of an EPT violation or misconfiguration. */
  public long gpa;

  /** Guest linear address, where {@link #qualification} says that it is valid. */
  public long gva;

  /** Length in bytes of the instruction that caused the exit; RIP still points at it. */
  public int instructionLength;

  /** Interruption information of EXCEPTION_OR_NMI (vector, type, valid), else 0. */
  public int interruptionInformation;

  /** Error code that belongs to {@link #interruptionInformation}. */
  public int interruptionErrorCode;
}

package dev.ringzero.cpu;

/** What a processor offers to a guest that wants to be a monitor itself. */
public enum Virtualization {
  NONE,
  /** VT-x. */
  VMX,
  /** AMD-V. */
  SVM
}

package dev.ringzero.x86.vmx;

/**
 * What interrupts do to a guest: the pin-based VM-execution controls.
 *
 * @spec Intel SDM Vol. 3C, "Pin-Based VM-Execution Controls"
 */
public final class PinBasedControls {
  public static final int EXTERNAL_INTERRUPT_EXITING = 1 << 0; // External-interrupt exiting
  public static final int NMI_EXITING = 1 << 3; // NMI exiting
  public static final int VIRTUAL_NMIS = 1 << 5; // Virtual NMIs
  public static final int PREEMPTION_TIMER = 1 << 6; // Activate VMX-preemption timer
  public static final int POSTED_INTERRUPTS = 1 << 7; // Process posted interrupts

  private PinBasedControls() {}
}

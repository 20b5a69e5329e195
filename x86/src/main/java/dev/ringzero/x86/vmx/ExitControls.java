package dev.ringzero.x86.vmx;

/**
 * What a VM exit saves and loads: the VM-exit controls.
 *
 * @spec Intel SDM Vol. 3C, "VM-Exit Controls"
 */
public final class ExitControls {
  public static final int SAVE_DEBUG_CONTROLS = 1 << 2; // Save debug controls
  public static final int HOST_ADDRESS_SPACE_SIZE =
      1 << 9; // Host address-space size: the host is in 64-bit mode
  public static final int ACKNOWLEDGE_INTERRUPT = 1 << 15; // Acknowledge interrupt on exit
  public static final int SAVE_PAT = 1 << 18; // Save IA32_PAT
  public static final int LOAD_PAT = 1 << 19; // Load IA32_PAT
  public static final int SAVE_EFER = 1 << 20; // Save IA32_EFER
  public static final int LOAD_EFER = 1 << 21; // Load IA32_EFER
  public static final int SAVE_PREEMPTION_TIMER = 1 << 22; // Save VMX-preemption timer value

  private ExitControls() {}
}

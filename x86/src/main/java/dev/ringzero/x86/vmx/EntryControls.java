package dev.ringzero.x86.vmx;

/**
 * What a VM entry loads: the VM-entry controls.
 *
 * @spec Intel SDM Vol. 3C, "VM-Entry Controls"
 */
public final class EntryControls {
  public static final int LOAD_DEBUG_CONTROLS = 1 << 2; // Load debug controls
  public static final int IA32E_MODE_GUEST = 1 << 9; // IA-32e mode guest
  public static final int ENTRY_TO_SMM = 1 << 10; // Entry to SMM
  public static final int DEACTIVATE_DUAL_MONITOR = 1 << 11; // Deactivate dual-monitor treatment
  public static final int LOAD_PAT = 1 << 14; // Load IA32_PAT
  public static final int LOAD_EFER = 1 << 15; // Load IA32_EFER

  private EntryControls() {}
}

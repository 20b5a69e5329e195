package dev.ringzero.x86.vmx;

/**
 * The secondary processor-based VM-execution controls.
 *
 * @spec Intel SDM Vol. 3C, "Processor-Based VM-Execution Controls"
 */
public final class SecondaryControls {
  public static final int VIRTUALIZE_APIC_ACCESSES = 1 << 0; // Virtualize APIC accesses
  public static final int EPT = 1 << 1; // Enable EPT
  public static final int DESCRIPTOR_TABLE_EXITING = 1 << 2; // Descriptor-table exiting
  public static final int RDTSCP = 1 << 3; // Enable RDTSCP
  public static final int VIRTUALIZE_X2APIC = 1 << 4; // Virtualize x2APIC mode
  public static final int VPID = 1 << 5; // Enable VPID
  public static final int WBINVD_EXITING = 1 << 6; // WBINVD exiting
  public static final int UNRESTRICTED_GUEST = 1 << 7; // Unrestricted guest
  public static final int APIC_REGISTER_VIRTUALIZATION = 1 << 8; // APIC-register virtualization
  public static final int VIRTUAL_INTERRUPT_DELIVERY = 1 << 9; // Virtual-interrupt delivery
  public static final int PAUSE_LOOP_EXITING = 1 << 10; // PAUSE-loop exiting
  public static final int RDRAND_EXITING = 1 << 11; // RDRAND exiting
  public static final int INVPCID = 1 << 12; // Enable INVPCID
  public static final int VM_FUNCTIONS = 1 << 13; // Enable VM functions
  public static final int VMCS_SHADOWING = 1 << 14; // VMCS shadowing
  public static final int RDSEED_EXITING = 1 << 16; // RDSEED exiting
  public static final int PML = 1 << 17; // Enable PML
  public static final int EPT_VIOLATION_VE = 1 << 18; // EPT-violation #VE
  public static final int XSAVES = 1 << 20; // Enable XSAVES/XRSTORS
  public static final int TSC_SCALING = 1 << 25; // Use TSC scaling

  private SecondaryControls() {}
}

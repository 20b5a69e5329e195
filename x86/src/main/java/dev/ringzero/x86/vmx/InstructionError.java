package dev.ringzero.x86.vmx;

/**
 * Numbers of the VM-instruction error field.
 *
 * @spec Intel SDM Vol. 3C, "VM Instruction Error Numbers"
 */
public final class InstructionError {
  public static final int VMCALL_IN_ROOT = 1;
  public static final int VMCLEAR_INVALID_ADDRESS = 2;
  public static final int VMCLEAR_VMXON_POINTER = 3;
  public static final int VMLAUNCH_NOT_CLEAR = 4;
  public static final int VMRESUME_NOT_LAUNCHED = 5;
  public static final int ENTRY_INVALID_CONTROLS = 7;
  public static final int ENTRY_INVALID_HOST_STATE = 8;
  public static final int VMPTRLD_INVALID_ADDRESS = 9;
  public static final int VMPTRLD_VMXON_POINTER = 10;
  public static final int VMPTRLD_WRONG_REVISION = 11;
  public static final int UNSUPPORTED_COMPONENT = 12;
  public static final int READ_ONLY_COMPONENT = 13;
  public static final int VMXON_IN_ROOT = 15;
  public static final int ENTRY_BLOCKED_BY_MOV_SS = 26;
  public static final int INVALID_OPERAND = 28; // of INVEPT or INVVPID

  private InstructionError() {}
}

package dev.ringzero.cpu.vmx;

import dev.ringzero.cpu.Semantics;

/** VMX instructions, by the name of their meaning in the table. */
public final class VmxSemantics {
  private VmxSemantics() {}

  /** The meaning of this name, or null if it is not of this unit. */
  public static Semantics of(String meaning) {
    return switch (meaning) {
      case "VMXON" -> VmxInstructions::vmxon;
      case "VMXOFF" -> VmxInstructions::vmxoff;
      case "VMCLEAR" -> VmxInstructions::vmclear;
      case "VMPTRLD" -> VmxInstructions::vmptrld;
      case "VMPTRST" -> VmxInstructions::vmptrst;
      case "VMREAD" -> VmxInstructions::vmread;
      case "VMWRITE" -> VmxInstructions::vmwrite;
      case "VMLAUNCH" -> VmEntry::launch;
      case "VMRESUME" -> VmEntry::resume;
      case "VMCALL" -> VmxInstructions::vmcall;
      case "VMFUNC" -> VmxInstructions::vmfunc;
      case "INVEPT" -> VmxInstructions::invept;
      case "INVVPID" -> VmxInstructions::invvpid;
      default -> null;
    };
  }
}

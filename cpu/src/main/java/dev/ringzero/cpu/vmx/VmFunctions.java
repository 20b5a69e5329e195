package dev.ringzero.cpu.vmx;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.instruction.Instruction;
import dev.ringzero.x86.vmx.SecondaryControls;
import dev.ringzero.x86.vmx.VmcsField;

/**
 * VMFUNC: a guest changes to other nested tables by itself.
 *
 * @spec Intel SDM Vol. 3C, "VM Functions"; "EPTP Switching"
 */
final class VmFunctions {
  /** Bit of the VM-function controls. */
  static final long EPTP_SWITCHING = 1;

  private static final int LIST_ENTRIES = 512;

  private final Cpu cpu;
  private final VmxLevel level;

  VmFunctions(Cpu cpu, VmxLevel level) {
    this.cpu = cpu;
    this.level = level;
  }

  /** Carries VMFUNC out. */
  void invoke(Instruction i) {
    if (!level.secondary(SecondaryControls.VM_FUNCTIONS)) {
      throw cpu.invalidOpcode();
    }
    Vmcs vmcs = level.vmx.vmcs;
    long function = cpu.gpr[Cpu.RAX] & 0xFFFF_FFFFL;
    long index = cpu.gpr[Cpu.RCX] & 0xFFFF_FFFFL;
    boolean switching = (vmcs.get(VmcsField.VM_FUNCTION_CONTROLS) & EPTP_SWITCHING) != 0;
    if (function != 0 || !switching || index >= LIST_ENTRIES) {
      throw level.exits.exit(ExitReason.VMFUNC, 0, i.length);
    }
    long list = vmcs.get(VmcsField.EPTP_LIST_ADDRESS);
    long pointer = level.vmx.memory().read64(list + 8 * index);
    if (!EptPointer.valid(pointer)) {
      throw level.exits.exit(ExitReason.VMFUNC, 0, i.length);
    }
    vmcs.set(VmcsField.EPT_POINTER, pointer);
    if (level.secondary(SecondaryControls.EPT_VIOLATION_VE)) {
      vmcs.set(VmcsField.EPTP_INDEX, index);
    }
    level.enterSpace();
  }
}

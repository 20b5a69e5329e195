package dev.ringzero.cpu.vmx;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Operands;
import dev.ringzero.cpu.system.Privilege;
import dev.ringzero.cpu.system.Segmentation;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Efer;
import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.Vector;
import dev.ringzero.x86.instruction.Instruction;
import dev.ringzero.x86.vmx.InstructionError;

/**
 * The VMX instructions in VMX root operation, entries apart. In non-root operation they exit, which
 * the level sees to before they come here.
 *
 * @spec Intel SDM Vol. 3C, "VMX Instructions"
 */
final class VmxInstructions {
  private static final int SINGLE_CONTEXT = 1; // type of INVEPT
  private static final int ALL_CONTEXTS = 2; // type of INVEPT

  private static final int INDIVIDUAL_ADDRESS = 0; // types of INVVPID
  private static final int ALL_VPIDS = 2;
  private static final int LAST_TYPE = 3;

  private VmxInstructions() {}

  /** The unit, in VMX root operation; #UD or #GP(0) elsewhere. */
  static Vmx root(Cpu cpu) {
    boolean compatibility = (cpu.efer & Efer.LMA) != 0 && cpu.codeSize != 64;
    if (!cpu.vmx.on || !Segmentation.protectedMode(cpu) || compatibility) {
      throw cpu.invalidOpcode();
    }
    Privilege.requireSupervisor(cpu);
    return cpu.vmx;
  }

  private static long pointer(Cpu cpu, Instruction i) {
    return cpu.mmu.read64(Operands.linear(cpu, i, 8, false));
  }

  static void vmxon(Cpu cpu, Instruction i) {
    Vmx vmx = cpu.vmx;
    boolean compatibility = (cpu.efer & Efer.LMA) != 0 && cpu.codeSize != 64;
    if (!vmx.present()
        || !Segmentation.protectedMode(cpu)
        || (cpu.cr4 & Cr4.VMXE) == 0
        || compatibility) {
      throw cpu.invalidOpcode();
    }
    Privilege.requireSupervisor(cpu);
    if (vmx.on) {
      vmx.fail(InstructionError.VMXON_IN_ROOT);
      return;
    }
    if (!VmxCapabilities.cr0Allowed(cpu.cr0)
        || !VmxCapabilities.cr4Allowed(cpu, cpu.cr4)
        || !vmx.enabledByFirmware()) {
      throw cpu.fault(Vector.GP, 0);
    }
    long gpa = pointer(cpu, i);
    if (!Vmx.validPage(gpa) || (int) vmx.memory().read32(gpa) != Vmcs.REVISION) {
      vmx.failInvalid();
      return;
    }
    vmx.on = true;
    vmx.vmxonPointer = gpa;
    vmx.currentPointer = Vmx.NONE;
    vmx.succeed();
  }

  static void vmxoff(Cpu cpu, Instruction i) {
    Vmx vmx = root(cpu);
    vmx.current(Vmx.NONE);
    vmx.on = false;
    vmx.vmxonPointer = Vmx.NONE;
    vmx.unblockInit();
    vmx.succeed();
  }

  static void vmclear(Cpu cpu, Instruction i) {
    Vmx vmx = root(cpu);
    long gpa = pointer(cpu, i);
    if (!Vmx.validPage(gpa)) {
      vmx.fail(InstructionError.VMCLEAR_INVALID_ADDRESS);
    } else if (gpa == vmx.vmxonPointer) {
      vmx.fail(InstructionError.VMCLEAR_VMXON_POINTER);
    } else {
      if (gpa == vmx.currentPointer) {
        vmx.current(Vmx.NONE);
      }
      Vmcs.clear(vmx.memory(), gpa);
      vmx.succeed();
    }
  }

  static void vmptrld(Cpu cpu, Instruction i) {
    Vmx vmx = root(cpu);
    long gpa = pointer(cpu, i);
    if (!Vmx.validPage(gpa)) {
      vmx.fail(InstructionError.VMPTRLD_INVALID_ADDRESS);
    } else if (gpa == vmx.vmxonPointer) {
      vmx.fail(InstructionError.VMPTRLD_VMXON_POINTER);
    } else if (!VmcsShadow.revisionAllowed((int) vmx.memory().read32(gpa))) {
      vmx.fail(InstructionError.VMPTRLD_WRONG_REVISION);
    } else {
      vmx.current(gpa);
      vmx.succeed();
    }
  }

  static void vmptrst(Cpu cpu, Instruction i) {
    Vmx vmx = root(cpu);
    cpu.mmu.write64(Operands.linear(cpu, i, 8, true), vmx.currentPointer);
    vmx.succeed();
  }

  static void vmread(Cpu cpu, Instruction i) {
    Vmx vmx = root(cpu);
    long encoding = Operands.read(cpu, i, 1);
    if (vmx.currentPointer == Vmx.NONE) {
      vmx.failInvalid();
    } else if (!Vmcs.exists(encoding)) {
      vmx.fail(InstructionError.UNSUPPORTED_COMPONENT);
    } else {
      Operands.write(cpu, i, 0, vmx.vmcs.read((int) encoding));
      vmx.succeed();
    }
  }

  static void vmwrite(Cpu cpu, Instruction i) {
    Vmx vmx = root(cpu);
    long value = Operands.read(cpu, i, 1);
    long encoding = Operands.read(cpu, i, 0);
    if (vmx.currentPointer == Vmx.NONE) {
      vmx.failInvalid();
    } else if (!Vmcs.exists(encoding)) {
      vmx.fail(InstructionError.UNSUPPORTED_COMPONENT);
    } else {
      vmx.vmcs.write((int) encoding, value);
      vmx.succeed();
    }
  }

  static void vmcall(Cpu cpu, Instruction i) {
    if (!cpu.vmx.on) {
      throw cpu.exit(ExitReason.VMCALL, 0, i.length);
    }
    root(cpu).fail(InstructionError.VMCALL_IN_ROOT);
  }

  /** VMFUNC is for inner guests only. */
  static void vmfunc(Cpu cpu, Instruction i) {
    throw cpu.invalidOpcode();
  }

  static void invept(Cpu cpu, Instruction i) {
    Vmx vmx = root(cpu);
    long type = Operands.read(cpu, i, 0);
    long eptPointer = cpu.mmu.read64(Operands.linear(cpu, i, 16, false));
    if (type == SINGLE_CONTEXT && EptPointer.valid(eptPointer)) {
      vmx.level().forgetEpt(eptPointer);
      vmx.succeed();
    } else if (type == ALL_CONTEXTS) {
      vmx.level().forgetAll();
      vmx.succeed();
    } else {
      vmx.fail(InstructionError.INVALID_OPERAND);
    }
  }

  static void invvpid(Cpu cpu, Instruction i) {
    Vmx vmx = root(cpu);
    long type = Operands.read(cpu, i, 0);
    long descriptor = Operands.linear(cpu, i, 16, false);
    long vpid = cpu.mmu.read64(descriptor);
    long linear = cpu.mmu.read64(descriptor + 8);
    boolean known = Long.compareUnsigned(type, LAST_TYPE) <= 0;
    if (!known
        || vpid >>> 16 != 0
        || type != ALL_VPIDS && vpid == 0
        || type == INDIVIDUAL_ADDRESS && !Segmentation.canonical(linear)) {
      vmx.fail(InstructionError.INVALID_OPERAND);
      return;
    }
    if (type == ALL_VPIDS) {
      vmx.level().forgetAll();
    } else {
      vmx.level().forgetVpid((int) vpid);
    }
    vmx.succeed();
  }
}

package dev.ringzero.cpu.vmx;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.level.Intercept;
import dev.ringzero.cpu.system.ControlRegisters;
import dev.ringzero.cpu.system.SystemOperands;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.instruction.Instruction;
import dev.ringzero.x86.instruction.Operand;
import dev.ringzero.x86.vmx.ProcessorControls;
import dev.ringzero.x86.vmx.VmcsField;

/**
 * A guest's accesses to control and debug registers: masks, shadows and target values.
 *
 * @spec Intel SDM Vol. 3C, "Guest/Host Masks and Read Shadows for CR0 and CR4"; "Changes to
 *     Instruction Behavior in VMX Non-Root Operation"
 */
final class ControlRegisterExits {
  private static final long CLTS = 2L << 4; // qualification: kinds of access
  private static final long LMSW = 3L << 4;
  private static final long FROM = 1L << 4; // MOV from a control or debug register
  private static final long LMSW_MEMORY = 1L << 6;
  private static final int REGISTER_SHIFT = 8;
  private static final int LMSW_SOURCE_SHIFT = 16;
  private static final long LMSW_BITS = Cr0.PE | Cr0.MP | Cr0.EM | Cr0.TS;

  private final Cpu cpu;
  private final VmxLevel level;
  private final Vmcs vmcs;

  ControlRegisterExits(Cpu cpu, VmxLevel level) {
    this.cpu = cpu;
    this.level = level;
    this.vmcs = level.vmx.vmcs;
  }

  boolean intercept(Intercept what, Instruction i) {
    return switch (what) {
      case CLTS -> clts(i);
      case LMSW -> lmsw(i);
      case SMSW -> {
        SystemOperands.writeSelector(cpu, i, readCr0());
        yield true;
      }
      default -> i.operand(0).place() == Operand.Place.CONTROL ? moveTo(i) : moveFrom(i);
    };
  }

  private RuntimeException exit(long qualification, Instruction i) {
    return level.exits.exit(ExitReason.CR_ACCESS, qualification, i.length);
  }

  private long readCr0() {
    long mask = vmcs.get(VmcsField.CR0_GUEST_HOST_MASK);
    return cpu.cr0 & ~mask | vmcs.get(VmcsField.CR0_READ_SHADOW) & mask;
  }

  private long readCr4() {
    long mask = vmcs.get(VmcsField.CR4_GUEST_HOST_MASK);
    return cpu.cr4 & ~mask | vmcs.get(VmcsField.CR4_READ_SHADOW) & mask;
  }

  private boolean moveFrom(Instruction i) {
    long qualification = i.reg | FROM | (long) i.rm << REGISTER_SHIFT;
    long value;
    switch (i.reg) {
      case 0 -> value = readCr0();
      case 3 -> {
        if (level.processor(ProcessorControls.CR3_STORE_EXITING)) {
          throw exit(qualification, i);
        }
        return false;
      }
      case 4 -> value = readCr4();
      case 8 -> {
        if (level.processor(ProcessorControls.CR8_STORE_EXITING)) {
          throw exit(qualification, i);
        }
        if (!level.processor(ProcessorControls.TPR_SHADOW)) {
          return false;
        }
        value = level.virtualApic.taskPriority() >>> 4;
      }
      default -> {
        return false;
      }
    }
    cpu.gpr[i.rm] = cpu.codeSize == 64 ? value : value & 0xFFFF_FFFFL;
    return true;
  }

  private boolean moveTo(Instruction i) {
    long value = cpu.codeSize == 64 ? cpu.gpr[i.rm] : cpu.gpr[i.rm] & 0xFFFF_FFFFL;
    long qualification = i.reg | (long) i.rm << REGISTER_SHIFT;
    return switch (i.reg) {
      case 0 -> writeCr0(value, qualification, i);
      case 3 -> {
        if (level.processor(ProcessorControls.CR3_LOAD_EXITING) && !target(value)) {
          throw exit(qualification, i);
        }
        yield false;
      }
      case 4 -> writeCr4(value, qualification, i);
      case 8 -> writeCr8(value, qualification, i);
      default -> false;
    };
  }

  private boolean writeCr0(long value, long qualification, Instruction i) {
    long mask = vmcs.get(VmcsField.CR0_GUEST_HOST_MASK);
    if ((mask & (value ^ vmcs.get(VmcsField.CR0_READ_SHADOW))) != 0) {
      throw exit(qualification, i);
    }
    ControlRegisters.writeCr0(cpu, value & ~mask | cpu.cr0 & mask);
    return true;
  }

  private boolean writeCr4(long value, long qualification, Instruction i) {
    long mask = vmcs.get(VmcsField.CR4_GUEST_HOST_MASK);
    if ((mask & (value ^ vmcs.get(VmcsField.CR4_READ_SHADOW))) != 0) {
      throw exit(qualification, i);
    }
    ControlRegisters.writeCr4(cpu, value & ~mask | cpu.cr4 & mask);
    return true;
  }

  private boolean target(long value) {
    int count = vmcs.get32(VmcsField.CR3_TARGET_COUNT);
    for (int n = 0; n < count; n++) {
      if (vmcs.get(VmcsField.CR3_TARGET_0 + 2 * n) == value) {
        return true;
      }
    }
    return false;
  }

  private boolean writeCr8(long value, long qualification, Instruction i) {
    if (level.processor(ProcessorControls.CR8_LOAD_EXITING)) {
      throw exit(qualification, i);
    }
    if (!level.processor(ProcessorControls.TPR_SHADOW) || value >>> 4 != 0) {
      return false;
    }
    level.virtualApic.taskPriority((int) value << 4);
    return true;
  }

  private boolean clts(Instruction i) {
    boolean masked = (vmcs.get(VmcsField.CR0_GUEST_HOST_MASK) & Cr0.TS) != 0;
    if (masked && (vmcs.get(VmcsField.CR0_READ_SHADOW) & Cr0.TS) != 0) {
      throw exit(CLTS, i);
    }
    return masked;
  }

  private boolean lmsw(Instruction i) {
    long mask = vmcs.get(VmcsField.CR0_GUEST_HOST_MASK) & LMSW_BITS;
    long shadow = vmcs.get(VmcsField.CR0_READ_SHADOW);
    long source = SystemOperands.readSelector(cpu, i);
    boolean setsProtection = (mask & source & ~shadow & Cr0.PE) != 0;
    if (setsProtection || (mask & ~Cr0.PE & (source ^ shadow)) != 0) {
      long memory = i.hasMemory() ? LMSW_MEMORY : 0;
      level.exits.exit(ExitReason.CR_ACCESS, LMSW | memory | source << LMSW_SOURCE_SHIFT, i.length);
      level.exits.linear = i.hasMemory() ? InstructionInformation.linear(cpu, i) : 0;
      throw cpu.leaveLevel();
    }
    long bits = LMSW_BITS & ~mask;
    long kept = cpu.cr0 & Cr0.PE;
    ControlRegisters.writeCr0(cpu, cpu.cr0 & ~bits | source & bits | kept);
    return true;
  }

  /** MOV to and from debug registers. */
  void debugRegister(Instruction i) {
    boolean alias = i.reg == 4 || i.reg == 5;
    boolean undefined = i.reg > 7 || alias && (cpu.cr4 & Cr4.DE) != 0;
    if (undefined || !level.processor(ProcessorControls.MOV_DR_EXITING)) {
      return;
    }
    boolean to = i.operand(0).place() == Operand.Place.DEBUG;
    long qualification = i.reg | (to ? 0 : FROM) | (long) i.rm << REGISTER_SHIFT;
    throw level.exits.exit(ExitReason.DR_ACCESS, qualification, i.length);
  }
}

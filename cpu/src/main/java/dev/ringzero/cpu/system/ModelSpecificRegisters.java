package dev.ringzero.cpu.system;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.GuestFault;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Vector;

/**
 * The model-specific registers that the processor itself holds. Those of the board (local APIC, TSC
 * deadline) and unknown ones are not held: the monitor decides about them.
 *
 * <p>Not modelled: speculation, so that its controls are kept without effect; registers of Intel's
 * for branch records; of IA32_MISC_ENABLE all but what CPUID shows.
 *
 * @spec Intel SDM Vol. 4, "Architectural MSRs"
 */
public final class ModelSpecificRegisters {
  static final int MACHINE_CHECK_BANKS = 10;

  private static final long MICROCODE_REVISION = 1L << 32;
  private static final long MISC_ENABLE_FAST_STRINGS = 1L << 0; // Fast-Strings Enable
  private static final long MISC_ENABLE_THERMAL = 1L << 3; // Automatic Thermal Control Enable
  private static final long MISC_ENABLE_SPEEDSTEP = 1L << 16; // Enhanced Intel SpeedStep Enable
  private static final long MISC_ENABLE_MONITOR = 1L << 18; // MONITOR FSM Enable
  private static final long MISC_ENABLE_LIMIT_CPUID = 1L << 22; // Limit CPUID Maxval
  private static final long MISC_ENABLE_XTPR_DISABLE = 1L << 23; // xTPR Message Disable
  private static final long MISC_ENABLE_XD_DISABLE = 1L << 34; // XD Bit Disable
  private static final long MISC_ENABLE_WRITABLE =
      MISC_ENABLE_FAST_STRINGS
          | MISC_ENABLE_THERMAL
          | MISC_ENABLE_SPEEDSTEP
          | MISC_ENABLE_MONITOR
          | MISC_ENABLE_LIMIT_CPUID
          | MISC_ENABLE_XTPR_DISABLE
          | MISC_ENABLE_XD_DISABLE;
  private static final long SPEC_CTRL_BITS = 0x407; // IBRS, STIBP, SSBD, BHI_DIS_S
  private static final long PRED_CMD_IBPB = 1; // Indirect Branch Prediction Barrier
  private static final long MCG_STATUS_BITS = 7; // RIPV, EIPV, MCIP

  private ModelSpecificRegisters() {}

  /** Whether the processor holds this register. */
  public static boolean holds(Cpu cpu, int index) {
    return switch (index) {
      case Msr.IA32_TIME_STAMP_COUNTER,
          Msr.IA32_PLATFORM_ID,
          Msr.IA32_TSC_ADJUST,
          Msr.IA32_SPEC_CTRL,
          Msr.IA32_PRED_CMD,
          Msr.IA32_BIOS_SIGN_ID,
          Msr.IA32_MTRRCAP,
          Msr.IA32_ARCH_CAPABILITIES,
          Msr.IA32_SYSENTER_CS,
          Msr.IA32_SYSENTER_ESP,
          Msr.IA32_SYSENTER_EIP,
          Msr.IA32_MCG_CAP,
          Msr.IA32_MCG_STATUS,
          Msr.IA32_MISC_ENABLE,
          Msr.IA32_DEBUGCTL,
          Msr.IA32_PAT,
          Msr.IA32_MTRR_DEF_TYPE,
          Msr.IA32_XSS,
          Msr.IA32_EFER,
          Msr.IA32_STAR,
          Msr.IA32_LSTAR,
          Msr.IA32_CSTAR,
          Msr.IA32_FMASK,
          Msr.IA32_FS_BASE,
          Msr.IA32_GS_BASE,
          Msr.IA32_KERNEL_GS_BASE,
          Msr.IA32_TSC_AUX ->
          true;
      default ->
          cpu.svm.holds(index)
              || index == Msr.IA32_PKRS && (cpu.system.cr4Allowed & Cr4.PKS) != 0
              || cpu.svm.present() && BranchRecord.holds(index)
              || cpu.system.amd.holds(index)
              || cpu.vmx.holds(index)
              || bankNumber(index) >= 0
              || MemoryTypeRanges.fixedNumber(index) >= 0
              || MemoryTypeRanges.variableNumber(index) >= 0;
    };
  }

  private static int bankNumber(int index) {
    int number = index - Msr.IA32_MC0_CTL;
    return number >= 0 && number < 4 * MACHINE_CHECK_BANKS ? number : -1;
  }

  /** The time-stamp counter as the guest sees it. */
  public static long timeStamp(Cpu cpu) {
    long own = cpu.clock.tsc() + cpu.system.tscOffset;
    return cpu.level == null ? own : cpu.level.timeStamp(own);
  }

  /**
   * Reads a register that the processor {@linkplain #holds holds}.
   *
   * @throws GuestFault #GP(0) for one that cannot be read
   */
  public static long read(Cpu cpu, int index) {
    SystemRegisters system = cpu.system;
    return switch (index) {
      case Msr.IA32_TIME_STAMP_COUNTER -> timeStamp(cpu);
      case Msr.IA32_PLATFORM_ID -> 0;
      case Msr.IA32_TSC_ADJUST -> system.tscAdjust;
      case Msr.IA32_SPEC_CTRL -> system.specCtrl;
      case Msr.IA32_BIOS_SIGN_ID -> MICROCODE_REVISION;
      case Msr.IA32_MTRRCAP -> MemoryTypeRanges.CAPABILITIES;
      case Msr.IA32_ARCH_CAPABILITIES -> system.archCapabilities;
      case Msr.IA32_SYSENTER_CS -> system.sysenterCs;
      case Msr.IA32_SYSENTER_ESP -> system.sysenterEsp;
      case Msr.IA32_SYSENTER_EIP -> system.sysenterEip;
      case Msr.IA32_MCG_CAP -> MACHINE_CHECK_BANKS;
      case Msr.IA32_MCG_STATUS -> system.mcgStatus;
      case Msr.IA32_MISC_ENABLE -> system.miscEnable;
      case Msr.IA32_DEBUGCTL -> system.debugctl;
      case Msr.IA32_PKRS -> system.pkrs & 0xFFFF_FFFFL;
      case Msr.IA32_PAT -> system.pat;
      case Msr.IA32_MTRR_DEF_TYPE -> system.memoryTypes.defaultType;
      case Msr.IA32_XSS -> system.xss;
      case Msr.IA32_EFER -> cpu.efer;
      case Msr.IA32_STAR -> system.star;
      case Msr.IA32_LSTAR -> system.lstar;
      case Msr.IA32_CSTAR -> system.cstar;
      case Msr.IA32_FMASK -> system.sfmask;
      case Msr.IA32_FS_BASE -> cpu.segmentBase[Cpu.FS];
      case Msr.IA32_GS_BASE -> cpu.segmentBase[Cpu.GS];
      case Msr.IA32_KERNEL_GS_BASE -> system.kernelGsBase;
      case Msr.IA32_TSC_AUX -> system.tscAux;
      default -> readNumbered(cpu, index);
    };
  }

  private static long readNumbered(Cpu cpu, int index) {
    if (cpu.svm.holds(index)) {
      return cpu.svm.read(index);
    }
    if (cpu.system.amd.holds(index)) {
      return cpu.system.amd.read(index);
    }
    if (cpu.svm.present() && BranchRecord.holds(index)) {
      return cpu.system.branches.read(index);
    }
    if (cpu.vmx.holds(index)) {
      return cpu.vmx.readMsr(index);
    }
    if (bankNumber(index) >= 0) {
      return cpu.system.machineCheck[bankNumber(index)];
    }
    if (MemoryTypeRanges.fixedNumber(index) >= 0) {
      return cpu.system.memoryTypes.fixed[MemoryTypeRanges.fixedNumber(index)];
    }
    if (MemoryTypeRanges.variableNumber(index) >= 0) {
      return cpu.system.memoryTypes.variable[MemoryTypeRanges.variableNumber(index)];
    }
    throw cpu.fault(Vector.GP, 0);
  }

  /**
   * Writes a register that the processor {@linkplain #holds holds}.
   *
   * @throws GuestFault #GP(0) for a value it cannot take
   */
  public static void write(Cpu cpu, int index, long value) {
    SystemRegisters system = cpu.system;
    switch (index) {
      case Msr.IA32_TIME_STAMP_COUNTER -> adjustTimeStamp(system, value - timeStamp(cpu));
      case Msr.IA32_TSC_ADJUST -> adjustTimeStamp(system, value - system.tscAdjust);
      case Msr.IA32_SPEC_CTRL -> system.specCtrl = reserved(cpu, value, SPEC_CTRL_BITS);
      case Msr.IA32_PRED_CMD -> reserved(cpu, value, PRED_CMD_IBPB);
      case Msr.IA32_BIOS_SIGN_ID -> {}
      case Msr.IA32_SYSENTER_CS -> system.sysenterCs = value & 0xFFFF_FFFFL;
      case Msr.IA32_SYSENTER_ESP -> system.sysenterEsp = canonical(cpu, value);
      case Msr.IA32_SYSENTER_EIP -> system.sysenterEip = canonical(cpu, value);
      case Msr.IA32_MCG_STATUS -> system.mcgStatus = reserved(cpu, value, MCG_STATUS_BITS);
      case Msr.IA32_MISC_ENABLE -> writeMiscEnable(cpu, value);
      case Msr.IA32_DEBUGCTL ->
          system.debugctl = reserved(cpu, value, BranchRecord.LBR | BranchRecord.BTF);
      case Msr.IA32_PKRS -> ProtectionKeys.writePkrs(cpu, reserved(cpu, value, 0xFFFF_FFFFL));
      case Msr.IA32_PAT -> system.pat = pageAttributes(cpu, value);
      case Msr.IA32_MTRR_DEF_TYPE -> require(cpu, system.memoryTypes.writeDefaultType(value));
      case Msr.IA32_XSS -> system.xss = reserved(cpu, value, system.xssAllowed);
      case Msr.IA32_EFER -> ControlRegisters.writeEfer(cpu, value);
      case Msr.IA32_STAR -> system.star = value;
      case Msr.IA32_LSTAR -> system.lstar = canonical(cpu, value);
      case Msr.IA32_CSTAR -> system.cstar = canonical(cpu, value);
      case Msr.IA32_FMASK -> system.sfmask = reserved(cpu, value, 0xFFFF_FFFFL);
      case Msr.IA32_FS_BASE -> cpu.segmentBase[Cpu.FS] = canonical(cpu, value);
      case Msr.IA32_GS_BASE -> cpu.segmentBase[Cpu.GS] = canonical(cpu, value);
      case Msr.IA32_KERNEL_GS_BASE -> system.kernelGsBase = canonical(cpu, value);
      case Msr.IA32_TSC_AUX -> system.tscAux = reserved(cpu, value, 0xFFFF_FFFFL);
      default -> writeNumbered(cpu, index, value);
    }
  }

  /**
   * Sets a register as a monitor does: those that a guest only reads too, and IA32_EFER with LMA
   * and without the checks of WRMSR.
   */
  public static void force(Cpu cpu, int index, long value) {
    switch (index) {
      case Msr.IA32_EFER -> {
        cpu.efer = value;
        ControlRegisters.stateReplaced(cpu, true);
      }
      case Msr.IA32_ARCH_CAPABILITIES -> cpu.system.archCapabilities = value;
      default -> write(cpu, index, value);
    }
  }

  private static void writeNumbered(Cpu cpu, int index, long value) {
    if (cpu.svm.holds(index)) {
      cpu.svm.write(index, value);
      return;
    }
    if (cpu.system.amd.holds(index)) {
      cpu.system.amd.write(index, value);
      return;
    }
    if (cpu.vmx.holds(index)) {
      require(cpu, cpu.vmx.writeMsr(index, value));
      return;
    }
    if (cpu.svm.present() && BranchRecord.holds(index)) {
      cpu.system.branches.write(index, value);
      return;
    }
    SystemRegisters system = cpu.system;
    int bank = bankNumber(index);
    int fixed = MemoryTypeRanges.fixedNumber(index);
    int variable = MemoryTypeRanges.variableNumber(index);
    if (bank >= 0) {
      require(cpu, isBankValue(bank & 3, value));
      system.machineCheck[bank] = value;
    } else if (fixed >= 0) {
      require(cpu, system.memoryTypes.writeFixed(fixed, value));
    } else {
      boolean written = variable >= 0 && system.memoryTypes.writeVariable(variable, value);
      require(cpu, written);
    }
  }

  /** What the registers of a bank take: control, status, address, miscellaneous. */
  private static boolean isBankValue(int register, long value) {
    return switch (register) {
      case 0 -> value == 0 || value == -1;
      case 1 -> value == 0;
      default -> true;
    };
  }

  private static void adjustTimeStamp(SystemRegisters system, long difference) {
    system.tscOffset += difference;
    system.tscAdjust += difference;
  }

  private static void writeMiscEnable(Cpu cpu, long value) {
    long fixedBits = cpu.system.miscEnable & ~MISC_ENABLE_WRITABLE;
    require(cpu, (value & ~(fixedBits | MISC_ENABLE_WRITABLE)) == 0);
    cpu.system.miscEnable = value & MISC_ENABLE_WRITABLE | fixedBits;
  }

  private static long pageAttributes(Cpu cpu, long value) {
    for (int shift = 0; shift < 64; shift += 8) {
      long type = value >>> shift & 0xFF;
      require(cpu, type <= 7 && type != 2 && type != 3);
    }
    return value;
  }

  private static long canonical(Cpu cpu, long value) {
    require(cpu, Segmentation.canonical(value));
    return value;
  }

  private static long reserved(Cpu cpu, long value, long allowed) {
    require(cpu, (value & ~allowed) == 0);
    return value;
  }

  private static void require(Cpu cpu, boolean valid) {
    if (!valid) {
      throw cpu.fault(Vector.GP, 0);
    }
  }
}

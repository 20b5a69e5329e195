package dev.ringzero.cpu.system;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Flags;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.Rflags;
import java.util.Arrays;

/**
 * The states after power-up or RESET, after INIT, and after a startup IPI.
 *
 * <p>Not modelled: RESET leaves the time-stamp counter at the machine's clock, so that those of all
 * processors agree; built-in self test.
 *
 * @spec Intel SDM Vol. 3A, "Processor State After Reset"
 */
public final class ProcessorReset {
  private static final long RESET_VECTOR_BASE = 0xFFFF_0000L;
  private static final long RESET_VECTOR_OFFSET = 0xFFF0;
  private static final long DR6_AFTER_RESET = 0xFFFF_0FF0L;
  private static final long DR7_AFTER_RESET = 0x400;
  private static final long PAT_AFTER_RESET = 0x0007_0406_0007_0406L;
  private static final long MISC_ENABLE_AFTER_RESET = 0x1801;

  private ProcessorReset() {}

  /**
   * Puts the processor into its state after RESET, or after INIT, which keeps caches, x87, SSE,
   * MSRs and the time-stamp counter.
   *
   * @param signature CPUID.1:EAX, which EDX then holds
   */
  public static void reset(Cpu cpu, boolean init, int signature) {
    resetRegisters(cpu, signature);
    resetControlRegisters(cpu, init);
    resetSegments(cpu);
    resetDescriptorTables(cpu.system);
    resetEvents(cpu.system);
    cpu.vmx.reset(init);
    if (!init) {
      resetExtendedState(cpu);
      resetModelSpecificRegisters(cpu);
    }
    cpu.svm.reset(init);
    ControlRegisters.stateReplaced(cpu, true);
  }

  /** A startup IPI to a processor that waits for one after INIT. */
  public static void startup(Cpu cpu, int vector) {
    SegmentRegisters.set(
        cpu, Cpu.CS, vector << 8, (long) vector << 12, 0xFFFF, AccessRights.REAL_MODE_CODE);
    Events.enter(cpu, 0);
    ControlRegisters.stateReplaced(cpu, true);
  }

  private static void resetRegisters(Cpu cpu, int signature) {
    Arrays.fill(cpu.gpr, 0);
    cpu.gpr[Cpu.RDX] = signature & 0xFFFF_FFFFL;
    Flags.write(cpu, Rflags.FIXED);
    Events.enter(cpu, RESET_VECTOR_OFFSET);
    cpu.cpl = 0;
  }

  private static void resetControlRegisters(Cpu cpu, boolean init) {
    long caching = init ? cpu.cr0 & (Cr0.CD | Cr0.NW) : Cr0.CD | Cr0.NW;
    cpu.cr0 = Cr0.ET | caching;
    cpu.cr2 = 0;
    cpu.cr3 = 0;
    cpu.cr4 = 0;
    cpu.efer = 0;
    Arrays.fill(cpu.dr, 0);
    cpu.dr[6] = DR6_AFTER_RESET;
    cpu.dr[7] = DR7_AFTER_RESET;
  }

  private static void resetSegments(Cpu cpu) {
    for (int segment = Cpu.ES; segment <= Cpu.GS; segment++) {
      SegmentRegisters.set(cpu, segment, 0, 0, 0xFFFF, AccessRights.REAL_MODE_DATA);
    }
    SegmentRegisters.set(
        cpu, Cpu.CS, 0xF000, RESET_VECTOR_BASE, 0xFFFF, AccessRights.REAL_MODE_CODE);
  }

  private static void resetDescriptorTables(SystemRegisters system) {
    system.gdtrBase = 0;
    system.gdtrLimit = 0xFFFF;
    system.idtrBase = 0;
    system.idtrLimit = 0xFFFF;
    system.loadLdtr(0, 0, 0xFFFF, AccessRights.P | AccessRights.LDT);
    system.loadTr(0, 0, 0xFFFF, AccessRights.P | AccessRights.TSS_BUSY);
  }

  private static void resetEvents(SystemRegisters system) {
    system.endShadow();
    system.nmiBlocked = false;
    system.pendingKind = null;
    system.debugTrapStatus = 0;
    system.debugFaultStatus = 0;
    system.resumeFlagLoaded = false;
  }

  private static void resetExtendedState(Cpu cpu) {
    Arrays.fill(cpu.vector, 0);
    cpu.mxcsr = 0x1F80;
    cpu.xcr0 = 1;
    cpu.x87.reset();
  }

  private static void resetModelSpecificRegisters(Cpu cpu) {
    SystemRegisters system = cpu.system;
    system.amd.reset();
    system.sysenterCs = 0;
    system.sysenterEsp = 0;
    system.sysenterEip = 0;
    system.star = 0;
    system.lstar = 0;
    system.cstar = 0;
    system.sfmask = 0;
    system.kernelGsBase = 0;
    system.pat = PAT_AFTER_RESET;
    system.tscOffset = 0;
    system.tscAdjust = 0;
    system.tscAux = 0;
    system.debugctl = 0;
    system.pkru = 0;
    system.pkrs = 0;
    system.xss = 0;
    system.miscEnable = MISC_ENABLE_AFTER_RESET;
    system.specCtrl = 0;
    system.mcgStatus = 0;
    Arrays.fill(system.machineCheck, 0);
    Arrays.fill(system.memoryTypes.variable, 0);
    Arrays.fill(system.memoryTypes.fixed, 0);
    system.memoryTypes.defaultType = 0;
  }
}

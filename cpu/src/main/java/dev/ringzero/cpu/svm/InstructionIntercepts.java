package dev.ringzero.cpu.svm;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Operands;
import dev.ringzero.cpu.level.Intercept;
import dev.ringzero.cpu.level.PauseLoops;
import dev.ringzero.cpu.system.PortPermission;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.SvmExitCode;
import dev.ringzero.x86.Vector;
import dev.ringzero.x86.Vmcb;
import dev.ringzero.x86.instruction.Instruction;
import dev.ringzero.x86.instruction.Operand;

/**
 * Instructions that a VMCB intercepts. Faults of mode and privilege come before; those that depend
 * on values come after.
 *
 * @spec AMD64 APM Vol. 2, "Instruction Intercepts"; "IOIO Intercepts"; "MSR Intercepts"
 */
final class InstructionIntercepts {
  private static final long GPR_VALID = 1L << 63;
  private static final long CR0_NOT_SELECTED = Cr0.TS | Cr0.MP;

  private static final int IO_IN = 1;
  private static final int IO_STRING = 1 << 2;
  private static final int IO_REPEATED = 1 << 3;
  private static final int IO_SIZE_SHIFT = 4; // one bit for 1, 2, 4 bytes
  private static final int IO_ADDRESS_SHIFT = 7; // one bit for 16, 32, 64 bits
  private static final int IO_SEGMENT_SHIFT = 10;
  private static final int IO_PORT_SHIFT = 16;

  private final Cpu cpu;
  private final InnerGuest guest;
  private final Controls controls;
  private final PermissionMaps maps;
  private final PauseLoops pauses;

  InstructionIntercepts(Cpu cpu, InnerGuest guest, PermissionMaps maps) {
    this.cpu = cpu;
    this.guest = guest;
    this.controls = guest.controls;
    this.maps = maps;
    pauses = new PauseLoops(cpu);
  }

  void entered() {
    if (controls.intercepts(SvmExitCode.PAUSE)) {
      pauses.watch(controls.pauseFilter, controls.pauseFilter == 0 ? 0 : controls.pauseThreshold);
    } else {
      pauses.ignore();
    }
  }

  /** Throws an exit where the instruction is intercepted; true if it was carried out. */
  boolean intercept(Intercept what, Instruction i) {
    switch (what) {
      case CPUID -> simple(SvmExitCode.CPUID);
      case HLT -> simple(SvmExitCode.HLT);
      case INVD -> simple(SvmExitCode.INVD);
      case WBINVD, WBNOINVD -> simple(SvmExitCode.WBINVD);
      case MONITOR -> simple(SvmExitCode.MONITOR);
      case MWAIT -> simple(SvmExitCode.MWAIT);
      case PUSHF -> simple(SvmExitCode.PUSHF);
      case POPF -> simple(SvmExitCode.POPF);
      case IRET -> simple(SvmExitCode.IRET);
      case INT1 -> simple(SvmExitCode.ICEBP);
      case INT -> simple(SvmExitCode.SWINT, i.immediate & 0xFF, 0);
      case SGDT -> simple(SvmExitCode.GDTR_READ);
      case SIDT -> simple(SvmExitCode.IDTR_READ);
      case SLDT -> simple(SvmExitCode.LDTR_READ);
      case STR -> simple(SvmExitCode.TR_READ);
      case LGDT -> simple(SvmExitCode.GDTR_WRITE);
      case LIDT -> simple(SvmExitCode.IDTR_WRITE);
      case LLDT -> simple(SvmExitCode.LDTR_WRITE);
      case LTR -> simple(SvmExitCode.TR_WRITE);
      case RDTSC -> timeStamp(SvmExitCode.RDTSC);
      case RDTSCP -> timeStamp(SvmExitCode.RDTSCP);
      case RDPMC -> performanceCounter();
      case XSETBV -> extendedControl();
      case PAUSE -> pause();
      case INVLPG -> simple(SvmExitCode.INVLPG, linear(i), 0);
      case INVPCID -> invalidatePcid(i);
      case RDMSR -> msr(false);
      case WRMSR -> msr(true);
      case MOV_DR -> debugRegister(i);
      case IN, OUT, INS, OUTS -> port(what, i);
      case VMRUN -> svm(SvmExitCode.VMRUN);
      case VMMCALL -> simple(SvmExitCode.VMMCALL);
      case RSM -> simple(SvmExitCode.RSM);
      case VMLOAD -> svm(SvmExitCode.VMLOAD);
      case VMSAVE -> svm(SvmExitCode.VMSAVE);
      case STGI -> svm(SvmExitCode.STGI);
      case CLGI -> svm(SvmExitCode.CLGI);
      case INVLPGA -> svm(SvmExitCode.INVLPGA);
      case MOV_CR -> {
        return controlRegister(i);
      }
      case CLTS -> checkControl(0, true, 0);
      case LMSW -> loadMachineStatus();
      case SMSW -> readCr0Partly();
      default -> {}
    }
    return false;
  }

  private void simple(int code) {
    simple(code, 0, 0);
  }

  private void simple(int code, long info1, long info2) {
    if (controls.intercepts(code)) {
      throw guest.exit(code, info1, info2, cpu.nextRip);
    }
  }

  private void svm(int code) {
    if (cpu.svm.enabled() && SvmInstructions.protectedMode(cpu)) {
      simple(code);
    }
  }

  private void timeStamp(int code) {
    if (cpu.cpl == 0 || (cpu.cr4 & Cr4.TSD) == 0) {
      simple(code);
    }
  }

  private void performanceCounter() {
    if (cpu.cpl == 0 || (cpu.cr4 & Cr4.PCE) != 0) {
      simple(SvmExitCode.RDPMC);
    }
  }

  private void extendedControl() {
    if ((cpu.cr4 & Cr4.OSXSAVE) != 0) {
      simple(SvmExitCode.XSETBV);
    }
  }

  private void pause() {
    if (controls.intercepts(SvmExitCode.PAUSE) && pauses.counted()) {
      simple(SvmExitCode.PAUSE);
    }
  }

  private long linear(Instruction i) {
    long offset = cpu.offset(i);
    if (cpu.codeSize != 64) {
      return cpu.segmentBase[i.segment] + offset & 0xFFFF_FFFFL;
    }
    return i.segment >= Cpu.FS ? offset + cpu.segmentBase[i.segment] : offset;
  }

  private void invalidatePcid(Instruction i) {
    if (controls.intercepts(SvmExitCode.INVPCID)) {
      simple(SvmExitCode.INVPCID, Operands.linear(cpu, i, 16, false), cpu.gpr[i.reg]);
    }
  }

  private void msr(boolean write) {
    int index = (int) cpu.gpr[Cpu.RCX];
    if (controls.intercepts(SvmExitCode.MSR) && maps.msr(controls.msrMap, index, write)) {
      simple(SvmExitCode.MSR, write ? 1 : 0, 0);
    }
  }

  private void debugRegister(Instruction i) {
    boolean write = i.operand(0).place() == Operand.Place.DEBUG;
    boolean alias = i.reg == 4 || i.reg == 5;
    if (i.reg > 7 || alias && (cpu.cr4 & Cr4.DE) != 0) {
      return;
    }
    if ((controls.drIntercepts >>> i.reg + (write ? 16 : 0) & 1) != 0) {
      int code = (write ? SvmExitCode.DR_WRITE : SvmExitCode.DR_READ) + i.reg;
      throw guest.exit(code, i.rm, 0, cpu.nextRip);
    }
  }

  // --- control registers

  private boolean controlRegister(Instruction i) {
    boolean write = i.operand(0).place() == Operand.Place.CONTROL;
    boolean exists = i.reg == 0 || i.reg >= 2 && i.reg <= 4 || i.reg == 8;
    if (!exists) {
      return false;
    }
    checkControl(i.reg, write, GPR_VALID | i.rm);
    if (write && i.reg == 0) {
      checkSelective(cpu.gpr[i.rm], GPR_VALID | i.rm);
    }
    return i.reg == 8 && controls.masksInterrupts() && taskPriority(i, write);
  }

  private void checkControl(int number, boolean write, long info) {
    if ((controls.crIntercepts >>> number + (write ? 16 : 0) & 1) != 0) {
      int code = (write ? SvmExitCode.CR_WRITE : SvmExitCode.CR_READ) + number;
      throw guest.exit(code, info, 0, cpu.nextRip);
    }
  }

  private void checkSelective(long value, long info) {
    if (((value ^ cpu.cr0) & ~CR0_NOT_SELECTED & 0xFFFF_FFFFL) != 0) {
      simple(SvmExitCode.CR0_SEL_WRITE, info, 0);
    }
  }

  /** CR8 of a guest whose interrupts are virtual is V_TPR. */
  private boolean taskPriority(Instruction i, boolean write) {
    if (!write) {
      cpu.gpr[i.rm] = controls.virtualInterrupt & Vmcb.V_TPR & 15;
      return true;
    }
    long value = cpu.gpr[i.rm];
    if (value >>> 4 != 0) {
      throw cpu.fault(Vector.GP, 0);
    }
    controls.virtualInterrupt = controls.virtualInterrupt & ~Vmcb.V_TPR | value;
    return true;
  }

  private void loadMachineStatus() {
    checkControl(0, true, 0);
    simple(SvmExitCode.CR0_SEL_WRITE); // whatever it changes
  }

  private void readCr0Partly() {
    if (cpu.cpl == 0 || (cpu.cr4 & Cr4.UMIP) == 0) {
      checkControl(0, false, 0);
    }
  }

  // --- ports

  private void port(Intercept what, Instruction i) {
    if (!controls.intercepts(SvmExitCode.IOIO)) {
      return;
    }
    boolean string = what == Intercept.INS || what == Intercept.OUTS;
    boolean in = what == Intercept.IN || what == Intercept.INS;
    boolean repeated = string && (i.rep || i.repne);
    if (repeated && (cpu.gpr[Cpu.RCX] & -1L >>> -i.addressSize) == 0) {
      return;
    }
    Operand ports = i.operand(in ? 1 : 0);
    int port =
        ports.place() == Operand.Place.IMMEDIATE
            ? (int) i.immediate & 0xFF
            : (int) cpu.gpr[Cpu.RDX] & 0xFFFF;
    int sizeBytes = size(i, i.operand(in ? 0 : 1));
    PortPermission.check(cpu, port, sizeBytes);
    if (!maps.port(controls.ioMap, port, sizeBytes)) {
      return;
    }
    long info =
        (in ? IO_IN : 0)
            | (string ? IO_STRING : 0)
            | (repeated ? IO_REPEATED : 0)
            | sizeBytes << IO_SIZE_SHIFT
            | (long) (i.addressSize >> 4) << IO_ADDRESS_SHIFT
            | (long) port << IO_PORT_SHIFT;
    if (string) {
      info |= (long) (in ? Cpu.ES : i.segment) << IO_SEGMENT_SHIFT;
    }
    throw guest.exit(SvmExitCode.IOIO, info, cpu.nextRip, cpu.nextRip);
  }

  private static int size(Instruction i, Operand data) {
    if (data.size() == Operand.Size.BYTE) {
      return 1;
    }
    return i.operandSize == 16 ? 2 : 4;
  }
}

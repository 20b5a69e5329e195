package dev.ringzero.cpu.svm;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Semantics;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.Vector;
import dev.ringzero.x86.Vmcb;
import dev.ringzero.x86.instruction.Instruction;

/**
 * The instructions of SVM. Those of an inner guest come here only where its monitor does not
 * intercept them.
 *
 * @spec AMD64 APM Vol. 3, "System Instruction Reference"
 */
public final class SvmInstructions {
  private SvmInstructions() {}

  /** The meaning of this name, or null if it is not of this unit. */
  public static Semantics of(String meaning) {
    return switch (meaning) {
      case "VMRUN" -> SvmInstructions::vmrun;
      case "VMLOAD" -> SvmInstructions::vmload;
      case "VMSAVE" -> SvmInstructions::vmsave;
      case "STGI" -> SvmInstructions::stgi;
      case "CLGI" -> SvmInstructions::clgi;
      case "INVLPGA" -> SvmInstructions::invlpga;
      case "SKINIT" -> SvmInstructions::skinit;
      default -> null;
    };
  }

  /** Neither real-address nor virtual-8086 mode. */
  static boolean protectedMode(Cpu cpu) {
    return (cpu.cr0 & Cr0.PE) != 0 && (cpu.systemFlags & Rflags.VM) == 0;
  }

  private static void require(Cpu cpu) {
    if (!cpu.svm.enabled() || !protectedMode(cpu)) {
      throw cpu.invalidOpcode();
    }
    if (cpu.cpl != 0) {
      throw cpu.fault(Vector.GP, 0);
    }
  }

  private static long page(Cpu cpu, Instruction i) {
    long gpa = cpu.gpr[Cpu.RAX] & -1L >>> -i.addressSize;
    if (!SvmUnit.isPage(gpa)) {
      throw cpu.fault(Vector.GP, 0);
    }
    return gpa;
  }

  private static void vmrun(Cpu cpu, Instruction i) {
    require(cpu);
    cpu.svm.guest().enter(page(cpu, i));
  }

  private static void vmload(Cpu cpu, Instruction i) {
    require(cpu);
    ControlBlock block = open(cpu, i);
    new GuestState(cpu, block).loadHidden();
  }

  private static void vmsave(Cpu cpu, Instruction i) {
    require(cpu);
    ControlBlock block = open(cpu, i);
    new GuestState(cpu, block).saveHidden();
    block.close();
  }

  private static ControlBlock open(Cpu cpu, Instruction i) {
    long gpa = page(cpu, i);
    InnerGuest guest = cpu.svm.guest();
    boolean virtual =
        cpu.level == guest && (guest.controls.virtualized & Vmcb.VIRTUAL_VMLOAD_VMSAVE) != 0;
    ControlBlock block = new ControlBlock(cpu);
    if (!block.open(virtual ? guest.locate(gpa) : gpa)) {
      throw cpu.fault(Vector.GP, 0);
    }
    return block;
  }

  private static void stgi(Cpu cpu, Instruction i) {
    require(cpu);
    setGlobalInterrupts(cpu, true);
  }

  private static void clgi(Cpu cpu, Instruction i) {
    require(cpu);
    setGlobalInterrupts(cpu, false);
  }

  private static void setGlobalInterrupts(Cpu cpu, boolean on) {
    InnerGuest guest = cpu.svm.guest();
    if (cpu.level == guest && guest.controls.virtualGif()) {
      long others = guest.controls.virtualInterrupt & ~Vmcb.V_GIF;
      guest.controls.virtualInterrupt = on ? others | Vmcb.V_GIF : others;
    } else if (on) {
      cpu.svm.globalInterruptsSet();
    } else {
      cpu.globalInterrupts = false;
    }
  }

  /** INVLPGA drops all that is known under the ASID: nobody can tell. */
  private static void invlpga(Cpu cpu, Instruction i) {
    require(cpu);
    int asid = (int) cpu.gpr[Cpu.RCX];
    long linear = cpu.gpr[Cpu.RAX] & -1L >>> -i.addressSize;
    if (asid != 0) {
      cpu.svm.guest().flush(asid);
    } else if (linear << 16 >> 16 == linear) {
      cpu.mmu.invalidatePage(linear);
    }
  }

  /** There is no secure loader: CPUID does not promise SKINIT. */
  private static void skinit(Cpu cpu, Instruction i) {
    throw cpu.invalidOpcode();
  }
}

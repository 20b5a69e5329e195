package dev.ringzero.cpu.x87;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Operands;
import dev.ringzero.cpu.Semantics;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.Vector;
import dev.ringzero.x86.instruction.Instruction;

/**
 * Control instructions.
 *
 * @spec Intel SDM Vol. 1, "x87 FPU Control Instructions"
 */
final class ControlInstructions {
  private ControlInstructions() {}

  static Semantics of(String meaning) {
    return switch (meaning) {
      case "FNINIT", "FINIT" -> (cpu, i) -> Access.available(cpu).initialize();
      case "FNCLEX", "FCLEX" -> ControlInstructions::clearExceptions;
      case "FNSTCW", "FSTCW" -> ControlInstructions::storeControl;
      case "FLDCW" -> ControlInstructions::loadControl;
      case "FNSTSW", "FSTSW" -> ControlInstructions::storeStatus;
      case "FNSTENV", "FSTENV" -> Environment::store;
      case "FLDENV" -> Environment::load;
      case "FNSAVE", "FSAVE" -> Environment::save;
      case "FRSTOR" -> Environment::restore;
      case "FINCSTP" -> (cpu, i) -> moveTop(cpu, 1);
      case "FDECSTP" -> (cpu, i) -> moveTop(cpu, -1);
      case "FFREE" -> (cpu, i) -> free(cpu, i, 0);
      case "FFREEP" -> (cpu, i) -> free(cpu, i, 1);
      case "FNOP" -> (cpu, i) -> Access.begin(cpu);
      case "FNENI", "FENI", "FNDISI", "FDISI", "FNSETPM", "FSETPM" ->
          (cpu, i) -> Access.available(cpu);
      case "FWAIT", "WAIT" -> ControlInstructions::await;
      case "EMMS" -> ControlInstructions::leaveMmx;
      default -> null;
    };
  }

  private static void clearExceptions(Cpu cpu, Instruction i) {
    X87 x = Access.available(cpu);
    x.statusWord &= StatusWord.CONDITIONS;
  }

  private static void storeControl(Cpu cpu, Instruction i) {
    X87 x = Access.available(cpu);
    cpu.mmu.write16(Operands.linear(cpu, i, 2, true), x.controlWord);
  }

  private static void loadControl(Cpu cpu, Instruction i) {
    X87 x = Access.waiting(cpu);
    x.control((int) cpu.mmu.read16(Operands.linear(cpu, i, 2, false)));
  }

  /** To memory, or to AX. */
  private static void storeStatus(Cpu cpu, Instruction i) {
    X87 x = Access.available(cpu);
    if (i.hasMemory()) {
      cpu.mmu.write16(Operands.linear(cpu, i, 2, true), x.status());
    } else {
      cpu.gpr[Cpu.RAX] = cpu.gpr[Cpu.RAX] & ~0xFFFFL | x.status();
    }
  }

  private static void moveTop(Cpu cpu, int by) {
    X87 x = Access.begin(cpu);
    x.raise(0);
    x.top = x.top + by & 7;
  }

  private static void free(Cpu cpu, Instruction i, int pops) {
    X87 x = Access.begin(cpu);
    x.raise(0);
    x.occupied &= ~(1 << x.st(i.rm & 7));
    x.pop(pops);
  }

  private static void leaveMmx(Cpu cpu, Instruction i) {
    X87 x = Access.mmx(cpu);
    x.top = 0;
    x.occupied = 0;
  }

  private static void await(Cpu cpu, Instruction i) {
    long both = Cr0.MP | Cr0.TS;
    if ((cpu.cr0 & both) == both) {
      throw cpu.fault(Vector.NM);
    }
    Access.deliverPending(cpu, cpu.x87);
  }
}

package dev.ringzero.cpu.system;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Operands;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Vector;
import dev.ringzero.x86.instruction.Instruction;
import dev.ringzero.x86.instruction.Operand;

/**
 * Instructions that move segment registers and their bases.
 *
 * @spec Intel SDM Vol. 2B, "MOV"; "POP"; Vol. 2A, "LDS/LES/LFS/LGS/LSS"
 */
final class SegmentInstructions {
  private SegmentInstructions() {}

  static void mov(Cpu cpu, Instruction i) {
    if (i.operand(0).place() != Operand.Place.SEGMENT) {
      SystemOperands.writeSelector(cpu, i, cpu.selector[checked(cpu, i.reg)]);
      return;
    }
    if (i.reg == Cpu.CS) {
      throw cpu.invalidOpcode();
    }
    int segment = checked(cpu, i.reg);
    SegmentRegisters.load(cpu, segment, SystemOperands.readSelector(cpu, i));
    shadowAfterStack(cpu, segment);
  }

  private static int checked(Cpu cpu, int segment) {
    if (segment > Cpu.GS) {
      throw cpu.invalidOpcode();
    }
    return segment;
  }

  private static void shadowAfterStack(Cpu cpu, int segment) {
    if (segment == Cpu.SS && !cpu.system.interruptShadow) {
      cpu.system.interruptShadow = true;
      cpu.system.stackShadow = true;
    }
  }

  static void push(Cpu cpu, Instruction i) {
    int segment = SystemOperands.segment(i, i.operand(0));
    StackCursor stack = StackCursor.current(cpu, 0);
    stack.push(i.operandSize / 8, cpu.selector[segment]);
    stack.commitPointer();
  }

  static void pop(Cpu cpu, Instruction i) {
    int segment = SystemOperands.segment(i, i.operand(0));
    StackCursor stack = StackCursor.current(cpu, 0);
    int selector = (int) stack.pop(i.operandSize / 8) & 0xFFFF;
    SegmentRegisters.load(cpu, segment, selector);
    stack.commitPointer();
    shadowAfterStack(cpu, segment);
  }

  static void lds(Cpu cpu, Instruction i) {
    loadFarPointer(cpu, i, Cpu.DS);
  }

  static void les(Cpu cpu, Instruction i) {
    loadFarPointer(cpu, i, Cpu.ES);
  }

  static void lss(Cpu cpu, Instruction i) {
    loadFarPointer(cpu, i, Cpu.SS);
  }

  static void lfs(Cpu cpu, Instruction i) {
    loadFarPointer(cpu, i, Cpu.FS);
  }

  static void lgs(Cpu cpu, Instruction i) {
    loadFarPointer(cpu, i, Cpu.GS);
  }

  private static void loadFarPointer(Cpu cpu, Instruction i, int segment) {
    int sizeBytes = i.operandSize / 8;
    long linear = Operands.linear(cpu, i, sizeBytes + 2, false);
    long offset = SystemOperands.read(cpu, linear, sizeBytes);
    SegmentRegisters.load(cpu, segment, (int) cpu.mmu.read16(linear + sizeBytes));
    SystemOperands.writeRegister(cpu, i.reg, i.operandSize, offset);
  }

  static void rdfsbase(Cpu cpu, Instruction i) {
    readBase(cpu, i, Cpu.FS);
  }

  static void rdgsbase(Cpu cpu, Instruction i) {
    readBase(cpu, i, Cpu.GS);
  }

  static void wrfsbase(Cpu cpu, Instruction i) {
    writeBase(cpu, i, Cpu.FS);
  }

  static void wrgsbase(Cpu cpu, Instruction i) {
    writeBase(cpu, i, Cpu.GS);
  }

  private static void readBase(Cpu cpu, Instruction i, int segment) {
    requireBaseInstructions(cpu);
    SystemOperands.writeRegister(cpu, i.rm, i.operandSize, cpu.segmentBase[segment]);
  }

  private static void writeBase(Cpu cpu, Instruction i, int segment) {
    requireBaseInstructions(cpu);
    long base = SystemOperands.truncate(cpu.gpr[i.rm], i.operandSize);
    if (!Segmentation.canonical(base)) {
      throw cpu.fault(Vector.GP, 0);
    }
    cpu.segmentBase[segment] = base;
  }

  private static void requireBaseInstructions(Cpu cpu) {
    if (cpu.codeSize != 64 || (cpu.cr4 & Cr4.FSGSBASE) == 0) {
      throw cpu.invalidOpcode();
    }
  }
}

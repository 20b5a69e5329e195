package dev.ringzero.cpu.system;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.instruction.Instruction;
import dev.ringzero.x86.instruction.Operand;

/**
 * IN, OUT, INS and OUTS. A repeated one works off a bounded number of elements, then starts again,
 * so that interrupts can come between.
 *
 * @spec Intel SDM Vol. 1, "Input/Output"
 */
final class PortInstructions {
  private static final int ELEMENTS_AT_ONCE = 256;

  private PortInstructions() {}

  static void in(Cpu cpu, Instruction i) {
    int sizeBytes = sizeBytes(i, i.operand(0));
    long value = readPort(cpu, port(cpu, i.operand(1), i), sizeBytes);
    switch (sizeBytes) {
      case 1 -> cpu.gpr[Cpu.RAX] = cpu.gpr[Cpu.RAX] & ~0xFFL | value & 0xFF;
      case 2 -> cpu.gpr[Cpu.RAX] = cpu.gpr[Cpu.RAX] & ~0xFFFFL | value & 0xFFFF;
      default -> cpu.gpr[Cpu.RAX] = value & 0xFFFF_FFFFL;
    }
  }

  static void out(Cpu cpu, Instruction i) {
    int sizeBytes = sizeBytes(i, i.operand(1));
    writePort(cpu, port(cpu, i.operand(0), i), sizeBytes, cpu.gpr[Cpu.RAX]);
  }

  private static int sizeBytes(Instruction i, Operand data) {
    if (data.size() == Operand.Size.BYTE) {
      return 1;
    }
    return i.operandSize == 16 ? 2 : 4;
  }

  private static int port(Cpu cpu, Operand operand, Instruction i) {
    return operand.place() == Operand.Place.IMMEDIATE
        ? (int) i.immediate & 0xFF
        : (int) cpu.gpr[Cpu.RDX] & 0xFFFF;
  }

  private static long readPort(Cpu cpu, int port, int sizeBytes) {
    PortPermission.check(cpu, port, sizeBytes);
    DebugUnit.portAccess(cpu, port, sizeBytes);
    long start = cpu.clock.nanoTime();
    cpu.mmu.leave();
    try {
      return cpu.io.readPort(port, sizeBytes);
    } finally {
      cpu.mmu.enter();
      cpu.exits.add(ExitReason.IO_INSTRUCTION, cpu.clock.nanoTime() - start);
    }
  }

  private static void writePort(Cpu cpu, int port, int sizeBytes, long value) {
    PortPermission.check(cpu, port, sizeBytes);
    DebugUnit.portAccess(cpu, port, sizeBytes);
    long start = cpu.clock.nanoTime();
    cpu.mmu.leave();
    try {
      cpu.io.writePort(port, sizeBytes, value & (1L << 8 * sizeBytes) - 1);
    } finally {
      cpu.mmu.enter();
      cpu.exits.add(ExitReason.IO_INSTRUCTION, cpu.clock.nanoTime() - start);
    }
  }

  static void ins(Cpu cpu, Instruction i) {
    repeat(cpu, i, true);
  }

  static void outs(Cpu cpu, Instruction i) {
    repeat(cpu, i, false);
  }

  private static void repeat(Cpu cpu, Instruction i, boolean input) {
    int sizeBytes = sizeBytes(i, i.operand(input ? 0 : 1));
    int port = (int) cpu.gpr[Cpu.RDX] & 0xFFFF;
    if (!i.rep && !i.repne) {
      PortPermission.check(cpu, port, sizeBytes);
      element(cpu, i, input, port, sizeBytes);
      return;
    }
    for (int done = 0; done < ELEMENTS_AT_ONCE; done++) {
      long left = SystemOperands.truncate(cpu.gpr[Cpu.RCX], i.addressSize);
      if (left == 0) {
        return;
      }
      PortPermission.check(cpu, port, sizeBytes);
      element(cpu, i, input, port, sizeBytes);
      SystemOperands.writeRegister(cpu, Cpu.RCX, i.addressSize, left - 1);
    }
    if (SystemOperands.truncate(cpu.gpr[Cpu.RCX], i.addressSize) != 0) {
      cpu.nextRip = cpu.rip;
    }
  }

  private static void element(Cpu cpu, Instruction i, boolean input, int port, int sizeBytes) {
    int register = input ? Cpu.RDI : Cpu.RSI;
    int segment = input ? Cpu.ES : i.segment;
    long offset = SystemOperands.truncate(cpu.gpr[register], i.addressSize);
    long linear = Segmentation.linear(cpu, segment, offset, sizeBytes, input);
    if (input) {
      cpu.mmu.probeWrite(linear, sizeBytes);
      SystemOperands.write(cpu, linear, sizeBytes, readPort(cpu, port, sizeBytes));
    } else {
      writePort(cpu, port, sizeBytes, SystemOperands.read(cpu, linear, sizeBytes));
    }
    boolean down = (cpu.systemFlags & Rflags.DF) != 0;
    SystemOperands.writeRegister(
        cpu, register, i.addressSize, offset + (down ? -sizeBytes : sizeBytes));
  }
}

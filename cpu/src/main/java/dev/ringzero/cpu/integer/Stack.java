package dev.ringzero.cpu.integer;

import static dev.ringzero.cpu.Cpu.RBP;
import static dev.ringzero.cpu.Cpu.RSP;
import static dev.ringzero.cpu.Cpu.SS;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Operands;
import dev.ringzero.cpu.system.Segmentation;
import dev.ringzero.x86.Width;
import dev.ringzero.x86.instruction.Instruction;
import dev.ringzero.x86.instruction.Operand;

/**
 * The stack: its pointer is as wide as SS says, whatever the operand size.
 *
 * @spec Intel SDM Vol. 1, "Procedure Stack"
 */
public final class Stack {
  /** D/B of SS: a 32-bit stack pointer. */
  private static final int BIG = 1 << 14;

  private Stack() {}

  /** Width of the stack pointer in bits. */
  public static int addressSize(Cpu cpu) {
    if (cpu.codeSize == 64) {
      return 64;
    }
    return (cpu.segmentAccess[SS] & BIG) != 0 ? 32 : 16;
  }

  /** Pushes a value of this width; on a fault nothing has changed. */
  public static void push(Cpu cpu, int width, long value) {
    int size = addressSize(cpu);
    long pointer = Width.truncate(size, cpu.gpr[RSP] - (width >> 3));
    Operands.store(cpu, linear(cpu, pointer, width, true), width, value);
    Operands.setRegister(cpu, RSP, size, pointer);
  }

  /** Pops a value of this width, zero-extended; on a fault nothing has changed. */
  public static long pop(Cpu cpu, int width) {
    long value = peek(cpu, width, 0);
    release(cpu, width >> 3);
    return value;
  }

  /** Reads a value at a distance from the top of the stack. */
  public static long peek(Cpu cpu, int width, long distanceBytes) {
    long pointer = Width.truncate(addressSize(cpu), cpu.gpr[RSP] + distanceBytes);
    return Operands.load(cpu, linear(cpu, pointer, width, false), width);
  }

  /** Moves the stack pointer up. */
  public static void release(Cpu cpu, long lengthBytes) {
    Operands.setRegister(cpu, RSP, addressSize(cpu), cpu.gpr[RSP] + lengthBytes);
  }

  private static long linear(Cpu cpu, long pointer, int width, boolean write) {
    return Segmentation.linear(cpu, SS, pointer, width >> 3, write);
  }

  static void push(Cpu cpu, Instruction i) {
    long value =
        i.operand(0).place() == Operand.Place.IMMEDIATE ? i.immediate : Operands.read(cpu, i, 0);
    push(cpu, i.operandSize, value);
  }

  /** POP; an address with rSP as base is that after the pop. */
  static void pop(Cpu cpu, Instruction i) {
    int width = i.operandSize;
    long value = peek(cpu, width, 0);
    if (!Operands.inMemory(i, 0)) {
      release(cpu, width >> 3);
      Operands.write(cpu, i, 0, value);
      return;
    }
    long before = cpu.gpr[RSP];
    try {
      release(cpu, width >> 3);
      Operands.write(cpu, i, 0, value);
    } catch (RuntimeException fault) {
      cpu.gpr[RSP] = before;
      throw fault;
    }
  }

  static void pusha(Cpu cpu, Instruction i) {
    int width = i.operandSize;
    long[] before = cpu.gpr.clone();
    try {
      for (int register = 0; register < 8; register++) {
        push(cpu, width, before[register]);
      }
    } catch (RuntimeException fault) {
      cpu.gpr[RSP] = before[RSP];
      throw fault;
    }
  }

  static void popa(Cpu cpu, Instruction i) {
    int width = i.operandSize;
    peek(cpu, width, 7L * (width >> 3));
    for (int register = 7; register >= 0; register--) {
      long value = pop(cpu, width);
      if (register != RSP) {
        Operands.setRegister(cpu, register, width, value);
      }
    }
  }

  static void enter(Cpu cpu, Instruction i) {
    int width = i.operandSize;
    int level = i.immediate2 & 31;
    long stack = cpu.gpr[RSP];
    try {
      push(cpu, width, cpu.gpr[RBP]);
      long frame = cpu.gpr[RSP];
      copyDisplay(cpu, width, level, frame);
      release(cpu, -(i.immediate & 0xFFFF));
      long last = Width.truncate(addressSize(cpu), cpu.gpr[RSP]);
      cpu.mmu.probeWrite(linear(cpu, last, width, true), width >> 3);
      Operands.setRegister(cpu, RBP, width, frame);
    } catch (RuntimeException fault) {
      cpu.gpr[RSP] = stack;
      throw fault;
    }
  }

  private static void copyDisplay(Cpu cpu, int width, int level, long frame) {
    int size = addressSize(cpu);
    long display = cpu.gpr[RBP];
    for (int n = 1; n < level; n++) {
      display = Width.truncate(size, display - (width >> 3));
      push(cpu, width, Operands.load(cpu, linear(cpu, display, width, false), width));
    }
    if (level > 0) {
      push(cpu, width, frame);
    }
  }

  static void leave(Cpu cpu, Instruction i) {
    int size = addressSize(cpu);
    int width = i.operandSize;
    long frame = Width.truncate(size, cpu.gpr[RBP]);
    long value = Operands.load(cpu, linear(cpu, frame, width, false), width);
    Operands.setRegister(cpu, RSP, size, frame + (width >> 3));
    Operands.setRegister(cpu, RBP, width, value);
  }
}

package dev.ringzero.cpu.integer;

import static dev.ringzero.cpu.Cpu.RCX;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Flags;
import dev.ringzero.cpu.Operands;
import dev.ringzero.x86.Vector;
import dev.ringzero.x86.Width;
import dev.ringzero.x86.instruction.Instruction;
import dev.ringzero.x86.instruction.Operand;

/**
 * Near branches, calls and returns.
 *
 * <p>Not modelled: branch hints, and BND and NOTRACK prefixes, which are ignored.
 *
 * @spec Intel SDM Vol. 2, "CALL", "JMP", "Jcc", "LOOP/LOOPcc", "PAUSE", "RET"
 */
public final class ControlTransfer {
  private static final int PAUSES_PER_TURN = 32;

  private ControlTransfer() {}

  /** Makes an offset in CS the next instruction; #GP(0) if none can be there. */
  public static void branch(Cpu cpu, int operandSize, long target) {
    long offset = Width.truncate(cpu.codeSize == 64 ? 64 : operandSize, target);
    checkTarget(cpu, offset);
    cpu.nextRip = offset;
  }

  private static void checkTarget(Cpu cpu, long offset) {
    boolean valid =
        cpu.codeSize == 64
            ? offset << 16 >> 16 == offset
            : Long.compareUnsigned(offset, cpu.segmentLimit[Cpu.CS]) <= 0;
    if (!valid) {
      throw cpu.fault(Vector.GP, 0);
    }
  }

  private static long target(Cpu cpu, Instruction i) {
    return i.operand(0).place() == Operand.Place.RELATIVE
        ? cpu.nextRip + i.immediate
        : Operands.read(cpu, i, 0);
  }

  static void jmp(Cpu cpu, Instruction i) {
    branch(cpu, i.operandSize, target(cpu, i));
  }

  static void jcc(Cpu cpu, Instruction i) {
    if (Flags.condition(cpu, i.form.condition)) {
      branch(cpu, i.operandSize, cpu.nextRip + i.immediate);
    }
  }

  static void call(Cpu cpu, Instruction i) {
    long back = cpu.nextRip;
    branch(cpu, i.operandSize, target(cpu, i));
    Stack.push(cpu, i.operandSize, back);
  }

  /** RET, with the immediate as bytes to release. */
  static void ret(Cpu cpu, Instruction i) {
    int width = i.operandSize;
    branch(cpu, width, Stack.peek(cpu, width, 0));
    Stack.release(cpu, (width >> 3) + (i.immediate & 0xFFFF));
  }

  static void loop(Cpu cpu, Instruction i) {
    loopWhile(cpu, i, true);
  }

  static void loope(Cpu cpu, Instruction i) {
    loopWhile(cpu, i, Flags.zero(cpu));
  }

  static void loopne(Cpu cpu, Instruction i) {
    loopWhile(cpu, i, !Flags.zero(cpu));
  }

  private static void loopWhile(Cpu cpu, Instruction i, boolean condition) {
    long count = Width.truncate(i.addressSize, cpu.gpr[RCX] - 1);
    if (count != 0 && condition) {
      branch(cpu, i.operandSize, cpu.nextRip + i.immediate);
    }
    Operands.setRegister(cpu, RCX, i.addressSize, count);
  }

  static void jcxz(Cpu cpu, Instruction i) {
    if (Width.truncate(i.addressSize, cpu.gpr[RCX]) == 0) {
      branch(cpu, i.operandSize, cpu.nextRip + i.immediate);
    }
  }

  /** PAUSE: the guest spins; now and then another processor gets the host's turn. */
  static void pause(Cpu cpu, Instruction i) {
    if ((++cpu.pauses & PAUSES_PER_TURN - 1) == 0) {
      Thread.yield();
    } else {
      Thread.onSpinWait();
    }
  }
}

package dev.ringzero.cpu.translator;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.x86.instruction.Instruction;
import dev.ringzero.x86.instruction.Operand;

/** Which memory an ordinary instruction will touch, worked out before it runs. */
final class MemoryOperands {
  private static final int SLOT = 8;
  private static final int MOST = 2;

  private final Cpu cpu;
  private final long[] linear = new long[MOST];
  private final int[] sizes = new int[MOST];
  private final boolean[] writes = new boolean[MOST];
  private int count;

  MemoryOperands(Cpu cpu) {
    this.cpu = cpu;
  }

  /** Looks at an instruction at {@link Cpu#rip}; false if its operands are not known here. */
  boolean find(Instruction i) {
    count = 0;
    cpu.gpr[Instruction.RIP] = cpu.rip + i.length;
    String meaning = i.form.meaning;
    boolean stack =
        switch (meaning) {
          case "PUSH", "POP", "CALL", "RET", "PUSHF", "LEAVE" -> true;
          default -> false;
        };
    if (stack && i.operandSize != 64) {
      return false;
    }
    if (i.hasMemory() && !meaning.equals("LEA") && !explicit(i)) {
      return false;
    }
    switch (meaning) {
      case "PUSH", "CALL", "PUSHF" -> add(cpu.gpr[Cpu.RSP] - SLOT, SLOT, true);
      case "POP", "RET" -> add(cpu.gpr[Cpu.RSP], SLOT, false);
      case "LEAVE" -> add(cpu.gpr[Cpu.RBP], SLOT, false);
      default -> {}
    }
    return true;
  }

  private boolean explicit(Instruction i) {
    Operand memory = OperandSizes.memory(i);
    if (memory == null) {
      return false;
    }
    if (memory.size() == Operand.Size.NONE) {
      return true;
    }
    int bytes = OperandSizes.bytes(memory, i);
    long address = cpu.offset(i) + (i.segment >= Cpu.FS ? cpu.segmentBase[i.segment] : 0);
    if (Ordinary.addressesBits(i)) {
      long bit = i.operandSize == 64 ? cpu.gpr[i.reg] : (int) cpu.gpr[i.reg];
      if (i.operandSize == 16) {
        return false;
      }
      address += Math.floorDiv(bit, i.operandSize) * bytes;
    }
    add(address, bytes, memory.written());
    return bytes > 0;
  }

  private void add(long address, int sizeBytes, boolean written) {
    linear[count] = address;
    sizes[count] = sizeBytes;
    writes[count++] = written;
  }

  int count() {
    return count;
  }

  long linear(int n) {
    return linear[n];
  }

  int sizeBytes(int n) {
    return sizes[n];
  }

  boolean written(int n) {
    return writes[n];
  }
}

package dev.ringzero.cpu.vector;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Operands;
import dev.ringzero.cpu.Semantics;
import dev.ringzero.x86.Vector;
import dev.ringzero.x86.instruction.Instruction;
import dev.ringzero.x86.instruction.InstructionForm;
import dev.ringzero.x86.instruction.Operand.Place;

/**
 * Moves between vector registers, memory and general registers.
 *
 * @spec Intel SDM Vol. 1, "SSE Data Movement Instructions", "SSE2 Data Movement Instructions"
 */
final class MoveInstructions {
  private static final long LOW = 0xFFFF_FFFFL;
  private static final int MXCSR_WRITABLE = 0xFFFF;

  private MoveInstructions() {}

  static Semantics of(String name, InstructionForm form) {
    Place to = form.operands.length == 0 ? null : form.operands[0].place();
    boolean store = to != Place.VECTOR_REG;
    return switch (name) {
      case "MOVAPS", "MOVAPD", "MOVUPS", "MOVUPD", "MOVDQA", "MOVDQU", "LDDQU" ->
          store ? MoveInstructions::store : MoveInstructions::load;
      case "MOVNTDQA" -> MoveInstructions::load;
      case "MOVNTPS", "MOVNTPD", "MOVNTDQ" -> MoveInstructions::store;
      case "MOVD" -> store ? MoveInstructions::toGeneral : MoveInstructions::fromGeneral;
      case "MOVQ" -> moveQuadword(form, store);
      case "MOVSS" -> store ? MoveInstructions::storeSingle : MoveInstructions::loadSingle;
      case "MOVSD" -> store ? MoveInstructions::storeDouble : MoveInstructions::loadDouble;
      case "MOVLPS", "MOVLPD" -> store ? MoveInstructions::storeLow : MoveInstructions::loadLow;
      case "MOVHPS", "MOVHPD" -> store ? MoveInstructions::storeHigh : MoveInstructions::loadHigh;
      case "MOVHLPS" -> MoveInstructions::highToLow;
      case "MOVLHPS" -> MoveInstructions::lowToHigh;
      case "MASKMOVDQU" -> MoveInstructions::storeMaskedBytes;
      case "LDMXCSR" -> MoveInstructions::loadMxcsr;
      case "STMXCSR" -> MoveInstructions::storeMxcsr;
      case "ZEROUPPER" -> MoveInstructions::zeroUpper;
      case "ZEROALL" -> MoveInstructions::zeroAll;
      default -> null;
    };
  }

  private static Semantics moveQuadword(InstructionForm form, boolean store) {
    boolean general =
        form.operands[store ? 0 : 1].place() == Place.RM
            || form.operands[store ? 0 : 1].place() == Place.RM_REGISTER;
    if (general) {
      return store ? MoveInstructions::toGeneral : MoveInstructions::fromGeneral;
    }
    return store ? MoveInstructions::storeQuadword : MoveInstructions::loadQuadword;
  }

  private static void load(Cpu cpu, Instruction i) {
    Access.check(cpu, i);
    Access.write(cpu, i, Access.reg(i), Access.rm(cpu, i));
  }

  private static void store(Cpu cpu, Instruction i) {
    Access.check(cpu, i);
    int from = Access.reg(i);
    if (i.mod == 3) {
      Access.write(cpu, i, i.rm << 2, from);
    } else if (Access.isWide(i)) {
      cpu.mmu.write256(Access.linear(cpu, i, 32, true), cpu.vector, from);
    } else {
      cpu.mmu.write128(Access.linear(cpu, i, 16, true), cpu.vector, from);
    }
  }

  private static void fromGeneral(Cpu cpu, Instruction i) {
    Access.check(cpu, i);
    Access.write128(cpu, i, Access.reg(i), Access.general(cpu, i), 0);
  }

  private static void toGeneral(Cpu cpu, Instruction i) {
    Access.check(cpu, i);
    long value = cpu.vector[Access.reg(i)];
    if (i.mod == 3) {
      cpu.gpr[i.rm] = i.w ? value : value & LOW;
    } else if (i.w) {
      cpu.mmu.write64(Operands.linear(cpu, i, 8, true), value);
    } else {
      cpu.mmu.write32(Operands.linear(cpu, i, 4, true), value & LOW);
    }
  }

  private static void loadQuadword(Cpu cpu, Instruction i) {
    Access.check(cpu, i);
    Access.write128(cpu, i, Access.reg(i), Access.rm64(cpu, i), 0);
  }

  private static void storeQuadword(Cpu cpu, Instruction i) {
    Access.check(cpu, i);
    long value = cpu.vector[Access.reg(i)];
    if (i.mod == 3) {
      Access.write128(cpu, i, i.rm << 2, value, 0);
    } else {
      cpu.mmu.write64(Operands.linear(cpu, i, 8, true), value);
    }
  }

  private static void loadSingle(Cpu cpu, Instruction i) {
    Access.check(cpu, i);
    long[] v = cpu.vector;
    if (i.mod == 3) {
      int a = Access.first(i);
      Access.write128(cpu, i, Access.reg(i), v[a] & ~LOW | v[i.rm << 2] & LOW, v[a + 1]);
    } else {
      Access.write128(cpu, i, Access.reg(i), Access.rm32(cpu, i), 0);
    }
  }

  private static void storeSingle(Cpu cpu, Instruction i) {
    Access.check(cpu, i);
    long[] v = cpu.vector;
    long value = v[Access.reg(i)] & LOW;
    if (i.mod == 3) {
      int a = i.vex ? i.vvvv << 2 : i.rm << 2;
      Access.write128(cpu, i, i.rm << 2, v[a] & ~LOW | value, v[a + 1]);
    } else {
      cpu.mmu.write32(Operands.linear(cpu, i, 4, true), value);
    }
  }

  private static void loadDouble(Cpu cpu, Instruction i) {
    Access.check(cpu, i);
    long[] v = cpu.vector;
    if (i.mod == 3) {
      Access.write128(cpu, i, Access.reg(i), v[i.rm << 2], v[Access.first(i) + 1]);
    } else {
      Access.write128(cpu, i, Access.reg(i), Access.rm64(cpu, i), 0);
    }
  }

  private static void storeDouble(Cpu cpu, Instruction i) {
    Access.check(cpu, i);
    long[] v = cpu.vector;
    long value = v[Access.reg(i)];
    if (i.mod == 3) {
      int a = i.vex ? i.vvvv << 2 : i.rm << 2;
      Access.write128(cpu, i, i.rm << 2, value, v[a + 1]);
    } else {
      cpu.mmu.write64(Operands.linear(cpu, i, 8, true), value);
    }
  }

  private static void loadLow(Cpu cpu, Instruction i) {
    Access.check(cpu, i);
    if (i.mod == 3) {
      moveHighToLow(cpu, i);
    } else {
      long high = cpu.vector[Access.first(i) + 1];
      Access.write128(cpu, i, Access.reg(i), Access.rm64(cpu, i), high);
    }
  }

  private static void loadHigh(Cpu cpu, Instruction i) {
    Access.check(cpu, i);
    long low = cpu.vector[Access.first(i)];
    Access.write128(cpu, i, Access.reg(i), low, Access.rm64(cpu, i));
  }

  private static void highToLow(Cpu cpu, Instruction i) {
    Access.check(cpu, i);
    moveHighToLow(cpu, i);
  }

  private static void moveHighToLow(Cpu cpu, Instruction i) {
    long[] v = cpu.vector;
    Access.write128(cpu, i, Access.reg(i), v[(i.rm << 2) + 1], v[Access.first(i) + 1]);
  }

  private static void lowToHigh(Cpu cpu, Instruction i) {
    loadHigh(cpu, i);
  }

  private static void storeLow(Cpu cpu, Instruction i) {
    Access.check(cpu, i);
    cpu.mmu.write64(Operands.linear(cpu, i, 8, true), cpu.vector[Access.reg(i)]);
  }

  private static void storeHigh(Cpu cpu, Instruction i) {
    Access.check(cpu, i);
    cpu.mmu.write64(Operands.linear(cpu, i, 8, true), cpu.vector[Access.reg(i) + 1]);
  }

  /** MASKMOVDQU: bytes whose mask has its top bit set go to DS:rDI. */
  private static void storeMaskedBytes(Cpu cpu, Instruction i) {
    Access.check(cpu, i);
    long[] v = cpu.vector;
    long mask = Packed.signBytes(v[i.rm << 2]) | Packed.signBytes(v[(i.rm << 2) + 1]) << 8;
    long address = Access.stringDestination(cpu, i, 16);
    cpu.mmu.probeWrite(address, 16);
    int from = Access.reg(i);
    for (int n = 0; n < 16; n++) {
      if ((mask >> n & 1) != 0) {
        cpu.mmu.write8(address + n, v[from + (n >> 3)] >>> (n & 7) * 8 & 0xFF);
      }
    }
  }

  private static void loadMxcsr(Cpu cpu, Instruction i) {
    Access.check(cpu, i);
    long value = cpu.mmu.read32(Operands.linear(cpu, i, 4, false));
    if ((value & ~MXCSR_WRITABLE) != 0) {
      throw cpu.fault(Vector.GP, 0);
    }
    cpu.mxcsr = (int) value;
  }

  private static void storeMxcsr(Cpu cpu, Instruction i) {
    Access.check(cpu, i);
    cpu.mmu.write32(Operands.linear(cpu, i, 4, true), cpu.mxcsr);
  }

  private static void zeroUpper(Cpu cpu, Instruction i) {
    Access.check(cpu, i);
    long[] v = cpu.vector;
    for (int n = 0; n < registers(cpu); n++) {
      v[4 * n + 2] = 0;
      v[4 * n + 3] = 0;
    }
  }

  private static void zeroAll(Cpu cpu, Instruction i) {
    Access.check(cpu, i);
    java.util.Arrays.fill(cpu.vector, 0, 4 * registers(cpu), 0);
  }

  /** Outside 64-bit mode only the first eight registers are there. */
  private static int registers(Cpu cpu) {
    return cpu.codeSize == 64 ? 16 : 8;
  }
}

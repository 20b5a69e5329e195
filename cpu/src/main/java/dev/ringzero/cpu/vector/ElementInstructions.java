package dev.ringzero.cpu.vector;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Operands;
import dev.ringzero.cpu.Semantics;
import dev.ringzero.x86.instruction.Instruction;
import dev.ringzero.x86.instruction.InstructionForm;
import dev.ringzero.x86.instruction.Operand.Place;

/** Single elements inserted, extracted and broadcast. */
final class ElementInstructions {
  private static final long LOW = 0xFFFF_FFFFL;

  private ElementInstructions() {}

  static Semantics of(String name, InstructionForm form) {
    return switch (name) {
      case "PINSRB" -> (c, i) -> insert(c, i, 8);
      case "PINSRW" -> (c, i) -> insert(c, i, 16);
      case "PINSRD" -> (c, i) -> insert(c, i, 32);
      case "PINSRQ" -> (c, i) -> insert(c, i, 64);
      case "PEXTRB" -> (c, i) -> extract(c, i, 8);
      case "PEXTRW" ->
          form.operands[0].place() == Place.REG
              ? ElementInstructions::extractWordToReg
              : (c, i) -> extract(c, i, 16);
      case "PEXTRD", "EXTRACTPS" -> (c, i) -> extract(c, i, 32);
      case "PEXTRQ" -> (c, i) -> extract(c, i, 64);
      case "INSERTPS" -> ElementInstructions::insertSingle;
      case "PBROADCASTB" -> (c, i) -> broadcast(c, i, 1, 0x0101_0101_0101_0101L);
      case "PBROADCASTW" -> (c, i) -> broadcast(c, i, 2, 0x0001_0001_0001_0001L);
      case "PBROADCASTD", "BROADCASTSS" -> (c, i) -> broadcast(c, i, 4, 0x1_0000_0001L);
      case "PBROADCASTQ", "BROADCASTSD" -> (c, i) -> broadcast(c, i, 8, 1);
      case "BROADCASTF128", "BROADCASTI128" -> ElementInstructions::broadcastLane;
      default -> null;
    };
  }

  private static void insert(Cpu cpu, Instruction i, int bits) {
    Access.check(cpu, i);
    long[] v = cpu.vector;
    long value = i.mod == 3 ? cpu.gpr[i.rm] : memory(cpu, i, bits);
    int at = (int) i.immediate & 128 / bits - 1;
    int a = Access.first(i);
    long mask = ~0L >>> 64 - bits;
    int shift = at * bits & 63;
    long low = v[a];
    long high = v[a + 1];
    if (at * bits < 64) {
      low = low & ~(mask << shift) | (value & mask) << shift;
    } else {
      high = high & ~(mask << shift) | (value & mask) << shift;
    }
    Access.write128(cpu, i, Access.reg(i), low, high);
  }

  private static long memory(Cpu cpu, Instruction i, int bits) {
    long linear = Operands.linear(cpu, i, bits / 8, false);
    return switch (bits) {
      case 8 -> cpu.mmu.read8(linear);
      case 16 -> cpu.mmu.read16(linear);
      case 32 -> cpu.mmu.read32(linear);
      default -> cpu.mmu.read64(linear);
    };
  }

  private static long element(Cpu cpu, int from, int at, int bits) {
    return cpu.vector[from + (at * bits >> 6)] >>> (at * bits & 63) & ~0L >>> 64 - bits;
  }

  private static void extract(Cpu cpu, Instruction i, int bits) {
    Access.check(cpu, i);
    long value = element(cpu, Access.reg(i), (int) i.immediate & 128 / bits - 1, bits);
    if (i.mod == 3) {
      cpu.gpr[i.rm] = value;
      return;
    }
    long linear = Operands.linear(cpu, i, bits / 8, true);
    switch (bits) {
      case 8 -> cpu.mmu.write8(linear, value);
      case 16 -> cpu.mmu.write16(linear, value);
      case 32 -> cpu.mmu.write32(linear, value);
      default -> cpu.mmu.write64(linear, value);
    }
  }

  private static void extractWordToReg(Cpu cpu, Instruction i) {
    Access.check(cpu, i);
    cpu.gpr[i.reg] = element(cpu, i.rm << 2, (int) i.immediate & 7, 16);
  }

  private static void insertSingle(Cpu cpu, Instruction i) {
    Access.check(cpu, i);
    long[] v = cpu.vector;
    int control = (int) i.immediate;
    long value = i.mod == 3 ? element(cpu, i.rm << 2, control >> 6 & 3, 32) : memory(cpu, i, 32);
    int a = Access.first(i);
    int at = control >> 4 & 3;
    long low = at < 2 ? replaced(v[a], at, value) : v[a];
    long high = at < 2 ? v[a + 1] : replaced(v[a + 1], at - 2, value);
    Access.write128(
        cpu,
        i,
        Access.reg(i),
        Shuffle.blendDwords(low, 0, control),
        Shuffle.blendDwords(high, 0, control >> 2));
  }

  private static long replaced(long quadword, int at, long dword) {
    return at == 0 ? quadword & ~LOW | dword : quadword & LOW | dword << 32;
  }

  private static void broadcast(Cpu cpu, Instruction i, int sizeBytes, long copies) {
    Access.check(cpu, i);
    long[] v = cpu.vector;
    long value =
        i.mod == 3 ? v[i.rm << 2] & ~0L >>> 64 - 8 * sizeBytes : memory(cpu, i, 8 * sizeBytes);
    long quadword = value * copies;
    int d = Access.reg(i);
    Access.write128(cpu, i, d, quadword, quadword);
    if (Access.isWide(i)) {
      v[d + 2] = quadword;
      v[d + 3] = quadword;
    }
  }

  private static void broadcastLane(Cpu cpu, Instruction i) {
    Access.check(cpu, i);
    long[] v = cpu.vector;
    int b = Access.rm128(cpu, i);
    int d = Access.reg(i);
    Access.write128(cpu, i, d, v[b], v[b + 1]);
    v[d + 2] = v[d];
    v[d + 3] = v[d + 1];
  }
}

package dev.ringzero.cpu.vector;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Semantics;
import dev.ringzero.x86.instruction.Instruction;
import dev.ringzero.x86.instruction.InstructionForm;
import dev.ringzero.x86.instruction.Operand.Place;

/** AVX permutations, within 128-bit lanes and across them, and moves of whole lanes. */
final class LaneInstructions {
  private LaneInstructions() {}

  static Semantics of(String name, InstructionForm form) {
    return switch (name) {
      case "PERMILPS" -> permuteSingles(form);
      case "PERMILPD" -> permuteDoubles(form);
      case "PERMQ", "PERMPD" -> LaneInstructions::permuteQuadwords;
      case "PERMD", "PERMPS" -> LaneInstructions::permuteDwords;
      case "PERM2F128", "PERM2I128" -> LaneInstructions::permuteLanes;
      case "INSERTF128", "INSERTI128" -> LaneInstructions::insertLane;
      case "EXTRACTF128", "EXTRACTI128" -> LaneInstructions::extractLane;
      default -> null;
    };
  }

  private static boolean byImmediate(InstructionForm form) {
    return form.operands[form.operands.length - 1].place() == Place.IMMEDIATE;
  }

  private static Semantics permuteSingles(InstructionForm form) {
    return byImmediate(form)
        ? (c, i) ->
            Shapes.lanesOfOne(
                c,
                i,
                0,
                (aLow, aHigh, bLow, bHigh, n) -> Shuffle.dwords(bLow, bHigh, n),
                (aLow, aHigh, bLow, bHigh, n) -> Shuffle.dwords(bLow, bHigh, n >> 4))
        : (c, i) ->
            Shapes.lanes(
                c,
                i,
                (aLow, aHigh, bLow, bHigh) -> Shuffle.dwords(aLow, aHigh, dwordControl(bLow)),
                (aLow, aHigh, bLow, bHigh) -> Shuffle.dwords(aLow, aHigh, dwordControl(bHigh)));
  }

  /** Two bits of each dword, joined. */
  private static int dwordControl(long dwords) {
    return (int) (dwords & 3 | dwords >>> 30 & 12);
  }

  private static Semantics permuteDoubles(InstructionForm form) {
    return byImmediate(form)
        ? (c, i) ->
            Shapes.lanesOfOne(
                c,
                i,
                2,
                (aLow, aHigh, bLow, bHigh, n) -> (n & 1) == 0 ? bLow : bHigh,
                (aLow, aHigh, bLow, bHigh, n) -> (n & 2) == 0 ? bLow : bHigh)
        : (c, i) ->
            Shapes.lanes(
                c,
                i,
                (aLow, aHigh, bLow, bHigh) -> (bLow & 2) == 0 ? aLow : aHigh,
                (aLow, aHigh, bLow, bHigh) -> (bHigh & 2) == 0 ? aLow : aHigh);
  }

  private static void permuteQuadwords(Cpu cpu, Instruction i) {
    Access.check(cpu, i);
    long[] v = cpu.vector;
    int b = Access.rm(cpu, i);
    for (int k = 0; k < 4; k++) {
      v[Access.WORK + k] = v[b + ((int) i.immediate >> 2 * k & 3)];
    }
    Access.write(cpu, i, Access.reg(i), Access.WORK);
  }

  private static void permuteDwords(Cpu cpu, Instruction i) {
    Access.check(cpu, i);
    long[] v = cpu.vector;
    int b = Access.rm(cpu, i);
    int a = Access.first(i);
    for (int k = 0; k < 4; k++) {
      long control = v[a + k];
      v[Access.WORK + k] = dword(v, b, control) | dword(v, b, control >>> 32) << 32;
    }
    Access.write(cpu, i, Access.reg(i), Access.WORK);
  }

  private static long dword(long[] v, int from, long n) {
    return v[from + (int) (n >> 1 & 3)] >>> (n & 1) * 32 & 0xFFFF_FFFFL;
  }

  /** Each half chooses one of four lanes, or zero. */
  private static void permuteLanes(Cpu cpu, Instruction i) {
    Access.check(cpu, i);
    long[] v = cpu.vector;
    int b = Access.rm(cpu, i);
    int a = Access.first(i);
    lane(v, Access.WORK, a, b, (int) i.immediate);
    lane(v, Access.WORK + 2, a, b, (int) i.immediate >> 4);
    Access.write(cpu, i, Access.reg(i), Access.WORK);
  }

  private static void lane(long[] v, int to, int a, int b, int control) {
    int from = ((control & 2) == 0 ? a : b) + (control & 1) * 2;
    boolean zero = (control & 8) != 0;
    v[to] = zero ? 0 : v[from];
    v[to + 1] = zero ? 0 : v[from + 1];
  }

  private static void insertLane(Cpu cpu, Instruction i) {
    Access.check(cpu, i);
    long[] v = cpu.vector;
    int b = Access.rm128(cpu, i);
    int a = Access.first(i);
    int at = Access.WORK + ((int) i.immediate & 1) * 2;
    System.arraycopy(v, a, v, Access.WORK, 4);
    System.arraycopy(v, b, v, at, 2);
    Access.write(cpu, i, Access.reg(i), Access.WORK);
  }

  private static void extractLane(Cpu cpu, Instruction i) {
    Access.check(cpu, i);
    int from = Access.reg(i) + ((int) i.immediate & 1) * 2;
    if (i.mod == 3) {
      Access.write128(cpu, i, i.rm << 2, cpu.vector[from], cpu.vector[from + 1]);
    } else {
      cpu.mmu.write128(Access.linear(cpu, i, 16, true), cpu.vector, from);
    }
  }
}

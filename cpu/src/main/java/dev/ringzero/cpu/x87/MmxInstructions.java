package dev.ringzero.cpu.x87;

import static dev.ringzero.cpu.vector.Packed.BYTES;
import static dev.ringzero.cpu.vector.Packed.DWORDS;
import static dev.ringzero.cpu.vector.Packed.QWORDS;
import static dev.ringzero.cpu.vector.Packed.WORDS;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Operands;
import dev.ringzero.cpu.Semantics;
import dev.ringzero.cpu.vector.Packed;
import dev.ringzero.cpu.vector.Shuffle;
import dev.ringzero.x86.instruction.Instruction;
import dev.ringzero.x86.instruction.Operand;

/**
 * MMX instructions that compute: those of the table's rows with MMX registers that have the name of
 * an SSE2 instruction, and their kin.
 *
 * @spec Intel SDM Vol. 1, "Programming with Intel MMX Technology"
 */
final class MmxInstructions {
  private static final long LOW = 0xFFFF_FFFFL;

  private MmxInstructions() {}

  /** An operation on the destination and the source. */
  @FunctionalInterface
  interface Binary {
    long apply(long a, long b);
  }

  /** An operation with an immediate. */
  @FunctionalInterface
  interface Immediate {
    long apply(long a, long b, int control);
  }

  static Semantics of(String meaning) {
    Semantics semantics = arithmetic(meaning);
    if (semantics == null) {
      semantics = multiplication(meaning);
    }
    if (semantics == null) {
      semantics = shuffle(meaning);
    }
    if (semantics == null) {
      semantics = shift(meaning);
    }
    return semantics != null ? semantics : MmxMoves.of(meaning);
  }

  private static Semantics arithmetic(String meaning) {
    return switch (meaning) {
      case "PADDB" -> binary((a, b) -> Packed.add(a, b, BYTES));
      case "PADDW" -> binary((a, b) -> Packed.add(a, b, WORDS));
      case "PADDD" -> binary((a, b) -> Packed.add(a, b, DWORDS));
      case "PADDQ" -> binary(Long::sum);
      case "PSUBB" -> binary((a, b) -> Packed.subtract(a, b, BYTES));
      case "PSUBW" -> binary((a, b) -> Packed.subtract(a, b, WORDS));
      case "PSUBD" -> binary((a, b) -> Packed.subtract(a, b, DWORDS));
      case "PSUBQ" -> binary((a, b) -> a - b);
      case "PADDUSB" -> binary((a, b) -> Packed.addUnsignedSaturated(a, b, BYTES));
      case "PADDUSW" -> binary((a, b) -> Packed.addUnsignedSaturated(a, b, WORDS));
      case "PSUBUSB" -> binary((a, b) -> Packed.subtractUnsignedSaturated(a, b, BYTES));
      case "PSUBUSW" -> binary((a, b) -> Packed.subtractUnsignedSaturated(a, b, WORDS));
      case "PADDSB" -> binary((a, b) -> Packed.addSaturated(a, b, BYTES));
      case "PADDSW" -> binary((a, b) -> Packed.addSaturated(a, b, WORDS));
      case "PSUBSB" -> binary((a, b) -> Packed.subtractSaturated(a, b, BYTES));
      case "PSUBSW" -> binary((a, b) -> Packed.subtractSaturated(a, b, WORDS));
      case "PAVGB" -> binary((a, b) -> Packed.average(a, b, BYTES));
      case "PAVGW" -> binary((a, b) -> Packed.average(a, b, WORDS));
      case "PMINUB" -> binary((a, b) -> Packed.minUnsigned(a, b, BYTES));
      case "PMAXUB" -> binary((a, b) -> Packed.maxUnsigned(a, b, BYTES));
      case "PMINSW" -> binary((a, b) -> Packed.minSigned(a, b, WORDS));
      case "PMAXSW" -> binary((a, b) -> Packed.maxSigned(a, b, WORDS));
      case "PCMPEQB" -> binary((a, b) -> Packed.equal(a, b, BYTES));
      case "PCMPEQW" -> binary((a, b) -> Packed.equal(a, b, WORDS));
      case "PCMPEQD" -> binary((a, b) -> Packed.equal(a, b, DWORDS));
      case "PCMPGTB" -> binary((a, b) -> Packed.greater(a, b, BYTES));
      case "PCMPGTW" -> binary((a, b) -> Packed.greater(a, b, WORDS));
      case "PCMPGTD" -> binary((a, b) -> Packed.greater(a, b, DWORDS));
      case "PSIGNB" -> binary((a, b) -> Packed.sign(a, b, BYTES));
      case "PSIGNW" -> binary((a, b) -> Packed.sign(a, b, WORDS));
      case "PSIGND" -> binary((a, b) -> Packed.sign(a, b, DWORDS));
      case "PABSB" -> binary((a, b) -> Packed.absolute(b, BYTES));
      case "PABSW" -> binary((a, b) -> Packed.absolute(b, WORDS));
      case "PABSD" -> binary((a, b) -> Packed.absolute(b, DWORDS));
      case "PAND" -> binary((a, b) -> a & b);
      case "PANDN" -> binary((a, b) -> ~a & b);
      case "POR" -> binary((a, b) -> a | b);
      case "PXOR" -> binary((a, b) -> a ^ b);
      default -> null;
    };
  }

  private static Semantics multiplication(String meaning) {
    return switch (meaning) {
      case "PMULLW" -> binary(Packed::multiplyLowWords);
      case "PMULHW" -> binary(Packed::multiplyHighWords);
      case "PMULHUW" -> binary(Packed::multiplyHighUnsignedWords);
      case "PMULHRSW" -> binary(Packed::multiplyHighRoundedWords);
      case "PMADDWD" -> binary(Packed::multiplyAddWords);
      case "PMADDUBSW" -> binary(Packed::multiplyAddBytes);
      case "PMULUDQ" -> binary(Packed::multiplyUnsignedDwords);
      case "PSADBW" -> binary(Packed::sumOfDifferences);
      case "PHADDW" -> binary(Shuffle::addPairsOfWords);
      case "PHADDSW" -> binary(Shuffle::addPairsOfWordsSaturated);
      case "PHADDD" -> binary(Shuffle::addPairsOfDwords);
      case "PHSUBW" -> binary(Shuffle::subtractPairsOfWords);
      case "PHSUBSW" -> binary(Shuffle::subtractPairsOfWordsSaturated);
      case "PHSUBD" -> binary(Shuffle::subtractPairsOfDwords);
      default -> null;
    };
  }

  private static Semantics shuffle(String meaning) {
    return switch (meaning) {
      case "PUNPCKLBW" -> binary(Shuffle::interleaveBytes);
      case "PUNPCKLWD" -> binary(Shuffle::interleaveWords);
      case "PUNPCKLDQ" -> binary(Shuffle::interleaveDwords);
      case "PUNPCKHBW" -> binary((a, b) -> Shuffle.interleaveBytes(a >>> 32, b >>> 32));
      case "PUNPCKHWD" -> binary((a, b) -> Shuffle.interleaveWords(a >>> 32, b >>> 32));
      case "PUNPCKHDQ" -> binary((a, b) -> Shuffle.interleaveDwords(a >>> 32, b >>> 32));
      case "PACKSSWB" -> binary(Shuffle::packSignedBytes);
      case "PACKUSWB" -> binary(Shuffle::packUnsignedBytes);
      case "PACKSSDW" -> binary(Shuffle::packSignedWords);
      case "PSHUFB" -> binary((a, b) -> Shuffle.bytes(a, a, b));
      case "PSHUFW" -> immediate((a, b, control) -> Shuffle.words(b, control));
      case "PALIGNR" -> immediate((a, b, at) -> Shuffle.align(0, 0, b, a, Math.min(at, 16)));
      default -> null;
    };
  }

  private static Semantics shift(String meaning) {
    return switch (meaning) {
      case "PSLLW" -> shifted((a, n) -> Packed.shiftLeft(a, n, WORDS));
      case "PSLLD" -> shifted((a, n) -> Packed.shiftLeft(a, n, DWORDS));
      case "PSLLQ" -> shifted((a, n) -> Packed.shiftLeft(a, n, QWORDS));
      case "PSRLW" -> shifted((a, n) -> Packed.shiftRight(a, n, WORDS));
      case "PSRLD" -> shifted((a, n) -> Packed.shiftRight(a, n, DWORDS));
      case "PSRLQ" -> shifted((a, n) -> Packed.shiftRight(a, n, QWORDS));
      case "PSRAW" -> shifted((a, n) -> Packed.shiftRightSigned(a, n, WORDS));
      case "PSRAD" -> shifted((a, n) -> Packed.shiftRightSigned(a, n, DWORDS));
      default -> null;
    };
  }

  private static Semantics binary(Binary operation) {
    return (cpu, i) -> {
      X87 x = Access.mmx(cpu);
      long source = source(cpu, x, i);
      x.enterMmx();
      int register = i.reg & 7;
      x.setMmx(register, operation.apply(x.significand[register], source));
    };
  }

  private static Semantics immediate(Immediate operation) {
    return (cpu, i) -> {
      X87 x = Access.mmx(cpu);
      long source = source(cpu, x, i);
      x.enterMmx();
      int register = i.reg & 7;
      x.setMmx(
          register, operation.apply(x.significand[register], source, (int) i.immediate & 0xFF));
    };
  }

  /** By an immediate the shifted register is the r/m one. */
  private static Semantics shifted(Binary operation) {
    return (cpu, i) -> {
      X87 x = Access.mmx(cpu);
      boolean byImmediate = i.operand(1).place() == Operand.Place.IMMEDIATE;
      long count = byImmediate ? i.immediate & 0xFF : source(cpu, x, i);
      x.enterMmx();
      int register = byImmediate ? i.rm & 7 : i.reg & 7;
      x.setMmx(register, operation.apply(x.significand[register], count));
    };
  }

  /** The last register or memory operand, of 32 or 64 bits. */
  private static long source(Cpu cpu, X87 x, Instruction i) {
    if (!i.hasMemory()) {
      return x.significand[i.rm & 7];
    }
    boolean narrow = i.operand(1).size() == Operand.Size.DWORD;
    return narrow
        ? cpu.mmu.read32(Operands.linear(cpu, i, 4, false)) & LOW
        : cpu.mmu.read64(Operands.linear(cpu, i, 8, false));
  }
}

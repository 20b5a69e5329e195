package dev.ringzero.cpu.integer;

import static dev.ringzero.cpu.integer.Bindings.bitTest;
import static dev.ringzero.cpu.integer.Bindings.compare;
import static dev.ringzero.cpu.integer.Bindings.modify;
import static dev.ringzero.cpu.integer.Bindings.produce;
import static dev.ringzero.cpu.integer.Bindings.scan;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Flags;
import dev.ringzero.cpu.Operands;
import dev.ringzero.cpu.Semantics;
import dev.ringzero.memory.MachineMemory;
import dev.ringzero.x86.instruction.Instruction;

/** General-purpose instructions, by the name of their meaning in the instruction table. */
public final class IntegerSemantics {
  private IntegerSemantics() {}

  /** The meaning of this name, or null if it is not of this unit. */
  public static Semantics of(String meaning) {
    Binary binary = binary(meaning);
    if (binary != null) {
      return writes(meaning) ? modify(binary) : compare(binary);
    }
    Unary unary = unary(meaning);
    return unary != null ? modify(unary) : other(meaning);
  }

  /** What is done to the first operand with the second, or null if it is no such instruction. */
  public static Binary binary(String meaning) {
    return switch (meaning) {
      case "ADD" -> Arithmetic::add;
      case "ADC" -> Arithmetic::adc;
      case "SUB", "CMP" -> Arithmetic::sub;
      case "SBB" -> Arithmetic::sbb;
      case "AND", "TEST" -> Logic::and;
      case "OR" -> Logic::or;
      case "XOR" -> Logic::xor;
      case "ADCX" -> Arithmetic::adcx;
      case "ADOX" -> Arithmetic::adox;
      case "IMUL2" -> Multiplication::imul;
      case "SHL" -> Shifts::shl;
      case "SHR" -> Shifts::shr;
      case "SAR" -> Shifts::sar;
      case "ROL" -> Shifts::rol;
      case "ROR" -> Shifts::ror;
      case "RCL" -> Shifts::rcl;
      case "RCR" -> Shifts::rcr;
      default -> null;
    };
  }

  /** Whether a {@link #binary} instruction stores its result. */
  public static boolean writes(String meaning) {
    return !meaning.equals("CMP") && !meaning.equals("TEST");
  }

  /** What is done to the only operand, or null if it is no such instruction. */
  public static Unary unary(String meaning) {
    return switch (meaning) {
      case "INC" -> Arithmetic::inc;
      case "DEC" -> Arithmetic::dec;
      case "NEG" -> Arithmetic::neg;
      case "NOT" -> Logic::not;
      case "BSWAP" -> BitOperations::bswap;
      default -> null;
    };
  }

  /** {@link #binary}, or {@link #unary} with a second operand that it ignores. */
  public static Binary binaryOrUnary(String meaning) {
    Binary binary = binary(meaning);
    if (binary != null) {
      return binary;
    }
    Unary unary = unary(meaning);
    return (cpu, width, destination, source) -> unary.apply(cpu, width, destination);
  }

  private static Semantics other(String meaning) {
    Semantics semantics = arithmetic(meaning);
    if (semantics == null) {
      semantics = bits(meaning);
    }
    if (semantics == null) {
      semantics = moves(meaning);
    }
    return semantics != null ? semantics : control(meaning);
  }

  private static Semantics arithmetic(String meaning) {
    return switch (meaning) {
      case "ANDN" -> produce(Logic::andn);
      case "MUL" -> (cpu, i) -> Multiplication.mul(cpu, width(cpu, i), Operands.read(cpu, i, 0));
      case "IMUL1" -> (cpu, i) -> Multiplication.imul(cpu, width(cpu, i), Operands.read(cpu, i, 0));
      case "IMUL3" -> produce((Binary) Multiplication::imul);
      case "MULX" -> Multiplication::mulx;
      case "DIV" -> (cpu, i) -> Multiplication.div(cpu, width(cpu, i), Operands.read(cpu, i, 0));
      case "IDIV" -> (cpu, i) -> Multiplication.idiv(cpu, width(cpu, i), Operands.read(cpu, i, 0));
      case "DAA" -> Decimal::daa;
      case "DAS" -> Decimal::das;
      case "AAA" -> Decimal::aaa;
      case "AAS" -> Decimal::aas;
      case "AAM" -> Decimal::aam;
      case "AAD" -> Decimal::aad;
      default -> null;
    };
  }

  private static int width(Cpu cpu, Instruction i) {
    return Operands.width(cpu, i, 0);
  }

  private static Semantics bits(String meaning) {
    return switch (meaning) {
      case "SHLD" -> modify(Shifts::shld);
      case "SHRD" -> modify(Shifts::shrd);
      case "SHLX" -> produce(Shifts::shlx);
      case "SHRX" -> produce(Shifts::shrx);
      case "SARX" -> produce(Shifts::sarx);
      case "RORX" -> produce(Shifts::rorx);
      case "BT" -> bitTest(BitOperations::bt);
      case "BTS" -> bitTest(BitOperations::bts);
      case "BTR" -> bitTest(BitOperations::btr);
      case "BTC" -> bitTest(BitOperations::btc);
      case "BSF" -> scan(BitOperations::bsf);
      case "BSR" -> scan(BitOperations::bsr);
      case "POPCNT" -> produce(BitOperations::popcnt);
      case "LZCNT" -> produce(BitOperations::lzcnt);
      case "TZCNT" -> produce(BitOperations::tzcnt);
      case "BLSI" -> produce(BitOperations::blsi);
      case "BLSMSK" -> produce(BitOperations::blsmsk);
      case "BLSR" -> produce(BitOperations::blsr);
      case "BEXTR" -> produce(BitOperations::bextr);
      case "BZHI" -> produce(BitOperations::bzhi);
      case "PDEP" -> produce(BitOperations::pdep);
      case "PEXT" -> produce(BitOperations::pext);
      case "SALC" -> (cpu, i) -> Operands.setRegister(cpu, Cpu.RAX, 8, Flags.carry(cpu) ? 0xFF : 0);
      case "MOVBE" -> produce(BitOperations::reverseBytes);
      case "CRC32" -> Crc32::crc32;
      default -> null;
    };
  }

  private static Semantics moves(String meaning) {
    return switch (meaning) {
      case "MOV", "MOVZX", "MOVNTI", "MOVDIRI" -> Moves::mov;
      case "MOVSX", "MOVSXD" -> Moves::movsx;
      case "LEA" -> Moves::lea;
      case "CMOVCC" -> Moves::cmov;
      case "SETCC" -> Moves::setcc;
      case "CBW" -> Moves::cbw;
      case "CWD" -> Moves::cwd;
      case "XLAT" -> Moves::xlat;
      case "XCHG" -> Moves::xchg;
      case "XADD" -> Moves::xadd;
      case "CMPXCHG" -> Moves::cmpxchg;
      case "CMPXCHG8B" -> Moves::cmpxchg8b;
      case "CMPXCHG16B" -> Moves::cmpxchg16b;
      case "PUSH" -> Stack::push;
      case "POP" -> Stack::pop;
      case "PUSHA" -> Stack::pusha;
      case "POPA" -> Stack::popa;
      case "ENTER" -> Stack::enter;
      case "LEAVE" -> Stack::leave;
      case "BOUND" -> Moves::bound;
      case "MOVS" -> Strings::movs;
      case "STOS" -> Strings::stos;
      case "LODS" -> Strings::lods;
      case "CMPS" -> Strings::cmps;
      case "SCAS" -> Strings::scas;
      default -> null;
    };
  }

  private static Semantics control(String meaning) {
    return switch (meaning) {
      case "JMP" -> ControlTransfer::jmp;
      case "JCC" -> ControlTransfer::jcc;
      case "CALL" -> ControlTransfer::call;
      case "RET" -> ControlTransfer::ret;
      case "LOOP" -> ControlTransfer::loop;
      case "LOOPE" -> ControlTransfer::loope;
      case "LOOPNE" -> ControlTransfer::loopne;
      case "JCXZ", "JECXZ", "JRCXZ" -> ControlTransfer::jcxz;
      case "CLC" -> FlagControl::clc;
      case "STC" -> FlagControl::stc;
      case "CMC" -> FlagControl::cmc;
      case "CLD" -> FlagControl::cld;
      case "STD" -> FlagControl::std;
      case "LAHF" -> FlagControl::lahf;
      case "SAHF" -> FlagControl::sahf;
      case "NOP", "PREFETCHNTA", "PREFETCHT0", "PREFETCHT1", "PREFETCHT2", "PREFETCHW" ->
          (cpu, i) -> {};
      case "PAUSE" -> ControlTransfer::pause;
      case "LFENCE", "SFENCE" -> (cpu, i) -> {};
      case "MFENCE" -> (cpu, i) -> MachineMemory.fence();
      default -> null;
    };
  }
}

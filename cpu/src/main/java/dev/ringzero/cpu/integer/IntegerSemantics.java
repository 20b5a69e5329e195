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
      case "ADD" -> modify(Arithmetic::add);
      case "ADC" -> modify(Arithmetic::adc);
      case "SUB" -> modify(Arithmetic::sub);
      case "SBB" -> modify(Arithmetic::sbb);
      case "CMP" -> compare(Arithmetic::sub);
      case "INC" -> modify(Arithmetic::inc);
      case "DEC" -> modify(Arithmetic::dec);
      case "NEG" -> modify(Arithmetic::neg);
      case "ADCX" -> modify(Arithmetic::adcx);
      case "ADOX" -> modify(Arithmetic::adox);
      case "AND" -> modify(Logic::and);
      case "OR" -> modify(Logic::or);
      case "XOR" -> modify(Logic::xor);
      case "NOT" -> modify(Logic::not);
      case "TEST" -> compare(Logic::and);
      case "ANDN" -> produce(Logic::andn);
      case "MUL" -> (cpu, i) -> Multiplication.mul(cpu, width(cpu, i), Operands.read(cpu, i, 0));
      case "IMUL1" -> (cpu, i) -> Multiplication.imul(cpu, width(cpu, i), Operands.read(cpu, i, 0));
      case "IMUL2" -> modify((Binary) Multiplication::imul);
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
      case "SHL", "SAL" -> modify(Shifts::shl);
      case "SHR" -> modify(Shifts::shr);
      case "SAR" -> modify(Shifts::sar);
      case "ROL" -> modify(Shifts::rol);
      case "ROR" -> modify(Shifts::ror);
      case "RCL" -> modify(Shifts::rcl);
      case "RCR" -> modify(Shifts::rcr);
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
      case "SALC" ->
          (cpu, i) -> Operands.setRegister(cpu, Cpu.RAX, 8, Flags.carry(cpu) ? 0xFF : 0);
      case "BSWAP" -> modify(BitOperations::bswap);
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
      case "PAUSE" -> (cpu, i) -> Thread.onSpinWait();
      case "LFENCE", "SFENCE" -> (cpu, i) -> {};
      case "MFENCE" -> (cpu, i) -> MachineMemory.fence();
      default -> null;
    };
  }
}

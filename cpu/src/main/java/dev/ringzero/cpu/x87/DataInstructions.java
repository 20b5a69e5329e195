package dev.ringzero.cpu.x87;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Flags;
import dev.ringzero.cpu.Operands;
import dev.ringzero.cpu.Semantics;
import dev.ringzero.x86.instruction.Instruction;
import dev.ringzero.x86.instruction.Operand;

/**
 * Data transfer instructions and constants.
 *
 * @spec Intel SDM Vol. 1, "Data Transfer Instructions" and "Load Constant Instructions"
 */
final class DataInstructions {
  private static final long SINGLE_INDEFINITE = 0xFFC0_0000L;
  private static final long DOUBLE_INDEFINITE = 0xFFF8_0000_0000_0000L;

  private DataInstructions() {}

  static Semantics of(String meaning) {
    return switch (meaning) {
      case "FLD" -> DataInstructions::load;
      case "FILD" -> DataInstructions::loadInteger;
      case "FBLD" -> DataInstructions::loadBcd;
      case "FST" -> (cpu, i) -> store(cpu, i, 0);
      case "FSTP" -> (cpu, i) -> store(cpu, i, 1);
      case "FSTPNCE" -> DataInstructions::storeUnchecked;
      case "FIST" -> (cpu, i) -> storeInteger(cpu, i, false, 0);
      case "FISTP" -> (cpu, i) -> storeInteger(cpu, i, false, 1);
      case "FISTTP" -> (cpu, i) -> storeInteger(cpu, i, true, 1);
      case "FBSTP" -> DataInstructions::storeBcd;
      case "FXCH" -> DataInstructions::exchange;
      case "FCMOVB" -> move(2);
      case "FCMOVE" -> move(4);
      case "FCMOVBE" -> move(6);
      case "FCMOVU" -> move(10);
      case "FCMOVNB" -> move(3);
      case "FCMOVNE" -> move(5);
      case "FCMOVNBE" -> move(7);
      case "FCMOVNU" -> move(11);
      default -> constant(meaning);
    };
  }

  private static Semantics constant(String meaning) {
    return switch (meaning) {
      case "FLD1" -> constant(0x3FFF, 0x8000_0000_0000_0000L, 0);
      case "FLDZ" -> constant(0, 0, 0);
      case "FLDL2T" -> constant(0x4000, 0xD49A_784B_CD1B_8AFEL, 1);
      case "FLDL2E" -> constant(0x3FFF, 0xB8AA_3B29_5C17_F0BBL, -1);
      case "FLDPI" -> constant(0x4000, 0xC90F_DAA2_2168_C234L, -1);
      case "FLDLG2" -> constant(0x3FFD, 0x9A20_9A84_FBCF_F798L, -1);
      case "FLDLN2" -> constant(0x3FFE, 0xB172_17F7_D1CF_79ABL, -1);
      default -> null;
    };
  }

  /**
   * Pushes a constant.
   *
   * @param significand truncated to 64 bits
   * @param rest what was cut off: 0 nothing, 1 less than half, -1 more than half of the last bit
   */
  private static Semantics constant(int exponent, long significand, int rest) {
    return (cpu, i) -> {
      X87 x = Access.begin(cpu);
      boolean up =
          switch (ControlWord.rounding(x.controlWord)) {
            case ControlWord.NEAREST -> rest < 0;
            case ControlWord.UP -> rest != 0;
            default -> false;
          };
      x.result.set(exponent, up ? significand + 1 : significand);
      push(x);
    };
  }

  private static void load(Cpu cpu, Instruction i) {
    X87 x = Access.waiting(cpu);
    Result r = x.result;
    r.start(x.controlWord);
    if (!i.hasMemory()) {
      loadRegister(cpu, i, x);
      return;
    }
    Access.loadReal(cpu, i, r);
    note(cpu, i, x);
    if (Access.memorySize(i) != Operand.Size.TBYTE && x.isEmpty(x.st(7))) {
      if (Extended.isSignalling(r.signExponent, r.significand)) {
        r.raised |= StatusWord.IE;
        r.significand |= Extended.QUIET_BIT;
      } else if (r.denormalInMemory) {
        r.raised |= StatusWord.DE;
      }
    }
    push(x);
  }

  private static void note(Cpu cpu, Instruction i, X87 x) {
    x.instructionPointer = cpu.rip;
    x.dataPointer = cpu.offset(i);
  }

  private static void loadRegister(Cpu cpu, Instruction i, X87 x) {
    x.instructionPointer = cpu.rip;
    int source = x.st(i.rm & 7);
    boolean underflow = x.isEmpty(source);
    if (underflow || !x.isEmpty(x.st(7))) {
      if (x.stackFault(!underflow)) {
        x.push(Extended.INDEFINITE, Extended.INDEFINITE_SIGNIFICAND);
      }
      return;
    }
    x.result.set(x.signExponent[source], x.significand[source]);
    push(x);
  }

  /** Pushes the result, unless the stack is full or an unmasked exception prevents it. */
  static void push(X87 x) {
    Result r = x.result;
    if (!x.isEmpty(x.st(7))) {
      if (x.stackFault(true)) {
        x.push(Extended.INDEFINITE, Extended.INDEFINITE_SIGNIFICAND);
      }
      return;
    }
    x.raise(r.raised);
    if ((r.raised & ~x.controlWord & StatusWord.IE) == 0) {
      x.push(r.signExponent, r.significand);
    }
  }

  private static void loadInteger(Cpu cpu, Instruction i) {
    X87 x = Access.waiting(cpu);
    x.result.start(x.controlWord);
    Access.loadInteger(cpu, i, x.result);
    note(cpu, i, x);
    push(x);
  }

  private static void loadBcd(Cpu cpu, Instruction i) {
    X87 x = Access.waiting(cpu);
    x.result.start(x.controlWord);
    long linear = Operands.linear(cpu, i, 10, false);
    long low = cpu.mmu.read64(linear);
    int high = (int) cpu.mmu.read16(linear + 8);
    note(cpu, i, x);
    Bcd.load(x.result, low, high);
    push(x);
  }

  private static void store(Cpu cpu, Instruction i, int pops) {
    X87 x = Access.waiting(cpu);
    Result r = x.result;
    r.start(x.controlWord);
    if (!i.hasMemory()) {
      storeRegister(cpu, i, x, pops);
      return;
    }
    int bits = Access.bits(Access.memorySize(i));
    source(x);
    long value = r.significand;
    if (!emptySource(x) && bits == 32) {
      value = Conversion.toSingle(r, r.signExponent, r.significand);
    } else if (!emptySource(x) && bits == 64) {
      value = Conversion.toDouble(r, r.signExponent, r.significand);
    } else if (bits != 80) {
      value = bits == 32 ? SINGLE_INDEFINITE : DOUBLE_INDEFINITE;
    }
    if (storePrevented(cpu, i, x)) {
      return;
    }
    if (bits == 80) {
      write80(cpu, i, value, r.signExponent);
    } else {
      Access.write(cpu, Operands.linear(cpu, i, bits >> 3, true), bits, value);
    }
    stored(cpu, i, x, pops);
  }

  /** Takes ST(0), or the indefinite and a stack fault if it is empty, as the result. */
  private static void source(X87 x) {
    if (x.isEmpty(x.top)) {
      x.result.raised = StatusWord.IE | StatusWord.SF;
      x.result.set(Extended.INDEFINITE, Extended.INDEFINITE_SIGNIFICAND);
    } else {
      x.result.set(x.signExponent[x.top], x.significand[x.top]);
    }
  }

  private static boolean emptySource(X87 x) {
    return (x.result.raised & StatusWord.SF) != 0;
  }

  private static void write80(Cpu cpu, Instruction i, long low, int high) {
    long linear = Access.destination(cpu, i, 10);
    cpu.mmu.write64(linear, low);
    cpu.mmu.write16(linear + 8, high);
  }

  /** Whether an unmasked exception other than inexact keeps memory and the stack as they are. */
  private static boolean storePrevented(Cpu cpu, Instruction i, X87 x) {
    int preventing = StatusWord.EXCEPTIONS & ~StatusWord.PE;
    int raised = x.result.raised;
    if ((raised & ~x.controlWord & preventing) == 0) {
      return false;
    }
    note(cpu, i, x);
    x.raise(raised & (preventing | StatusWord.SF));
    return true;
  }

  /** After memory was written, nothing can fault any more. */
  private static void stored(Cpu cpu, Instruction i, X87 x, int pops) {
    note(cpu, i, x);
    x.raise(x.result.raised);
    x.pop(pops);
  }

  private static void storeRegister(Cpu cpu, Instruction i, X87 x, int pops) {
    x.instructionPointer = cpu.rip;
    int destination = x.st(i.rm & 7);
    if (x.isEmpty(x.top)) {
      Access.underflow(x, destination, pops);
      return;
    }
    x.raise(0);
    x.set(destination, x.signExponent[x.top], x.significand[x.top]);
    x.pop(pops);
  }

  /** FSTP in an encoding of its own that does not mind an empty register. */
  private static void storeUnchecked(Cpu cpu, Instruction i) {
    X87 x = Access.begin(cpu);
    x.raise(0);
    if (!x.isEmpty(x.top)) {
      x.set(x.st(i.rm & 7), x.signExponent[x.top], x.significand[x.top]);
    }
    x.pop();
  }

  private static void storeInteger(Cpu cpu, Instruction i, boolean truncate, int pops) {
    X87 x = Access.waiting(cpu);
    Result r = x.result;
    r.start(x.controlWord);
    int bits = Access.bits(Access.memorySize(i));
    source(x);
    long value =
        emptySource(x)
            ? Conversion.INTEGER_INDEFINITE >> 64 - bits
            : Conversion.toInteger(r, r.signExponent, r.significand, bits, truncate);
    if (storePrevented(cpu, i, x)) {
      return;
    }
    Access.write(cpu, Operands.linear(cpu, i, bits >> 3, true), bits, value);
    stored(cpu, i, x, pops);
  }

  private static void storeBcd(Cpu cpu, Instruction i) {
    X87 x = Access.waiting(cpu);
    Result r = x.result;
    r.start(x.controlWord);
    source(x);
    boolean valid = !emptySource(x) && Bcd.toInteger(r, r.signExponent, r.significand);
    if (storePrevented(cpu, i, x)) {
      return;
    }
    if (valid) {
      write80(cpu, i, Bcd.low(r.significand), Bcd.high(r.significand) | r.signExponent);
    } else {
      write80(cpu, i, Bcd.INDEFINITE_LOW, Bcd.INDEFINITE_HIGH);
    }
    stored(cpu, i, x, 1);
  }

  private static void exchange(Cpu cpu, Instruction i) {
    X87 x = Access.begin(cpu);
    int top = x.top;
    int other = x.st(i.rm & 7);
    if (x.isEmpty(top) || x.isEmpty(other)) {
      if (!x.stackFault(false)) {
        return;
      }
      if (x.isEmpty(top)) {
        x.setIndefinite(top);
      }
      if (x.isEmpty(other)) {
        x.setIndefinite(other);
      }
    } else {
      x.raise(0);
    }
    int signExponent = x.signExponent[top];
    long significand = x.significand[top];
    x.set(top, x.signExponent[other], x.significand[other]);
    x.set(other, signExponent, significand);
  }

  private static Semantics move(int condition) {
    return (cpu, i) -> {
      X87 x = Access.begin(cpu);
      int source = x.st(i.rm & 7);
      if (x.isEmpty(x.top) || x.isEmpty(source)) {
        Access.underflow(x, x.top, 0);
        return;
      }
      if (Flags.condition(cpu, condition)) {
        x.set(x.top, x.signExponent[source], x.significand[source]);
      }
    };
  }
}

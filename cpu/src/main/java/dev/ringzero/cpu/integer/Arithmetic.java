package dev.ringzero.cpu.integer;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Flags;

/**
 * Binary addition and subtraction.
 *
 * @spec Intel SDM Vol. 2, "ADD", "ADC", "ADCX", "ADOX", "CMP", "DEC", "INC", "NEG", "SBB", "SUB"
 */
public final class Arithmetic {
  private Arithmetic() {}

  public static long add(Cpu cpu, int width, long destination, long source) {
    long result = destination + source;
    Flags.add(cpu, width, destination, source, result);
    return result;
  }

  public static long adc(Cpu cpu, int width, long destination, long source) {
    long result = destination + source + Flags.carryBit(cpu);
    Flags.add(cpu, width, destination, source, result);
    return result;
  }

  public static long sub(Cpu cpu, int width, long destination, long source) {
    long result = destination - source;
    Flags.subtract(cpu, width, destination, source, result);
    return result;
  }

  public static long sbb(Cpu cpu, int width, long destination, long source) {
    long result = destination - source - Flags.carryBit(cpu);
    Flags.subtract(cpu, width, destination, source, result);
    return result;
  }

  public static long inc(Cpu cpu, int width, long value) {
    long carries = cpu.flagCarries;
    long result = add(cpu, width, value, 1);
    Flags.keepCarry(cpu, carries);
    return result;
  }

  public static long dec(Cpu cpu, int width, long value) {
    long carries = cpu.flagCarries;
    long result = sub(cpu, width, value, 1);
    Flags.keepCarry(cpu, carries);
    return result;
  }

  public static long neg(Cpu cpu, int width, long value) {
    return sub(cpu, width, 0, value);
  }

  /** ADCX: adds with CF as carry in and out; no other flag changes. */
  public static long adcx(Cpu cpu, int width, long destination, long source) {
    long result = destination + source + Flags.carryBit(cpu);
    Flags.carry(cpu, carryOut(width, destination, source, result) != 0);
    return result;
  }

  /** ADOX: adds with OF as carry in and out; no other flag changes. */
  public static long adox(Cpu cpu, int width, long destination, long source) {
    long result = destination + source + (Flags.overflow(cpu) ? 1 : 0);
    long overflow = carryOut(width, destination, source, result);
    Flags.carryAndOverflow(cpu, Flags.carryBit(cpu), overflow);
    return result;
  }

  private static long carryOut(int width, long a, long b, long result) {
    return (a & b | (a | b) & ~result) >>> width - 1 & 1;
  }
}

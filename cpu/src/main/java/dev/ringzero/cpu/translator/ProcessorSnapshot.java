package dev.ringzero.cpu.translator;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Flags;
import dev.ringzero.cpu.x87.X87;
import dev.ringzero.x86.Rflags;
import java.util.ArrayList;
import java.util.List;

/** The registers that ordinary instructions change, at one moment. */
final class ProcessorSnapshot {
  private static final String[] X87_WORDS = {"FCW", "FSW", "FTW", "FIP", "FDP"};
  private static final int VECTOR_LONGS = 64;

  private final long[] gpr = new long[16];
  private final long[] vector = new long[VECTOR_LONGS];
  private long rip;
  private long flagResult;
  private long flagCarries;
  private long status;
  private long systemFlags;
  private long cr2;
  private int mxcsr;
  private final long[] significand = new long[8];
  private final int[] signExponent = new int[8];
  private final long[] x87 = new long[5];

  void take(Cpu cpu) {
    System.arraycopy(cpu.gpr, 0, gpr, 0, 16);
    System.arraycopy(cpu.vector, 0, vector, 0, VECTOR_LONGS);
    rip = cpu.rip;
    flagResult = cpu.flagResult;
    flagCarries = cpu.flagCarries;
    status = Flags.status(cpu);
    systemFlags = cpu.systemFlags;
    cr2 = cpu.cr2;
    mxcsr = cpu.mxcsr;
    System.arraycopy(cpu.x87.significand, 0, significand, 0, 8);
    System.arraycopy(cpu.x87.signExponent, 0, signExponent, 0, 8);
    takeX87(cpu.x87, x87);
  }

  private static void takeX87(X87 x, long[] words) {
    words[0] = x.controlWord;
    words[1] = x.status();
    words[2] = x.occupied;
    words[3] = x.instructionPointer;
    words[4] = x.dataPointer;
  }

  void giveBack(Cpu cpu) {
    System.arraycopy(gpr, 0, cpu.gpr, 0, 16);
    System.arraycopy(vector, 0, cpu.vector, 0, VECTOR_LONGS);
    cpu.rip = rip;
    cpu.flagResult = flagResult;
    cpu.flagCarries = flagCarries;
    cpu.systemFlags = systemFlags;
    cpu.cr2 = cr2;
    cpu.mxcsr = mxcsr;
    System.arraycopy(significand, 0, cpu.x87.significand, 0, 8);
    System.arraycopy(signExponent, 0, cpu.x87.signExponent, 0, 8);
    cpu.x87.controlWord = (int) x87[0];
    cpu.x87.status((int) x87[1]);
    cpu.x87.occupied = (int) x87[2];
    cpu.x87.instructionPointer = x87[3];
    cpu.x87.dataPointer = x87[4];
  }

  long rip() {
    return rip;
  }

  /**
   * What differs from a processor, in words.
   *
   * @param flags status flags that matter
   */
  List<String> differences(Cpu cpu, long flags) {
    List<String> found = new ArrayList<>();
    compare(found, "RIP", rip, cpu.rip);
    for (int r = 0; r < 16; r++) {
      compare(found, "GPR " + r, gpr[r], cpu.gpr[r]);
    }
    compare(found, "status flags", status & flags, Flags.status(cpu) & flags);
    long system = ~Rflags.RF;
    compare(found, "system flags", systemFlags & system, cpu.systemFlags & system);
    for (int n = 0; n < VECTOR_LONGS; n++) {
      compare(found, "YMM" + n / 4 + " lane " + n % 4, vector[n], cpu.vector[n]);
    }
    compare(found, "MXCSR", mxcsr, cpu.mxcsr);
    compareX87(found, cpu.x87);
    return found;
  }

  private void compareX87(List<String> found, X87 x) {
    long[] now = new long[x87.length];
    takeX87(x, now);
    for (int n = 0; n < now.length; n++) {
      compare(found, X87_WORDS[n], x87[n], now[n]);
    }
    for (int n = 0; n < 8; n++) {
      compare(found, "R" + n, significand[n], x.significand[n]);
      compare(found, "sign and exponent of R" + n, signExponent[n], x.signExponent[n]);
    }
  }

  private static void compare(List<String> found, String what, long interpreted, long translated) {
    if (interpreted != translated) {
      found.add("%s: interpreted %x, translated %x".formatted(what, interpreted, translated));
    }
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("RIP %x flags %x".formatted(rip, status | systemFlags));
    for (int r = 0; r < 16; r++) {
      text.append(" GPR%d %x".formatted(r, gpr[r]));
    }
    return text.toString();
  }
}

package dev.ringzero.cpu.translator;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Flags;
import dev.ringzero.x86.Rflags;
import java.util.ArrayList;
import java.util.List;

/** The registers that ordinary instructions change, at one moment. */
final class ProcessorSnapshot {
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
    return found;
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

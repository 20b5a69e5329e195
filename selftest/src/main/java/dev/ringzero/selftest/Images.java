package dev.ringzero.selftest;

import dev.ringzero.testkit.silicon.ProcessorState;
import dev.ringzero.x86.instruction.Instruction;
import dev.ringzero.x86.instruction.InstructionForm;
import java.util.random.RandomGenerator;

/**
 * Instructions that save or restore the processor's extended state in memory: they use all of it,
 * and what they restore must be an image.
 */
final class Images {
  private static final int RAX = 0, RDX = 2;
  private static final int FIP = 8, FDP = 16, MXCSR = 24, HEADER = 512;
  private static final long COMPACTED = 1L << 63;

  private Images() {}

  /** Whether a row is one of them, and can run in user mode. */
  static boolean isImage(InstructionForm form) {
    return switch (form.meaning) {
      case "FXSAVE", "FXRSTOR", "XSAVE", "XSAVEOPT", "XSAVEC", "XRSTOR", "LDMXCSR", "STMXCSR" ->
          true;
      default -> false;
    };
  }

  /** An address within the memory, mostly aligned as it must be. */
  static int offset(RandomGenerator random) {
    return switch (random.nextInt(16)) {
      case 0 -> random.nextInt(ProcessorState.MEMORY_BYTES - 64);
      case 1 -> 16 * random.nextInt(400);
      default -> 64 * random.nextInt(112);
    };
  }

  /** Sets the feature mask, and the parts of the image that are checked. */
  static void prepare(Instruction i, ProcessorState s, int offset, RandomGenerator random) {
    s.gpr[RAX] = random.nextInt(8);
    s.gpr[RDX] = 0;
    s.instructionPointer = random.nextLong() >>> 17;
    s.dataPointer = random.nextLong() >>> 17;
    if (offset + 1024 > s.memory.length) {
      return;
    }
    boolean mxcsrValid = random.nextInt(16) != 0;
    put(
        s,
        offset + (i.form.meaning.equals("LDMXCSR") ? 0 : MXCSR),
        mxcsrValid ? random.nextInt(0x10000) : random.nextLong());
    if (!i.form.meaning.equals("LDMXCSR")) {
      put(s, offset + FIP, random.nextLong() >>> 17); // of the canonical addresses of any processor
      put(s, offset + FDP, random.nextLong() >>> 17);
    }
    put(s, offset + HEADER, oneIn(random, 32) ? random.nextLong() : random.nextInt(8));
    long format = oneIn(random, 2) ? COMPACTED | random.nextInt(8) | (oneIn(random, 2) ? 7 : 0) : 0;
    put(s, offset + HEADER + 8, format);
    for (int at = HEADER + 16; at < HEADER + 64; at += 8) {
      put(s, offset + at, oneIn(random, 200) ? random.nextLong() : 0);
    }
  }

  private static boolean oneIn(RandomGenerator random, int n) {
    return random.nextInt(n) == 0;
  }

  private static void put(ProcessorState s, int at, long value) {
    for (int n = 0; n < 8; n++) {
      s.memory[at + n] = (byte) (value >>> 8 * n);
    }
  }
}

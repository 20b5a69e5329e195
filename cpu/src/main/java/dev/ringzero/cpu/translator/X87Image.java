package dev.ringzero.cpu.translator;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.x87.X87;
import dev.ringzero.x86.Cr0;
import java.lang.foreign.MemorySegment;

/**
 * The x87 and MMX state in the form in which XRSTOR and XSAVE move it between the state block and
 * the host's unit. The pointers of the last instruction and operand are kept apart: those in the
 * image are the host's, and never become the guest's.
 *
 * @spec Intel SDM Vol. 1, "XSAVE Area"
 */
final class X87Image {
  private static final int FSW = 2, FTW = 4, FOP = 6, FIP = 8, FDP = 16, ST = 32;
  private static final int XSTATE_BV = 512;
  private static final int X87_COMPONENT = 1;
  private static final int ALL_MASKED = 0x3F;

  private X87Image() {}

  /**
   * Whether the host's unit may work for a CPU: the guest may use its own, and no exception is
   * unmasked or waits, so that none can be raised.
   */
  static boolean mayRun(Cpu cpu) {
    return (cpu.cr0 & (Cr0.TS | Cr0.EM)) == 0
        && (cpu.x87.controlWord & ALL_MASKED) == ALL_MASKED
        && !cpu.x87.exceptionPending();
  }

  static void load(X87 x, MemorySegment memory) {
    long image = StateBlock.X87_IMAGE;
    memory.set(JAVA_SHORT, image, (short) x.controlWord);
    memory.set(JAVA_SHORT, image + FSW, (short) x.status());
    memory.set(JAVA_SHORT, image + FTW, (short) x.occupied);
    memory.set(JAVA_SHORT, image + FOP, (short) 0);
    memory.set(JAVA_LONG, image + FIP, 0);
    memory.set(JAVA_LONG, image + FDP, 0);
    for (int n = 0; n < 8; n++) {
      int register = x.top + n & 7;
      memory.set(JAVA_LONG, image + ST + 16 * n, x.significand[register]);
      memory.set(JAVA_LONG, image + ST + 16 * n + 8, x.signExponent[register]);
    }
    memory.set(JAVA_LONG, image + XSTATE_BV, X87_COMPONENT);
    memory.set(JAVA_LONG, StateBlock.X87_PAGE, x.instructionPointer);
    memory.set(JAVA_INT, StateBlock.X87_OFFSET, 0);
    memory.set(JAVA_LONG, StateBlock.X87_DATA, x.dataPointer);
  }

  static void store(X87 x, MemorySegment memory) {
    long image = StateBlock.X87_IMAGE;
    x.controlWord = memory.get(JAVA_SHORT, image) & 0xFFFF;
    x.status(memory.get(JAVA_SHORT, image + FSW) & 0xFFFF);
    x.occupied = memory.get(JAVA_SHORT, image + FTW) & 0xFF;
    for (int n = 0; n < 8; n++) {
      int register = x.top + n & 7;
      x.significand[register] = memory.get(JAVA_LONG, image + ST + 16 * n);
      x.signExponent[register] = memory.get(JAVA_SHORT, image + ST + 16 * n + 8) & 0xFFFF;
    }
    x.instructionPointer =
        memory.get(JAVA_LONG, StateBlock.X87_PAGE) + memory.get(JAVA_INT, StateBlock.X87_OFFSET);
    x.dataPointer = memory.get(JAVA_LONG, StateBlock.X87_DATA);
  }
}

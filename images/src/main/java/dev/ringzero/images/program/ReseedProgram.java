package dev.ringzero.images.program;

import dev.ringzero.images.program.Program.Condition;
import dev.ringzero.images.program.Value.Variable;

/**
 * A program of our guest that makes its kernel draw a new key for its random numbers at once, which
 * no program of busybox can: {@code ioctl(open("/dev/urandom", O_RDWR), RNDRESEEDCRNG)}. A kernel
 * with a driver for the generation counter does this by itself.
 *
 * @spec random(4)
 */
public final class ReseedProgram {
  private static final int O_RDWR = 2;
  private static final int RNDRESEEDCRNG = 0x5207;

  private ReseedProgram() {}

  /** The program as an ELF file. */
  public static byte[] file() {
    Program program = new Program();
    Variable result = program.variable();
    program.syscall(result, Syscall.OPEN, program.text("/dev/urandom"), program.number(O_RDWR));
    program.syscall(
        result, Syscall.IOCTL, result, program.number(RNDRESEEDCRNG), program.number(0));
    program.when(result, Condition.LESS, program.number(0), () -> program.exit(1));
    program.exit(0);
    return program.finish();
  }
}

package dev.ringzero.cpu;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * What a processor must look at before its next block of instructions. Any thread may raise a
 * reason; the processor's own thread polls it with one opaque load.
 */
public final class Attention {
  /** The monitor asks the processor to leave guest code. */
  public static final int STOP = 1;

  /** The InterruptSource may have an interrupt. */
  public static final int INTERRUPT = 1 << 1;

  public static final int NMI = 1 << 2;

  /** Translations must be dropped, see {@link dev.ringzero.memory.Revoker}. */
  public static final int REVOKE = 1 << 3;

  /** The processor's own code or translations changed: leave the running blocks. */
  public static final int RELOAD = 1 << 4;

  /**
   * The monitor, which keeps the tables, must hear of {@link dev.ringzero.cpu.paging.Mmu#notice}.
   */
  public static final int TABLES = 1 << 5;

  private static final VarHandle BITS;

  static {
    try {
      BITS = MethodHandles.lookup().findVarHandle(Attention.class, "bits", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private int bits;
  private volatile Runnable listener = () -> {};

  /** Whether any reason is raised. */
  public boolean raised() {
    return (int) BITS.getOpaque(this) != 0;
  }

  /** Whether one of these reasons is raised. */
  public boolean raised(int reasons) {
    return ((int) BITS.getVolatile(this) & reasons) != 0;
  }

  public void raise(int reasons) {
    BITS.getAndBitwiseOr(this, reasons);
    listener.run();
  }

  /** Sets who is told, on the raising thread, after each {@link #raise}. */
  public void listener(Runnable next) {
    listener = next;
  }

  /**
   * Takes reasons back.
   *
   * @return those of them that were raised
   */
  public int clear(int reasons) {
    return (int) BITS.getAndBitwiseAnd(this, ~reasons) & reasons;
  }
}

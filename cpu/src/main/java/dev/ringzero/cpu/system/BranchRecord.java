package dev.ringzero.cpu.system;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import dev.ringzero.engine.state.Stateful;

/**
 * The last branch that was taken, and the last before an exception or interrupt, while
 * IA32_DEBUGCTL.LBR is set.
 *
 * <p>Not modelled: a branch to the instruction behind it is none; records of more than one branch.
 *
 * @spec AMD64 APM Vol. 2, "Control-Transfer Breakpoint Features"
 */
public final class BranchRecord implements Stateful {
  public static final long LBR = 1L << 0; // Last Branch Record, in IA32_DEBUGCTL
  public static final long BTF = 1L << 1; // Single-step on branches

  /** Registers of the record: source and target of the branch, then those before the exception. */
  private static final int FIRST_MSR = 0x1DB;

  private static final int MSRS = 4;

  private final long[] addresses = new long[MSRS];

  /** Whether instructions must be looked at one by one. */
  public static boolean watching(Cpu cpu) {
    return (cpu.system.debugctl & (LBR | BTF)) != 0;
  }

  /** A branch was taken. */
  public void branch(long from, long to) {
    addresses[0] = from;
    addresses[1] = to;
  }

  /** An exception or interrupt interrupts what runs. */
  void event(long from, long to) {
    addresses[2] = addresses[0];
    addresses[3] = addresses[1];
    branch(from, to);
  }

  static boolean holds(int msr) {
    return msr >= FIRST_MSR && msr < FIRST_MSR + MSRS;
  }

  long read(int msr) {
    return addresses[msr - FIRST_MSR];
  }

  void write(int msr, long value) {
    addresses[msr - FIRST_MSR] = value;
  }

  /** The four addresses. */
  public long[] addresses() {
    return addresses;
  }

  @Override
  public String stateName() {
    return "branches";
  }

  @Override
  public int stateVersion() {
    return 1;
  }

  @Override
  public void save(StateWriter out) {
    out.writeLongs(addresses);
  }

  @Override
  public void restore(StateReader in, int version) {
    in.readLongs(addresses);
  }
}

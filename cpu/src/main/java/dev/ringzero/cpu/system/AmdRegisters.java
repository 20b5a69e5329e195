package dev.ringzero.cpu.system;

import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import dev.ringzero.engine.state.Stateful;
import java.util.Arrays;

/**
 * Model-specific registers that only AMD's processors have: configuration, which keeps what is
 * written with no other effect, and the performance counters that CPUID does not tell of, which
 * keep nothing, so that systems notice that nothing is counted.
 *
 * <p>Not modelled: performance monitoring.
 *
 * @spec AMD64 APM Vol. 2, "MSR Cross-Reference"
 */
public final class AmdRegisters implements Stateful {
  private static final int PERF_EVT_SEL0 = 0xC001_0000;
  private static final int PERF_CTR3 = 0xC001_0007;
  private static final int SYSCFG = 0xC001_0010;
  private static final int HWCR = 0xC001_0015;
  private static final int NB_CFG = 0xC001_001F;
  private static final int LS_CFG = 0xC001_1020;
  private static final int DC_CFG = 0xC001_1022;
  private static final int DE_CFG = 0xC001_1029;

  private static final int COUNTERS = PERF_CTR3 - PERF_EVT_SEL0 + 1;
  private static final int CONFIGURATIONS = 6;
  private static final long HWCR_TSC_FREQ_SEL = 1L << 24; // the counter runs at P0's frequency

  private final long[] values = new long[COUNTERS + CONFIGURATIONS];
  private boolean present;

  AmdRegisters() {
    reset();
  }

  /** The processor is one of AMD's; once, before it runs. */
  public void enable() {
    present = true;
  }

  void reset() {
    Arrays.fill(values, 0);
    values[place(HWCR)] = HWCR_TSC_FREQ_SEL;
  }

  boolean holds(int index) {
    return present && place(index) >= 0;
  }

  private static int place(int index) {
    if (index >= PERF_EVT_SEL0 && index <= PERF_CTR3) {
      return index - PERF_EVT_SEL0;
    }
    return switch (index) {
      case SYSCFG -> COUNTERS;
      case HWCR -> COUNTERS + 1;
      case NB_CFG -> COUNTERS + 2;
      case LS_CFG -> COUNTERS + 3;
      case DC_CFG -> COUNTERS + 4;
      case DE_CFG -> COUNTERS + 5;
      default -> -1;
    };
  }

  long read(int index) {
    return values[place(index)];
  }

  void write(int index, long value) {
    if (place(index) < COUNTERS) {
      return;
    }
    values[place(index)] = index == HWCR ? value | HWCR_TSC_FREQ_SEL : value;
  }

  @Override
  public String stateName() {
    return "amd";
  }

  @Override
  public int stateVersion() {
    return 1;
  }

  @Override
  public void save(StateWriter out) {
    out.writeLongs(values);
  }

  @Override
  public void restore(StateReader in, int version) {
    in.readLongs(values);
  }
}

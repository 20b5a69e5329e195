package dev.ringzero.vmm.machine;

import dev.ringzero.engine.VirtualCpu;

/**
 * The first four performance counters, which every AMD processor has and CPUID does not tell of:
 * they read as zero and keep nothing, so that systems notice that nothing is counted.
 *
 * <p>Not modelled: performance monitoring.
 *
 * @spec AMD64 APM Vol. 2, "Performance Monitoring Counters"
 */
final class PerformanceMsrs implements MsrBus {
  private static final int PERF_EVT_SEL0 = 0xC001_0000;
  private static final int REGISTERS = 8; // PerfEvtSel0 to 3, PerfCtr0 to 3

  private final MsrBus others;

  PerformanceMsrs(MsrBus others) {
    this.others = others;
  }

  private static boolean isHere(int index) {
    return Integer.compareUnsigned(index - PERF_EVT_SEL0, REGISTERS) < 0;
  }

  @Override
  public long read(VirtualCpu cpu, int index) {
    return isHere(index) ? 0 : others.read(cpu, index);
  }

  @Override
  public void write(VirtualCpu cpu, int index, long value) {
    if (!isHere(index)) {
      others.write(cpu, index, value);
    }
  }
}

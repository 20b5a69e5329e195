package dev.ringzero.kvm;

import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;

/**
 * A vCPU's time-stamp counter, and what the kernel's local APIC waits for by it. It stands still
 * between {@link #hold} and {@link #release}.
 */
final class VcpuTime {
  private static final int IA32_TIME_STAMP_COUNTER = VcpuState.IA32_TIME_STAMP_COUNTER;

  private final VcpuState state;
  private boolean held;
  private long heldCount;

  /** At which count the kernel's local APIC interrupts; 0 for never. */
  private long heldDeadline;

  VcpuTime(VcpuState state) {
    this.state = state;
  }

  void hold() {
    if (!held) {
      heldDeadline = state.deadline();
      if (heldDeadline != 0) {
        state.deadline(0);
      }
      heldCount = state.msr(IA32_TIME_STAMP_COUNTER);
      held = true;
    }
  }

  void release() {
    if (held) {
      held = false;
      state.msr(IA32_TIME_STAMP_COUNTER, heldCount);
      if (heldDeadline != 0) {
        state.deadline(heldDeadline);
      }
    }
  }

  long count() {
    return held ? heldCount : state.msr(IA32_TIME_STAMP_COUNTER);
  }

  void count(long value) {
    held = false;
    state.msr(IA32_TIME_STAMP_COUNTER, value);
  }

  void save(StateWriter out) {
    hold();
    out.writeLong(heldCount);
    out.writeLong(heldDeadline);
  }

  void restore(StateReader in) {
    heldCount = in.readLong();
    heldDeadline = in.readLong();
    held = true;
  }
}

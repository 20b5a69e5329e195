package dev.ringzero.kvm;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.ringzero.engine.state.StateException;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import dev.ringzero.engine.state.Stateful;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The clock that KVM shows to a machine's guest, in nanoseconds. It stands still between {@link
 * #hold} and {@link #release}.
 *
 * @spec Linux Documentation/virt/kvm/api.rst, "KVM_GET_CLOCK"
 */
final class KvmClock implements Stateful {
  private final KvmFile machine;
  private boolean held;
  private long heldNanos;

  KvmClock(KvmFile machine) {
    this.machine = machine;
  }

  void hold() {
    if (!held) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment clock = arena.allocate(KvmLayouts.KVM_CLOCK_DATA);
        machine.call(Ioctl.KVM_GET_CLOCK, clock);
        heldNanos = clock.get(JAVA_LONG, 0);
        held = true;
      }
    }
  }

  void release() {
    if (held) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment clock = arena.allocate(KvmLayouts.KVM_CLOCK_DATA);
        clock.set(JAVA_LONG, 0, heldNanos);
        machine.call(Ioctl.KVM_SET_CLOCK, clock);
        held = false;
      }
    }
  }

  @Override
  public String stateName() {
    return "kvm-clock";
  }

  @Override
  public int stateVersion() {
    return 1;
  }

  @Override
  public void save(StateWriter out) {
    hold();
    out.writeLong(heldNanos);
  }

  @Override
  public void restore(StateReader in, int version) {
    if (version != 1) {
      throw new StateException("no version " + version + " of KVM's clock");
    }
    heldNanos = in.readLong();
    held = true;
  }
}

package dev.ringzero.vmm.memory;

import dev.ringzero.engine.VirtualCpu;
import dev.ringzero.engine.VmExit;
import dev.ringzero.memory.GuestMemory;
import dev.ringzero.x86.Ept;
import dev.ringzero.x86.ExitReason;
import java.util.Map;

/**
 * Extended page tables: the processor walks the guest's tables and the monitor's second-level table,
 * and the monitor works only when a guest-physical page is touched for the first time.
 *
 * @spec Intel SDM Vol. 3C, "The Extended Page Table Mechanism (EPT)"
 */
public final class ExtendedPaging implements MemoryExits {
  private final GuestMemory memory;

  public ExtendedPaging(GuestMemory memory) {
    this.memory = memory;
  }

  @Override
  public String word() {
    return MemoryTechnique.EPT.word();
  }

  @Override
  public void attach(VirtualCpu cpu) {}

  @Override
  public Outcome handle(VirtualCpu cpu, ExitReason reason) {
    return reason == ExitReason.EPT_VIOLATION ? touch(cpu.exit(), memory) : Outcome.NOT_MINE;
  }

  @Override
  public Map<String, Long> figures() {
    return Map.of("second-level table frames", memory.statistics().tableFrames());
  }

  @Override
  public void close() {}

  static Outcome touch(VmExit exit, GuestMemory memory) {
    return switch (memory.touch(exit.gpa, exit.qualification & Ept.RIGHTS)) {
      case MAPPED -> Outcome.DONE;
      case NOT_RAM -> Outcome.NO_RAM;
      case EXHAUSTED -> Outcome.EXHAUSTED;
    };
  }
}

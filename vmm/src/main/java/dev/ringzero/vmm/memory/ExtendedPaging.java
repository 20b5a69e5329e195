package dev.ringzero.vmm.memory;

import dev.ringzero.engine.VirtualCpu;
import dev.ringzero.engine.VmExit;
import dev.ringzero.memory.FrameMemory;
import dev.ringzero.memory.GuestMemory;
import dev.ringzero.x86.Ept;
import dev.ringzero.x86.ExitReason;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Extended page tables: the processor walks the guest's tables and the monitor's second-level
 * table, and the monitor works only when a guest-physical page is touched for the first time.
 *
 * @spec Intel SDM Vol. 3C, "The Extended Page Table Mechanism (EPT)"
 */
public final class ExtendedPaging implements MemoryExits {
  private final GuestMemory memory;
  private final MemoryTechnique technique;

  public ExtendedPaging(GuestMemory memory) {
    this(memory, MemoryTechnique.EPT);
  }

  private ExtendedPaging(GuestMemory memory, MemoryTechnique technique) {
    this.memory = memory;
    this.technique = technique;
  }

  /** For RAM in one piece: the second-level table is there for devices, and never walked. */
  public static ExtendedPaging bare(FrameMemory memory) {
    return new ExtendedPaging(memory, MemoryTechnique.BARE);
  }

  @Override
  public String word() {
    return technique.word();
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
  public Map<String, Long> tableFrames() {
    return memory instanceof FrameMemory frames ? secondLevelTables(frames) : Map.of();
  }

  static Map<String, Long> secondLevelTables(FrameMemory memory) {
    memory.mappings().lock();
    try {
      long[] frames = memory.table().tableFramesByLevel();
      Map<String, Long> counts = new LinkedHashMap<>();
      for (int level = frames.length - 1; level > 0; level--) {
        counts.put("second-level, level " + level, frames[level]);
      }
      return counts;
    } finally {
      memory.mappings().unlock();
    }
  }

  @Override
  public Optional<AddressWalk> walk(VirtualCpu cpu, long linear) {
    if (!(memory instanceof FrameMemory frames)) {
      return Optional.empty();
    }
    GuestWalk walk = new GuestWalk(frames);
    boolean mapped = walk.find(GuestPaging.of(cpu), linear);
    List<AddressWalk.Table> tables = new ArrayList<>();
    tables.add(AddressWalk.guestTables(walk, frames.table()));
    if (!mapped) {
      return Optional.of(new AddressWalk(tables, "the guest maps nothing there"));
    }
    tables.add(
        new AddressWalk.Table(
            "the second-level table, gpa to hpa",
            AddressWalk.secondLevel(frames.table(), walk.gpa)));
    String result = AddressWalk.reached(frames.table(), walk.gpa, memory.isRam(walk.gpa));
    return Optional.of(new AddressWalk(tables, result));
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

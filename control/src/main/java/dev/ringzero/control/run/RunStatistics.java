package dev.ringzero.control.run;

import dev.ringzero.engine.CpuStatistics;
import dev.ringzero.engine.TranslationStatistics;
import dev.ringzero.engine.VirtualCpu;
import dev.ringzero.memory.FramePool;
import dev.ringzero.memory.GuestMemory;
import dev.ringzero.vmm.machine.Machine;
import dev.ringzero.x86.ExitReason;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a machine has done, summed over its processors. A figure of -1 is one that the engine cannot
 * tell.
 */
public record RunStatistics(
    long instructions,
    long tlbMisses,
    long walkReferences,
    long comparedTranslations,
    List<Exits> exits,
    long innerEntries,
    List<InnerExits> innerExits,
    Optional<TranslationStatistics> translation,
    String memoryVirtualization,
    Map<String, Long> memoryFigures,
    long ramBytes,
    long givenBytes,
    long touchedBytes) {

  /** Exits for one reason, and the time they took. */
  public record Exits(ExitReason reason, long count, long nanos) {}

  /** Exits of guests of the guest to it, and the time until it entered one again. */
  public record InnerExits(String reason, long count, long nanos) {}

  static RunStatistics of(Machine machine) {
    List<VirtualCpu> cpus = machine.cpus();
    GuestMemory.Statistics memory = machine.memory().statistics();
    long instructions = 0;
    long tlbMisses = 0;
    long walkReferences = 0;
    long comparedTranslations = 0;
    for (VirtualCpu cpu : cpus) {
      CpuStatistics statistics = cpu.statistics();
      instructions =
          instructions < 0 || statistics.instructions() < 0
              ? -1
              : instructions + statistics.instructions();
      tlbMisses += statistics.tlbMisses();
      walkReferences += statistics.walkReferences();
      comparedTranslations += statistics.comparedTranslations();
    }
    return new RunStatistics(
        instructions,
        tlbMisses,
        walkReferences,
        Math.max(-1, comparedTranslations),
        exits(cpus),
        cpus.stream().mapToLong(cpu -> cpu.innerExits().entries()).sum(),
        innerExits(cpus),
        cpus.stream()
            .flatMap(cpu -> cpu.statistics().translation().stream())
            .reduce(TranslationStatistics::plus),
        machine.memoryVirtualization().word(),
        machine.memoryVirtualization().figures(),
        memory.ramBytes(),
        memory.framesGiven() * FramePool.FRAME_BYTES,
        memory.framesTouched() * FramePool.FRAME_BYTES);
  }

  private static List<Exits> exits(List<VirtualCpu> cpus) {
    List<Exits> exits = new ArrayList<>();
    for (ExitReason reason : ExitReason.values()) {
      long count = cpus.stream().mapToLong(cpu -> cpu.exits().count(reason)).sum();
      long nanos = cpus.stream().mapToLong(cpu -> cpu.exits().nanos(reason)).sum();
      if (count > 0) {
        exits.add(new Exits(reason, count, nanos));
      }
    }
    exits.sort(Comparator.comparingLong(Exits::count).reversed());
    return exits;
  }

  private static List<InnerExits> innerExits(List<VirtualCpu> cpus) {
    Map<String, InnerExits> byReason = new LinkedHashMap<>();
    for (VirtualCpu cpu : cpus) {
      cpu.innerExits()
          .forEach((reason, count, nanos) ->
              byReason.merge(
                  reason,
                  new InnerExits(reason, count, nanos),
                  (a, b) -> new InnerExits(reason, a.count() + b.count(), a.nanos() + b.nanos())));
    }
    List<InnerExits> exits = new ArrayList<>(byReason.values());
    exits.sort(Comparator.comparingLong(InnerExits::count).reversed());
    return exits;
  }

  private static Map<String, Object> translation(TranslationStatistics figures) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("blocks", figures.blocks());
    map.put("keptBlocks", figures.loaded());
    map.put("guestBytes", figures.guestBytes());
    map.put("hostBytes", figures.hostBytes());
    map.put("nanos", figures.nanos());
    map.put("verifyNanos", figures.verifyNanos());
    map.put("exits", figures.exits());
    map.put("interpreted", figures.interpreted());
    if (figures.accesses() >= 0) {
      map.put("firstLevelHits", figures.firstLevelHits());
    }
    map.put("secondLevelHits", figures.secondLevelHits());
    map.put("misses", figures.misses());
    map.put("pagesDropped", figures.pagesDropped());
    map.put("evictions", figures.evictions());
    if (figures.compared() >= 0) {
      map.put("compared", figures.compared());
    }
    return map;
  }

  /** The same as a JSON object. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    if (instructions >= 0) {
      map.put("instructions", instructions);
    }
    map.put("tlbMisses", tlbMisses);
    map.put("walkReferences", walkReferences);
    if (comparedTranslations >= 0) {
      map.put("comparedTranslations", comparedTranslations);
    }
    Map<String, Object> byReason = new LinkedHashMap<>();
    for (Exits exit : exits) {
      byReason.put(exit.reason().name(), Map.of("count", exit.count(), "nanos", exit.nanos()));
    }
    map.put("exits", byReason);
    if (innerEntries > 0) {
      Map<String, Object> inner = new LinkedHashMap<>();
      for (InnerExits exit : innerExits) {
        inner.put(exit.reason(), Map.of("count", exit.count(), "nanos", exit.nanos()));
      }
      map.put("innerEntries", innerEntries);
      map.put("innerExits", inner);
    }
    map.put("memoryVirtualization", memoryVirtualization);
    map.put("memoryFigures", memoryFigures);
    translation.ifPresent(figures -> map.put("translation", translation(figures)));
    map.put("ramBytes", ramBytes);
    map.put("givenBytes", givenBytes);
    map.put("touchedBytes", touchedBytes);
    return map;
  }
}

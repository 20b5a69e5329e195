package dev.ringzero.selftest;

import dev.ringzero.engine.Clock;
import dev.ringzero.engine.Engine;
import dev.ringzero.engine.EngineException;
import dev.ringzero.memory.ContiguousMemory;
import dev.ringzero.testkit.FakeClock;
import dev.ringzero.testkit.guest.BareMetalGuest;
import dev.ringzero.testkit.guest.BareMetalMachine;
import dev.ringzero.testkit.guest.ContiguousRam;
import dev.ringzero.testkit.guest.CpuidAnswer;
import dev.ringzero.x86.CpuidLeaf;
import java.util.List;
import java.util.Optional;

/** Runs guests of a few instructions on an engine, and looks whether they do what they should. */
public final class GuestSelftest {
  private static final long MEMORY_BYTES = 2 << 20;

  private static final List<CpuidLeaf> CPUID =
      CpuidAnswer.ALL.stream()
          .map(a -> new CpuidLeaf(a.function(), 0, false, a.eax(), a.ebx(), a.ecx(), a.edx()))
          .toList();

  private final EngineMaker maker;

  /** Makes the engine under test. */
  @FunctionalInterface
  public interface EngineMaker {
    Engine make(ContiguousMemory memory, Clock clock, List<CpuidLeaf> cpuid);
  }

  public GuestSelftest(EngineMaker maker) {
    this.maker = maker;
  }

  public static List<String> guests() {
    return List.of(BareMetalGuest.values()).stream().map(BareMetalGuest::name).toList();
  }

  /** What is wrong with a guest of {@link #guests}; empty if nothing is. */
  public Optional<String> complaint(String name) {
    BareMetalGuest guest = BareMetalGuest.valueOf(name);
    try (ContiguousMemory memory = ContiguousMemory.ofPc(MEMORY_BYTES);
        Engine engine = maker.make(memory, new FakeClock(), CPUID)) {
      BareMetalGuest.Expectation seen =
          new BareMetalMachine(engine, new ContiguousRam(memory)).run(guest);
      return seen.equals(guest.expectation())
          ? Optional.empty()
          : Optional.of("did " + seen + ", not " + guest.expectation());
    } catch (EngineException e) {
      return Optional.of(e.getMessage());
    }
  }
}

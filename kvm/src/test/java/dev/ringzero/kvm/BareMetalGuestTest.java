package dev.ringzero.kvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ringzero.engine.Register;
import dev.ringzero.memory.ContiguousMemory;
import dev.ringzero.testkit.FakeClock;
import dev.ringzero.testkit.SavedState;
import dev.ringzero.testkit.guest.BareMetalGuest;
import dev.ringzero.testkit.guest.BareMetalMachine;
import dev.ringzero.testkit.guest.ContiguousRam;
import dev.ringzero.testkit.guest.CpuidAnswer;
import dev.ringzero.x86.CpuidLeaf;
import dev.ringzero.x86.ExitReason;
import java.lang.foreign.Arena;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BareMetalGuestTest {
  private static final KvmProbe.Result HOST = KvmProbe.examine();

  private static final List<CpuidLeaf> CPUID =
      CpuidAnswer.ALL.stream()
          .map(a -> new CpuidLeaf(a.function(), 0, false, a.eax(), a.ebx(), a.ecx(), a.edx()))
          .toList();

  private static final Set<BareMetalGuest> NEED_INTERRUPT_WINDOW =
      EnumSet.of(
          BareMetalGuest.MASKED_INTERRUPT_WAITS,
          BareMetalGuest.TASK_PRIORITY_HOLDS_AN_INTERRUPT_BACK);

  @ParameterizedTest
  @EnumSource
  void guestDoesWhatTheArchitectureSays(BareMetalGuest guest) {
    assumeTrue(
        HOST.verdict() != KvmProbe.Verdict.ABSENT, () -> "skipped without KVM: " + HOST.words());
    try (ContiguousMemory memory = ContiguousMemory.ofPc(2 << 20);
        KvmEngine engine = new KvmEngine(memory, new FakeClock(), CPUID)) {
      BareMetalMachine machine = new BareMetalMachine(engine, new ContiguousRam(memory));
      BareMetalGuest.Expectation seen = run(machine, guest);
      assumeTrue(
          HOST.verdict() == KvmProbe.Verdict.USABLE
              || seen.equals(guest.expectation())
              || !NEED_INTERRUPT_WINDOW.contains(guest),
          () -> "skipped, this partial KVM opens no interrupt window: " + guest);
      assertThat(seen).isEqualTo(guest.expectation());
    }
  }

  @Test
  void savedStateRestoresToTheSameBytes() {
    assumeTrue(
        HOST.verdict() != KvmProbe.Verdict.ABSENT, () -> "skipped without KVM: " + HOST.words());
    byte[] saved = savedAfter(BareMetalGuest.MODEL_SPECIFIC_REGISTER);
    try (ContiguousMemory memory = ContiguousMemory.ofPc(2 << 20);
        KvmEngine engine = new KvmEngine(memory, new FakeClock(), CPUID)) {
      BareMetalMachine other = new BareMetalMachine(engine, new ContiguousRam(memory));
      assertThat(SavedState.restoredInto(other.cpu(), saved)).isEqualTo(saved);
      assertThat(other.cpu().msr(0xC000_0081)).isEqualTo(0x5566_7788_1122_3344L);
    }
  }

  @Test
  void aProcessorBeginsWithFastStrings() {
    assumeTrue(
        HOST.verdict() == KvmProbe.Verdict.USABLE, () -> "skipped without KVM: " + HOST.words());
    try (ContiguousMemory memory = ContiguousMemory.ofPc(2 << 20);
        KvmEngine engine = new KvmEngine(memory, new FakeClock(), CPUID)) {
      BareMetalMachine machine = new BareMetalMachine(engine, new ContiguousRam(memory));
      assertThat(machine.cpu().msr(0x1A0) & 1).isEqualTo(1);
    }
  }

  @Test
  void pagesThatProcessorsAndDevicesWriteAreToldOnce() {
    assumeTrue(
        HOST.verdict() != KvmProbe.Verdict.ABSENT, () -> "skipped without KVM: " + HOST.words());
    try (ContiguousMemory memory = ContiguousMemory.ofPc(2 << 20);
        KvmEngine engine = new KvmEngine(memory, new FakeClock(), CPUID)) {
      BareMetalMachine machine = new BareMetalMachine(engine, new ContiguousRam(memory));
      engine.logWrites(true);
      memory.write64(0x15_5FFC, 1);
      run(machine, BareMetalGuest.PROTECTED_MODE);
      assertThat(written(engine)).contains(BareMetalGuest.RESULT, 0x15_5000L, 0x15_6000L);
      assertThat(written(engine)).isEmpty();
      engine.logWrites(false);
      memory.write64(0x15_5000, 1);
      assertThat(written(engine)).isEmpty();
    }
  }

  private static Set<Long> written(KvmEngine engine) {
    Set<Long> pages = new TreeSet<>();
    engine.forEachWritten(pages::add);
    return pages;
  }

  @Test
  void memoryOfADeviceComesAndGoesAndIsRefusedWhereSomethingIs() {
    assumeTrue(
        HOST.verdict() != KvmProbe.Verdict.ABSENT, () -> "skipped without KVM: " + HOST.words());
    try (ContiguousMemory memory = ContiguousMemory.ofPc(2 << 20);
        KvmEngine engine = new KvmEngine(memory, new FakeClock(), CPUID);
        Arena arena = Arena.ofConfined()) {
      long page = arena.allocate(4096, 4096).address();
      assertThat(engine.addDeviceMemory(0xC000_0000L, 4096, page)).isTrue();
      assertThat(engine.addDeviceMemory(0xC000_0000L, 4096, page)).as("taken").isFalse();
      assertThat(engine.addDeviceMemory(0xC000_1000L, 4096, page)).as("beside it").isTrue();
      assertThat(engine.addDeviceMemory(0x1000, 4096, page)).as("RAM").isFalse();
      assertThat(engine.addDeviceMemory(0xC000_2800L, 4096, page)).as("half pages").isFalse();
      engine.removeDeviceMemory(0xC000_0000L);
      engine.removeDeviceMemory(0xC000_0000L);
      assertThat(engine.addDeviceMemory(0xC000_0000L, 4096, page)).as("free again").isTrue();
    }
  }

  @Test
  void breakpointsStopTheGuestOnceEach() {
    assumeTrue(
        HOST.verdict() != KvmProbe.Verdict.ABSENT, () -> "skipped without KVM: " + HOST.words());
    try (ContiguousMemory memory = ContiguousMemory.ofPc(2 << 20);
        KvmEngine engine = new KvmEngine(memory, new FakeClock(), CPUID)) {
      BareMetalMachine machine = new BareMetalMachine(engine, new ContiguousRam(memory));
      machine.cpu().breakpoints(new long[] {BareMetalGuest.CODE + 1, BareMetalGuest.CODE + 5});
      run(machine, BareMetalGuest.MODEL_SPECIFIC_REGISTER);
      assertThat(machine.cpu().register(Register.RIP)).isEqualTo(BareMetalGuest.CODE + 1);
      assertThat(machine.cpu().run()).isEqualTo(ExitReason.MONITOR_DEBUG);
      assertThat(machine.cpu().register(Register.RIP)).isEqualTo(BareMetalGuest.CODE + 5);
      assertThat(machine.cpu().run()).isEqualTo(ExitReason.HLT);
    }
  }

  @Test
  void aStepIsOneInstruction() {
    assumeTrue(
        HOST.verdict() != KvmProbe.Verdict.ABSENT, () -> "skipped without KVM: " + HOST.words());
    try (ContiguousMemory memory = ContiguousMemory.ofPc(2 << 20);
        KvmEngine engine = new KvmEngine(memory, new FakeClock(), CPUID)) {
      BareMetalMachine machine = new BareMetalMachine(engine, new ContiguousRam(memory));
      machine.cpu().singleStep(true);
      assertThat(run(machine, BareMetalGuest.REAL_MODE_PORTS).end())
          .isEqualTo(ExitReason.MONITOR_DEBUG);
      assertThat(machine.cpu().register(Register.RIP)).isEqualTo(BareMetalGuest.CODE + 2);
      assertThat(machine.cpu().run()).isEqualTo(ExitReason.MONITOR_DEBUG);
      assertThat(machine.cpu().register(Register.RIP)).isEqualTo(BareMetalGuest.CODE + 4);
      machine.cpu().singleStep(false);
      assertThat(machine.cpu().run()).isEqualTo(ExitReason.HLT);
    }
  }

  private static byte[] savedAfter(BareMetalGuest guest) {
    try (ContiguousMemory memory = ContiguousMemory.ofPc(2 << 20);
        KvmEngine engine = new KvmEngine(memory, new FakeClock(), CPUID)) {
      BareMetalMachine machine = new BareMetalMachine(engine, new ContiguousRam(memory));
      run(machine, guest);
      return SavedState.of(machine.cpu());
    }
  }

  private static BareMetalGuest.Expectation run(BareMetalMachine machine, BareMetalGuest guest) {
    try {
      return machine.run(guest);
    } catch (KvmException e) {
      assumeTrue(
          HOST.verdict() == KvmProbe.Verdict.USABLE,
          () -> "skipped on a partial KVM, " + guest + ": " + e.getMessage());
      throw e;
    }
  }
}

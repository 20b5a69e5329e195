package dev.ringzero.devices.lapic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.testkit.FakeClock;
import dev.ringzero.testkit.FakeProcessor;
import dev.ringzero.testkit.RegisterFuzz;
import dev.ringzero.testkit.SavedState;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class LocalApicTest {
  private static final int ID = 0x020;
  private static final int TPR = 0x080;
  private static final int PPR = 0x0A0;
  private static final int EOI = 0x0B0;
  private static final int LDR = 0x0D0;
  private static final int DFR = 0x0E0;
  private static final int SVR = 0x0F0;
  private static final int ISR = 0x100;
  private static final int IRR = 0x200;
  private static final int ESR = 0x280;
  private static final int ICR_LOW = 0x300;
  private static final int ICR_HIGH = 0x310;
  private static final int LVT_TIMER = 0x320;
  private static final int LVT_LINT0 = 0x350;
  private static final int LVT_LINT1 = 0x360;
  private static final int LVT_ERROR = 0x370;
  private static final int INITIAL_COUNT = 0x380;
  private static final int CURRENT_COUNT = 0x390;
  private static final int DIVIDE = 0x3E0;

  private static final int DIVIDE_BY_1 = 0b1011;
  private static final int PERIODIC = 1 << 17;
  private static final int TSC_DEADLINE = 2 << 17;
  private static final int ENABLE_X2APIC = 0xC00;

  private final FakeClock clock = new FakeClock();
  private final ApicBus bus = new ApicBus(3);
  private final LocalApic[] apics = new LocalApic[3];
  private final FakeProcessor[] processors = new FakeProcessor[3];
  private final List<Integer> broadcastEois = new ArrayList<>();
  private LocalApic apic;

  @BeforeEach
  void enable() {
    for (int i = 0; i < apics.length; i++) {
      processors[i] = new FakeProcessor();
      apics[i] = new LocalApic(i, clock, bus);
      apics[i].connect(processors[i]);
      apics[i].write(SVR, 4, 0x1FF);
    }
    bus.onEndOfInterrupt(broadcastEois::add);
    apic = apics[0];
  }

  private void message(int vector) {
    bus.send(0xFEE0_0000L, vector);
  }

  private static void enterX2Apic(LocalApic apic) {
    assertThat(apic.msrs().write(ApicMsrs.IA32_APIC_BASE, apic.msrs().read(0x1B) | ENABLE_X2APIC))
        .isTrue();
  }

  @Nested
  class Priorities {
    @Test
    void highestVectorIsTakenFirstAndBlocksItsClass() {
      message(0x41);
      message(0x52);
      message(0x55);
      assertThat(processors[0].takeSignals()).isNotEmpty().containsOnly("INTR");
      assertThat(apic.acknowledge()).isEqualTo(0x55);
      assertThat(apic.pending()).as("0x52 is of the same class").isFalse();
      assertThat(apic.read(PPR, 4)).isEqualTo(0x50);
      apic.write(EOI, 4, 0);
      assertThat(apic.acknowledge()).isEqualTo(0x52);
      message(0x61);
      assertThat(apic.acknowledge()).isEqualTo(0x61);
      apic.write(EOI, 4, 0);
      apic.write(EOI, 4, 0);
      assertThat(apic.acknowledge()).isEqualTo(0x41);
    }

    @Test
    void nothingPendingAcknowledgesAsMinusOne() {
      assertThat(apic.pending()).isFalse();
      assertThat(apic.acknowledge()).isEqualTo(-1);
    }

    @Test
    void taskPriorityHoldsInterruptsBackUntilItIsLowered() {
      apic.taskPriority(4);
      assertThat(apic.read(TPR, 4)).isEqualTo(0x40);
      message(0x4F);
      assertThat(apic.pending()).isFalse();
      processors[0].takeSignals();
      apic.taskPriority(3);
      assertThat(processors[0].takeSignals()).contains("INTR");
      assertThat(apic.acknowledge()).isEqualTo(0x4F);
    }

    @Test
    void requestAndServiceRegistersShowTheVector() {
      message(0x65);
      assertThat(apic.read(IRR + 0x30, 4)).isEqualTo(1 << 5);
      apic.acknowledge();
      assertThat(apic.read(IRR + 0x30, 4)).isZero();
      assertThat(apic.read(ISR + 0x30, 4)).isEqualTo(1 << 5);
    }

    @Test
    void onlyLevelTriggeredInterruptsBroadcastTheirEnd() {
      bus.send(0xFEE0_0000L, 0x70 | 1 << 15 | 1 << 14);
      message(0x81);
      apic.acknowledge();
      apic.write(EOI, 4, 0);
      apic.acknowledge();
      apic.write(EOI, 4, 0);
      assertThat(broadcastEois).containsExactly(0x70);
    }

    @Test
    void softwareDisabledApicTakesNoInterruptsAndMasksItsLocalOnes() {
      apic.write(SVR, 4, 0xFF);
      message(0x41);
      assertThat(apic.pending()).isFalse();
      apic.write(LVT_TIMER, 4, 0x30);
      assertThat(apic.read(LVT_TIMER, 4)).isEqualTo(0x1_0030);
      bus.send(0xFEE0_0000L, 4 << 8);
      assertThat(processors[0].takeSignals()).containsExactly("NMI");
    }

    @Test
    void vectorsBelow16AreErrors() {
      apic.write(LVT_ERROR, 4, 0xFE);
      message(0x0F);
      assertThat(apic.acknowledge()).isEqualTo(0xFE);
      apic.write(ESR, 4, 0);
      assertThat(apic.read(ESR, 4)).isEqualTo(1 << 6);
      apic.write(ESR, 4, 0);
      assertThat(apic.read(ESR, 4)).isZero();
    }
  }

  @Nested
  class Interprocessor {
    private void send(int destination, int low) {
      apic.write(ICR_HIGH, 4, (long) destination << 24);
      apic.write(ICR_LOW, 4, low);
    }

    @Test
    void physicalDestinationIsOneApic() {
      send(2, 0x4000 | 0x99);
      assertThat(apics[2].acknowledge()).isEqualTo(0x99);
      apics[2].write(EOI, 4, 0);
      assertThat(apics[1].pending()).isFalse();
      send(0xFF, 0x4000 | 0x98);
      assertThat(apics).allMatch(LocalApic::pending);
      send(77, 0x4000 | 0x97);
    }

    @Test
    void shorthandsAddressSelfAllAndOthers() {
      send(0, 1 << 18 | 0x91);
      assertThat(apics[0].acknowledge()).isEqualTo(0x91);
      send(0, 3 << 18 | 0xA2);
      assertThat(apics[0].pending()).isFalse();
      assertThat(apics[1].acknowledge()).isEqualTo(0xA2);
      assertThat(apics[2].acknowledge()).isEqualTo(0xA2);
      send(0, 2 << 18 | 0xB3);
      assertThat(apics).allMatch(LocalApic::pending);
    }

    @Test
    void initAndStartupReachTheProcessor() {
      apics[1].write(TPR, 4, 0x20);
      send(1, 0xC500);
      send(1, 0x8500);
      send(1, 0x4600 | 0x9A);
      assertThat(processors[1].takeSignals()).containsExactly("INIT", "SIPI 9a");
      assertThat(apics[1].read(TPR, 4)).as("INIT resets the APIC").isZero();
      assertThat(apics[1].read(SVR, 4)).isEqualTo(0xFF);
    }

    @Test
    void flatLogicalDestinationIsAMaskOfApics() {
      for (int i = 0; i < apics.length; i++) {
        apics[i].write(LDR, 4, 1L << 24 + i);
      }
      send(0b101, 0x4800 | 0x44);
      assertThat(apics[0].pending()).isTrue();
      assertThat(apics[1].pending()).isFalse();
      assertThat(apics[2].pending()).isTrue();
    }

    @Test
    void clusterLogicalDestinationNeedsClusterAndMember() {
      apics[1].write(DFR, 4, 0x0FFF_FFFF);
      apics[1].write(LDR, 4, 0x12L << 24);
      send(0x13, 0x4800 | 0x44);
      assertThat(apics[1].pending()).isTrue();
      apics[1].acknowledge();
      apics[1].write(EOI, 4, 0);
      send(0x23, 0x4800 | 0x44);
      assertThat(apics[1].pending()).isFalse();
    }

    @Test
    void lowestPriorityGoesToTheLeastBusy() {
      apics[0].write(TPR, 4, 0x50);
      apics[2].write(TPR, 4, 0x20);
      apics[1].write(TPR, 4, 0x30);
      send(0xFF, 0x4100 | 0x66);
      assertThat(apics[2].pending()).isTrue();
      assertThat(apics[0].pending()).isFalse();
      assertThat(apics[1].pending()).isFalse();
    }

    @Test
    void illegalVectorIsAnErrorOfTheSender() {
      send(1, 0x4000 | 0x05);
      apic.write(ESR, 4, 0);
      assertThat(apic.read(ESR, 4)).isEqualTo(1 << 5);
      assertThat(apics[1].pending()).isFalse();
    }
  }

  @Nested
  class Timer {
    @Test
    void oneShotCountsDownOnceThroughTheDivider() {
      apic.write(LVT_TIMER, 4, 0x40);
      apic.write(DIVIDE, 4, 0b0001);
      apic.write(INITIAL_COUNT, 4, 1000);
      clock.advance(2000);
      assertThat(apic.read(CURRENT_COUNT, 4)).isEqualTo(500);
      assertThat(apic.pending()).isFalse();
      clock.advance(2000);
      assertThat(apic.acknowledge()).isEqualTo(0x40);
      apic.write(EOI, 4, 0);
      assertThat(apic.read(CURRENT_COUNT, 4)).isZero();
      clock.advance(100_000);
      assertThat(apic.pending()).isFalse();
    }

    @Test
    void periodicReloads() {
      apic.write(LVT_TIMER, 4, PERIODIC | 0x40);
      apic.write(DIVIDE, 4, DIVIDE_BY_1);
      apic.write(INITIAL_COUNT, 4, 1_000_000);
      for (int i = 0; i < 3; i++) {
        clock.advance(1_000_000);
        assertThat(apic.acknowledge()).isEqualTo(0x40);
        apic.write(EOI, 4, 0);
      }
      clock.advance(250_000);
      assertThat(apic.read(CURRENT_COUNT, 4)).isEqualTo(750_000);
      apic.write(INITIAL_COUNT, 4, 0);
      clock.advance(5_000_000);
      assertThat(apic.pending()).isFalse();
    }

    @Test
    void tinyPeriodDoesNotFloodTheHost() {
      apic.write(LVT_TIMER, 4, PERIODIC | 0x40);
      apic.write(DIVIDE, 4, DIVIDE_BY_1);
      apic.write(INITIAL_COUNT, 4, 1);
      processors[0].takeSignals();
      clock.advance(1_000_000);
      assertThat(processors[0].takeSignals()).hasSizeLessThan(20).isNotEmpty();
    }

    @Test
    void maskedTimerRunsSilently() {
      apic.write(LVT_TIMER, 4, 1 << 16 | 0x40);
      apic.write(DIVIDE, 4, DIVIDE_BY_1);
      apic.write(INITIAL_COUNT, 4, 100);
      clock.advance(1000);
      assertThat(apic.pending()).isFalse();
    }

    @Test
    void deadlineFiresWhenTheTimeStampCounterReachesIt() {
      apic.write(LVT_TIMER, 4, TSC_DEADLINE | 0x40);
      long deadline = clock.tsc() + 10_001;
      assertThat(apic.msrs().write(ApicMsrs.IA32_TSC_DEADLINE, deadline)).isTrue();
      assertThat(apic.msrs().read(ApicMsrs.IA32_TSC_DEADLINE)).isEqualTo(deadline);
      clock.advance(5000);
      assertThat(apic.pending()).isFalse();
      clock.advance(1);
      assertThat(apic.acknowledge()).isEqualTo(0x40);
      assertThat(apic.msrs().read(ApicMsrs.IA32_TSC_DEADLINE)).isZero();
    }

    @Test
    void deadlineInThePastFiresAtOnce() {
      clock.advance(1000);
      apic.write(LVT_TIMER, 4, TSC_DEADLINE | 0x40);
      apic.msrs().write(ApicMsrs.IA32_TSC_DEADLINE, 1);
      assertThat(apic.acknowledge()).isEqualTo(0x40);
    }

    @Test
    void deadlineOfZeroDisarms() {
      apic.write(LVT_TIMER, 4, TSC_DEADLINE | 0x40);
      apic.msrs().write(ApicMsrs.IA32_TSC_DEADLINE, clock.tsc() + 100);
      apic.msrs().write(ApicMsrs.IA32_TSC_DEADLINE, 0);
      clock.advance(1000);
      assertThat(apic.pending()).isFalse();
    }

    @Test
    void deadlineThatMovesAheadNeedsNoAlarmEachTime() {
      apic.write(LVT_TIMER, 4, TSC_DEADLINE | 0x40);
      for (int i = 1; i <= 1000; i++) {
        apic.msrs().write(ApicMsrs.IA32_TSC_DEADLINE, clock.tsc() + 100L * i);
      }
      assertThat(clock.waitingAlarms()).isEqualTo(1);
      clock.advance(49_999);
      assertThat(apic.pending()).isFalse();
      clock.advance(1);
      assertThat(apic.pending()).isTrue();
    }

    @Test
    void deadlineFollowsTheGuestsTimeStampCounter() {
      apic.write(LVT_TIMER, 4, TSC_DEADLINE | 0x40);
      apic.tscOffset(1_000_000);
      apic.msrs().write(ApicMsrs.IA32_TSC_DEADLINE, clock.tsc() + 1_000_000 + 2000);
      clock.advance(999);
      assertThat(apic.pending()).isFalse();
      clock.advance(1);
      assertThat(apic.pending()).isTrue();
    }

    @Test
    void deadlineIsIgnoredInOtherModes() {
      apic.write(LVT_TIMER, 4, 0x40);
      apic.msrs().write(ApicMsrs.IA32_TSC_DEADLINE, clock.tsc() + 1);
      assertThat(apic.msrs().read(ApicMsrs.IA32_TSC_DEADLINE)).isZero();
      clock.advance(1000);
      assertThat(apic.pending()).isFalse();
    }
  }

  @Nested
  class LocalInterrupts {
    @Test
    void virtualWirePassesTheExternalControllersVector() {
      apic.externalController(() -> 0x08);
      apic.enterVirtualWireMode();
      apic.lint0().set(true);
      assertThat(processors[0].takeSignals()).contains("INTR");
      assertThat(apic.pending()).isTrue();
      assertThat(apic.acknowledge()).isEqualTo(0x08);
      apic.lint0().set(false);
      assertThat(apic.pending()).isFalse();
    }

    @Test
    void maskedLint0KeepsTheExternalControllerOut() {
      apic.lint0().set(true);
      assertThat(apic.pending()).isFalse();
      apic.write(LVT_LINT0, 4, 7 << 8);
      assertThat(apic.pending()).isTrue();
      apic.write(LVT_LINT0, 4, 1 << 16 | 7 << 8);
      assertThat(apic.pending()).isFalse();
    }

    @Test
    void disabledApicLetsTheExternalControllerThrough() {
      apic.msrs().write(ApicMsrs.IA32_APIC_BASE, LocalApic.DEFAULT_BASE);
      apic.lint0().set(true);
      assertThat(apic.pending()).isTrue();
    }

    @Test
    void lint1RaisesNmi() {
      apic.write(LVT_LINT1, 4, 4 << 8);
      apic.lint1().set(true);
      assertThat(processors[0].takeSignals()).containsExactly("NMI");
    }

    @Test
    void levelTriggeredLint0RepeatsUntilTheWireFalls() {
      apic.write(LVT_LINT0, 4, 1 << 15 | 0x45);
      apic.lint0().set(true);
      assertThat(apic.acknowledge()).isEqualTo(0x45);
      apic.write(EOI, 4, 0);
      assertThat(apic.acknowledge()).isEqualTo(0x45);
      apic.lint0().set(false);
      apic.write(EOI, 4, 0);
      assertThat(apic.pending()).isFalse();
    }
  }

  @Nested
  class X2Apic {
    @Test
    void registersMoveFromMemoryToMsrs() {
      ProcessorBus view = new ProcessorBus(new dev.ringzero.memory.DeviceBus(), apics[2]);
      assertThat(view.claims(0xFEE0_0000L)).isTrue();
      assertThat(view.read(0xFEE0_0000L + ID, 4)).isEqualTo(2L << 24);
      assertThat(apics[2].msrs().canRead(0x802)).isFalse();
      enterX2Apic(apics[2]);
      assertThat(view.claims(0xFEE0_0000L)).isFalse();
      assertThat(apics[2].msrs().canRead(0x802)).isTrue();
      assertThat(apics[2].msrs().read(0x802)).isEqualTo(2);
      assertThat(apics[2].msrs().read(0x80D)).as("logical ID").isEqualTo(1 << 2);
    }

    @Test
    void modesChangeOnlyAlongTheAllowedPaths() {
      long base = LocalApic.DEFAULT_BASE | 0x100;
      assertThat(apic.msrs().write(0x1B, base | 0x400)).as("x2APIC, disabled").isFalse();
      assertThat(apic.msrs().write(0x1B, base)).isTrue();
      assertThat(apic.msrs().write(0x1B, base | 0xC00)).as("disabled to x2APIC").isFalse();
      assertThat(apic.msrs().write(0x1B, base | 0x800)).isTrue();
      assertThat(apic.msrs().write(0x1B, base | 0xC00)).isTrue();
      assertThat(apic.msrs().write(0x1B, base | 0x800)).as("x2APIC to xAPIC").isFalse();
      assertThat(apic.msrs().write(0x1B, base)).isTrue();
      assertThat(apic.msrs().write(0x1B, base | 1)).as("reserved bit").isFalse();
      apic.forgetX2Apic();
      assertThat(apic.msrs().write(0x1B, base | 0xC00)).as("no such mode").isFalse();
      assertThat(apic.msrs().write(0x1B, base | 1L << 46)).as("no such address").isFalse();
    }

    @Test
    void interruptCommandIsOneRegister() {
      enterX2Apic(apic);
      enterX2Apic(apics[1]);
      assertThat(apic.msrs().write(0x830, 1L << 32 | 0x77)).isTrue();
      assertThat(apics[1].acknowledge()).isEqualTo(0x77);
      assertThat(apic.msrs().read(0x830)).isEqualTo(1L << 32 | 0x77);
      assertThat(apics[1].msrs().write(0x80B, 0)).isTrue();
      assertThat(apic.msrs().write(0x830, 0b10L << 32 | 0x800 | 0x78)).as("logical").isTrue();
      assertThat(apics[1].acknowledge()).isEqualTo(0x78);
      assertThat(apic.msrs().write(0x83F, 0x79)).as("self IPI").isTrue();
      assertThat(apic.acknowledge()).isEqualTo(0x79);
    }

    @Test
    void reservedAndReadOnlyRegistersFault() {
      enterX2Apic(apic);
      assertThat(apic.msrs().write(0x802, 1)).as("ID").isFalse();
      assertThat(apic.msrs().write(0x80E, 1)).as("DFR").isFalse();
      assertThat(apic.msrs().write(0x80B, 1)).as("EOI").isFalse();
      assertThat(apic.msrs().write(0x831, 1)).as("ICR2").isFalse();
      assertThat(apic.msrs().write(0x80F, 1L << 40)).as("upper half").isFalse();
      assertThat(apic.msrs().write(0x808, 0x100)).as("TPR").isFalse();
      assertThat(apic.msrs().write(0x832, 1 << 20)).as("LVT").isFalse();
      assertThat(apic.msrs().canRead(0x80B)).isFalse();
      assertThat(apic.msrs().canRead(0x83F)).isFalse();
      assertThat(apic.msrs().canRead(0x8FF)).isFalse();
    }
  }

  @Test
  void stateSurvivesSavingAndRestoring() {
    message(0x61);
    message(0x93);
    apic.acknowledge();
    apic.write(LVT_TIMER, 4, PERIODIC | 0x40);
    apic.write(INITIAL_COUNT, 4, 1_000_000);
    clock.advance(123);
    byte[] saved = SavedState.of(apic);
    LocalApic other = new LocalApic(0, clock, new ApicBus(1));
    assertThat(SavedState.restoredInto(other, saved)).isEqualTo(saved);
    assertThat(other.read(CURRENT_COUNT, 4)).isEqualTo(apic.read(CURRENT_COUNT, 4));
    assertThat(other.pending()).isEqualTo(apic.pending());
  }

  @Test
  void hostileAccessesDoNoHarm() {
    new RegisterFuzz(1, clock).memory(apic, 0x1000);
    byte[] saved = SavedState.of(apic);
    LocalApic other = new LocalApic(0, clock, new ApicBus(1));
    assertThat(SavedState.restoredInto(other, saved)).isEqualTo(saved);
    enterX2Apic(apics[1]);
    java.util.Random random = new java.util.Random(2);
    for (int i = 0; i < 20_000; i++) {
      int msr = 0x800 + random.nextInt(0x100);
      apics[1]
          .msrs()
          .write(msr, random.nextInt(4) == 0 ? random.nextLong() : random.nextInt(0x1000));
      if (apics[1].msrs().canRead(msr)) {
        apics[1].msrs().read(msr);
      }
      clock.advance(random.nextInt(10_000));
    }
  }
}

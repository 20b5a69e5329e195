package dev.ringzero.vmm.schedule;

import static dev.ringzero.vmm.schedule.Simulation.MILLI;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.ringzero.vmm.schedule.Simulation.Guest;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class FairShareTest {
  private static final long SECOND = 1000 * MILLI;
  private static final long SLICE = 2 * MILLI;
  private static final Percentage TWO_PERCENT = Percentage.withPercentage(2.01);

  private final Simulation two = new Simulation(2, SLICE);

  private static ProcessorShare weight(int weight) {
    return new ProcessorShare(weight, ProcessorShare.NO_CAP, Set.of());
  }

  private static ProcessorShare cap(int percent) {
    return new ProcessorShare(ProcessorShare.USUAL_WEIGHT, percent, Set.of());
  }

  private static ProcessorShare pinned(Integer... cpus) {
    return new ProcessorShare(ProcessorShare.USUAL_WEIGHT, ProcessorShare.NO_CAP, Set.of(cpus));
  }

  @Test
  void twentyBusyGuestsGetTheSameOnTwoProcessors() {
    List<Guest> guests = new ArrayList<>();
    for (int n = 0; n < 20; n++) {
      guests.add(two.busy(ProcessorShare.USUAL));
    }
    two.run(SECOND);
    assertThat(guests).allSatisfy(g -> assertThat(g.ranMillis()).isCloseTo(100, TWO_PERCENT));
  }

  @Test
  void busyGuestsGetTimeByWeight() {
    Simulation one = new Simulation(1, SLICE);
    Guest light = one.busy(weight(100));
    Guest middle = one.busy(weight(300));
    Guest heavy = one.busy(weight(600));
    one.run(SECOND);
    assertThat(light.ranMillis()).isCloseTo(100, TWO_PERCENT);
    assertThat(middle.ranMillis()).isCloseTo(300, TWO_PERCENT);
    assertThat(heavy.ranMillis()).isCloseTo(600, TWO_PERCENT);
  }

  @Test
  void machineDividesItsWeightAmongItsVcpus() {
    Simulation one = new Simulation(1, SLICE);
    Domain wide = one.domain(weight(100));
    Guest first = one.busy(wide);
    Guest second = one.busy(wide);
    Guest narrow = one.busy(weight(100));
    one.run(SECOND);
    assertThat(narrow.ranMillis()).isCloseTo(500, TWO_PERCENT);
    assertThat(first.ranMillis()).isCloseTo(250, TWO_PERCENT);
    assertThat(second.ranMillis()).isCloseTo(250, TWO_PERCENT);
  }

  @Test
  void weightBeyondAWholeProcessorLeavesTheOthersTheRest() {
    Guest heavy = two.busy(weight(10_000));
    List<Guest> others = new ArrayList<>();
    for (int n = 0; n < 10; n++) {
      others.add(two.busy(weight(1)));
    }
    two.run(SECOND);
    assertThat(heavy.ranMillis()).isCloseTo(1000, TWO_PERCENT);
    assertThat(others).allSatisfy(g -> assertThat(g.ranMillis()).isCloseTo(100, TWO_PERCENT));
  }

  @Test
  void nobodyStarvesBesideTheHeaviest() {
    Simulation one = new Simulation(1, SLICE);
    one.busy(weight(10_000));
    Guest least = one.busy(weight(1));
    one.run(30 * SECOND);
    assertThat(least.ranMillis()).isCloseTo(3, within(2.0));
  }

  @Test
  void cappedMachineGetsNoMoreThoughNobodyElseWants() {
    Guest capped = two.busy(cap(25));
    two.run(SECOND);
    assertThat(capped.ranMillis()).isCloseTo(250, TWO_PERCENT);
  }

  @Test
  void capHoldsForAllVcpusOfAMachineTogether() {
    Domain domain = two.domain(cap(50));
    Guest first = two.busy(domain);
    Guest second = two.busy(domain);
    two.run(SECOND);
    assertThat(first.ranMillis() + second.ranMillis()).isCloseTo(500, TWO_PERCENT);
  }

  @Test
  void timeThatACapHeldBackIsNotOwed() {
    Guest capped = two.busy(cap(10));
    two.run(10 * SECOND);
    Guest first = two.busy(ProcessorShare.USUAL);
    Guest second = two.busy(ProcessorShare.USUAL);
    two.run(SECOND);
    assertThat(capped.ranMillis()).isCloseTo(1100, TWO_PERCENT);
    assertThat(first.ranMillis()).isCloseTo(950, TWO_PERCENT);
    assertThat(second.ranMillis()).isCloseTo(950, TWO_PERCENT);
  }

  @Test
  void wokenGuestRunsAtOnceBesideTwentyBusyOnes() {
    for (int n = 0; n < 20; n++) {
      two.busy(ProcessorShare.USUAL);
    }
    two.run(SECOND);
    Guest typing = two.interactive(ProcessorShare.USUAL, MILLI / 2, 30 * MILLI);
    two.run(5 * SECOND);
    assertThat(typing.worstLatencyMillis()).isLessThan(0.5);
    assertThat(typing.ranMillis()).isCloseTo(5000 / 30.5 / 2, Percentage.withPercentage(3));
  }

  @Test
  void guestThatSleepsOftenGetsNoMoreThanItsShare() {
    for (int n = 0; n < 19; n++) {
      two.busy(ProcessorShare.USUAL);
    }
    Guest sly = two.interactive(ProcessorShare.USUAL, SLICE - MILLI / 10, MILLI / 100);
    two.run(SECOND);
    assertThat(sly.ranMillis()).isBetween(90.0, 105.0);
  }

  @Test
  void longSleepIsNotSavedUp() {
    Simulation one = new Simulation(1, SLICE);
    Guest sleeper = one.interactive(ProcessorShare.USUAL, SECOND, 10 * SECOND);
    one.run(11 * SECOND);
    Guest busy = one.busy(ProcessorShare.USUAL);
    one.run(SECOND);
    assertThat(busy.ranMillis()).isCloseTo(500, TWO_PERCENT);
    assertThat(sleeper.ranMillis()).isCloseTo(1500, TWO_PERCENT);
  }

  @Test
  void pinnedGuestsStayOnTheirProcessor() {
    Guest first = two.busy(pinned(0));
    Guest second = two.busy(pinned(0));
    Guest free = two.busy(ProcessorShare.USUAL);
    two.run(SECOND);
    assertThat(first.ranMillis()).isCloseTo(500, TWO_PERCENT);
    assertThat(second.ranMillis()).isCloseTo(500, TWO_PERCENT);
    assertThat(free.ranMillis()).isCloseTo(1000, TWO_PERCENT);
  }

  @Test
  void aProcessorThatSleepsIsCalledWhenAnotherWasWokenForTwo() {
    FairShare<Entity> policy = new FairShare<>(2, SLICE);
    Domain domain = policy.domain(ProcessorShare.USUAL, 0);
    Entity first = new Entity(policy.nextNumber(), domain);
    Entity second = new Entity(policy.nextNumber(), domain);
    assertThat(policy.wake(first, 0)).isZero();
    assertThat(policy.wake(second, 0)).isZero();
    assertThat(policy.pick(0, 0)).isSameAs(first);
    assertThat(policy.idleThoughWanted()).isEqualTo(1);
    assertThat(policy.pick(1, 0)).isSameAs(second);
    assertThat(policy.idleThoughWanted()).isNegative();
  }
}

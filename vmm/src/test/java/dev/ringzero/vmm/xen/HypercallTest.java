package dev.ringzero.vmm.xen;

import static dev.ringzero.vmm.xen.XenMachine.FIRST_FREE;
import static dev.ringzero.vmm.xen.XenMachine.L1;
import static dev.ringzero.vmm.xen.XenMachine.L3;
import static dev.ringzero.vmm.xen.XenMachine.L4;
import static dev.ringzero.vmm.xen.XenMachine.READ;
import static dev.ringzero.vmm.xen.XenMachine.SECOND_L1;
import static dev.ringzero.vmm.xen.XenMachine.USER_L4;
import static dev.ringzero.vmm.xen.XenMachine.WRITE;
import static dev.ringzero.vmm.xen.XenMachine.va;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.engine.ShortCalls;
import dev.ringzero.memory.FrameMemory;
import dev.ringzero.memory.MachineMemory;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What guests, also hostile ones, get of hypercalls. */
final class HypercallTest {
  private static final int INVALID = -22;
  private static final int FAULT = -14;
  private static final int PERMISSION = -1;
  private static final int DATA = 600;

  private final XenMachine machine = new XenMachine(2);

  @AfterEach
  void nothingForbiddenIsReachable() {
    try {
      assertThat(machine.violations()).isEmpty();
    } finally {
      machine.close();
    }
  }

  @Test
  void tableIsNotMadeWritableByAnyCall() {
    for (int table : new int[] {L4, L3, L1, SECOND_L1}) {
      assertThat(machine.remap(table, machine.to(table, WRITE))).isEqualTo(INVALID);
      assertThat(machine.update(machine.entryHpa(L1, DATA % 512), machine.to(table, WRITE)))
          .isEqualTo(INVALID);
    }
    assertThat(machine.entry(L1, L4)).isEqualTo(machine.to(L4, READ | 4));
  }

  @Test
  void refusedUpdateOfManyTellsHowManyWereDone() {
    machine.word(FIRST_FREE, 0, machine.entryHpa(SECOND_L1, 100));
    machine.word(FIRST_FREE, 8, 0);
    machine.word(FIRST_FREE, 16, machine.entryHpa(SECOND_L1, 101));
    machine.word(FIRST_FREE, 24, machine.to(L4, WRITE));
    long done = va(FIRST_FREE) + 512;
    assertThat(machine.call(1, va(FIRST_FREE), 2, done, XenDomain.SELF)).isEqualTo(INVALID);
    assertThat(machine.word(FIRST_FREE, 512)).isEqualTo(1);
    assertThat(machine.entry(SECOND_L1, 100)).isZero();
    assertThat(machine.entry(SECOND_L1, 101)).isNotZero();
  }

  @Test
  void shortAnswersAreForChangesOfTablesByTheKernelAlone() {
    long flushOfAll = 2 | 4;
    assertThat(shortly(14, va(DATA), machine.to(DATA, READ), 0)).isZero();
    assertThat(shortly(14, va(DATA), machine.to(DATA, WRITE), flushOfAll))
        .isEqualTo(ShortCalls.EXIT);
    assertThat(shortly(1, va(FIRST_FREE), 1000, 0)).isEqualTo(ShortCalls.EXIT);
    assertThat(shortly(26, va(FIRST_FREE), 0, 0)).isEqualTo(ShortCalls.EXIT);
    machine.vcpu(0).kernelMode = false;
    assertThat(shortly(14, va(DATA), machine.to(DATA, WRITE), 0)).isEqualTo(ShortCalls.EXIT);
    assertThat(machine.entry(L1, DATA)).isEqualTo(machine.to(DATA, READ | 4));
  }

  @Test
  void whileAnotherHasTheLockACallExits() throws InterruptedException {
    long[] answer = new long[1];
    machine.domain.lock.lock();
    Thread other = new Thread(() -> answer[0] = shortly(14, va(DATA), machine.to(DATA, READ), 0));
    other.start();
    other.join();
    machine.domain.lock.unlock();
    assertThat(answer[0]).isEqualTo(ShortCalls.EXIT);
  }

  private long shortly(int number, long first, long second, long third) {
    return machine.hypercalls.shortly(
        machine.vcpu(0), number, first, second, third, XenDomain.SELF);
  }

  @Test
  void framesOfOtherVmsAreRefused() {
    try (FrameMemory other = FrameMemory.ofPc(2 << 20)) {
      other.write64(0x1000, 1);
      long theirs = other.table().hpa(0x1000);
      assertThat(machine.remap(DATA, theirs | READ)).isEqualTo(INVALID);
      assertThat(machine.update(theirs, 1)).isEqualTo(INVALID);
      assertThat(machine.extended(0, theirs >>> 12)).isEqualTo(INVALID);
      assertThat(machine.extended(5, theirs >>> 12)).isEqualTo(INVALID);
      assertThat(machine.call(10, theirs, 0)).isEqualTo(INVALID);
      assertThat(MachineMemory.read64(theirs)).isEqualTo(1);
    }
    machine.word(FIRST_FREE, 0, 0);
    assertThat(machine.call(1, va(FIRST_FREE), 1, 0, 5)).isEqualTo(PERMISSION);
  }

  @Test
  void tableInUseIsNotWrittenAsData() {
    assertThat(machine.call(10, machine.entryHpa(L1, DATA % 512), -1L)).isNotZero();
    assertThat(machine.entry(L1, 0)).isEqualTo(machine.to(0, WRITE | 4));
    machine.word(FIRST_FREE, 0, machine.mfn(L1));
    assertThat(machine.call(2, va(FIRST_FREE), 8)).isEqualTo(INVALID);
  }

  @Test
  void slotsOfTheMonitorAreRefused() {
    assertThat(machine.update(machine.entryHpa(L4, 256), machine.to(L3, WRITE))).isEqualTo(INVALID);
    assertThat(machine.update(machine.entryHpa(L4, 260), 0)).isEqualTo(INVALID);
    assertThat(machine.call(14, MonitorArea.M2P, 0, 0)).isEqualTo(FAULT);
    assertThat(machine.call(14, MonitorArea.DESCRIPTORS, 0, 0)).isEqualTo(FAULT);
  }

  @Test
  void argumentsThatTheGuestCannotReachAreFaults() {
    long nowhere = 0x1000;
    assertThat(machine.call(1, nowhere, 1, 0, XenDomain.SELF)).isEqualTo(FAULT);
    assertThat(machine.call(26, nowhere, 1, 0, XenDomain.SELF)).isEqualTo(FAULT);
    assertThat(machine.call(13, 0x0001_0000_0000_0000L, 1)).isEqualTo(FAULT);
    assertThat(machine.call(0, MonitorArea.M2P)).isEqualTo(FAULT);
    assertThat(machine.call(17, 1, va(L4))).as("a read-only page").isEqualTo(FAULT);
    assertThat(machine.call(12, 1, nowhere)).isEqualTo(FAULT);
    assertThat(machine.call(20, 2, nowhere, 1)).isEqualTo(FAULT);
  }

  @Test
  void endlessListsEnd() {
    for (int at = 0; at < 4096; at += 8) {
      machine.word(DATA, at, -1);
    }
    for (int pfn = DATA; pfn < 1024; pfn++) {
      machine.remap(pfn, machine.to(DATA, READ));
    }
    assertThat(machine.call(0, va(DATA))).isEqualTo(INVALID);
    assertThat(machine.call(13, va(DATA), Integer.MAX_VALUE)).isNotZero();
  }

  @Test
  void callsThatNestMulticallsAreRefused() {
    machine.word(DATA, 0, 13);
    machine.word(DATA, 16, va(DATA));
    machine.word(DATA, 24, 1);
    machine.word(DATA, 64, 23);
    assertThat(machine.call(13, va(DATA), 2)).isZero();
    assertThat(machine.word(DATA, 8)).isEqualTo(INVALID);
    assertThat(machine.word(DATA, 72)).isEqualTo(INVALID);
  }

  @Test
  void topTableInUseKeepsItsFrames() {
    assertThat(machine.remap(USER_L4, machine.to(USER_L4, READ))).isZero();
    assertThat(machine.extended(3, machine.mfn(USER_L4))).isZero();
    assertThat(machine.extended(3, machine.mfn(USER_L4))).as("twice").isEqualTo(INVALID);
    assertThat(machine.extended(15, machine.mfn(USER_L4))).isZero();
    assertThat(machine.extended(4, machine.mfn(USER_L4))).isZero();
    assertThat(machine.extended(4, machine.mfn(USER_L4))).as("twice").isEqualTo(INVALID);
    assertThat(machine.remap(USER_L4, machine.to(USER_L4, WRITE))).isEqualTo(INVALID);
    assertThat(machine.extended(15, 0)).isZero();
    assertThat(machine.remap(USER_L4, machine.to(USER_L4, WRITE))).isZero();
  }

  @Test
  void frameIsGivenBackOnlyWhenNothingUsesIt() {
    long mfn = machine.mfn(DATA);
    machine.word(FIRST_FREE, 0, va(FIRST_FREE) + 256);
    machine.word(FIRST_FREE, 8, 1);
    machine.word(FIRST_FREE, 16, 0);
    machine.word(FIRST_FREE, 24, XenDomain.SELF);
    machine.word(FIRST_FREE, 256, mfn);
    assertThat(machine.call(12, 1, va(FIRST_FREE))).as("mapped").isZero();
    machine.remap(DATA, 0);
    assertThat(machine.call(12, 1, va(FIRST_FREE))).isEqualTo(1);
    assertThat(machine.domain.frames.pfn(mfn)).isEqualTo(-1);
    assertThat(machine.call(12, 1, va(FIRST_FREE))).as("twice").isZero();
    assertThat(machine.call(14, va(DATA), mfn << 12 | READ, 2)).isEqualTo(INVALID);
    machine.word(FIRST_FREE, 256, DATA);
    assertThat(machine.call(12, 6, va(FIRST_FREE))).isEqualTo(1);
    long other = machine.word(FIRST_FREE, 256);
    assertThat(machine.call(14, va(DATA), other << 12 | WRITE, 2)).isZero();
    assertThat(machine.call(12, 6, va(FIRST_FREE))).as("more than it may have").isZero();
    machine.word(FIRST_FREE, 256, machine.domain.sharedInfoHpa >>> 12);
    assertThat(machine.call(12, 1, va(FIRST_FREE))).as("the shared page").isZero();
  }

  @Test
  void vcpuThatIsDownStaysDownUntilItIsBroughtUp() {
    machine.vcpu(1).initialised = true;
    assertThat(machine.call(24, 1, 1, 0)).isZero();
    assertThat(machine.call(24, 2, 1, 0)).as("another's").isEqualTo(INVALID);
    assertThat(machine.callOn(1, 24, 2, 1, 0)).isZero();
    assertThat(machine.call(24, 3, 1, 0)).isZero();
    machine.domain.events.raiseVirq(EventChannels.VIRQ_TIMER, 1);
    assertThat(machine.call(24, 1, 1, 0)).isZero();
    assertThat(machine.events).containsExactly("up 1", "down 1", "up 1");
    machine.callOn(1, 24, 2, 1, 0);
    machine.call(24, 2, 0, 0);
    assertThat(machine.events).endsWith("shutdown 0");
  }

  @Test
  void describedVcpuIsRefusedWhole() {
    machine.word(DATA, 0, 0);
    long beyond = va(1023) + 2048;
    assertThat(machine.call(24, 0, 1, beyond)).isEqualTo(FAULT);
    assertThat(machine.vcpu(1).initialised).isFalse();
    for (int at = 0; at < 8192; at += 8) {
      machine.word(DATA + at / 4096, at % 4096, -1);
    }
    assertThat(machine.call(24, 0, 1, va(DATA))).isEqualTo(INVALID);
    assertThat(machine.vcpu(1).initialised).isFalse();
  }

  @Test
  void pollsDoNotPileUpAlarms() {
    machine.word(DATA, 0, va(DATA) + 64);
    machine.word(DATA, 8, 200);
    assertThat(machine.call(29, 3, va(DATA))).as("too many ports").isEqualTo(INVALID);
    machine.word(DATA, 8, 1);
    machine.word(DATA, 64, 5000);
    assertThat(machine.call(29, 3, va(DATA))).as("no such port").isEqualTo(INVALID);
  }

  @Test
  void pollEndsWhenItsTimeIsOver() {
    XenVcpu vcpu = machine.vcpu(0);
    vcpu.poll(new int[0]);
    vcpu.pollUntil(machine.clock.nanoTime() + 1000);
    machine.clock.advance(999);
    assertThat(vcpu.wakes()).isFalse();
    machine.clock.advance(1);
    assertThat(vcpu.wakes()).isTrue();
    vcpu.endPoll();
    assertThat(vcpu.wakes()).isFalse();
  }

  @Test
  void basesThatAreNoAddressesAreRefused() {
    for (int which = 0; which < 3; which++) {
      assertThat(machine.call(25, which, 0x0000_8000_0000_0000L)).isEqualTo(INVALID);
      assertThat(machine.call(25, which, 0x7FFF_FFFF_F000L)).isZero();
    }
  }

  @Test
  void localDescriptorsAreThoseThatWereChecked() {
    int page = 700;
    machine.word(page, 8, 0x00CF_F300_0000_FFFFL);
    machine.word(page + 1, 8, 0x00CF_9300_0000_FFFFL); // privilege level 0
    machine.remap(page, machine.to(page, READ));
    machine.word(FIRST_FREE, 0, 13);
    machine.word(FIRST_FREE, 8, va(page));
    machine.word(FIRST_FREE, 16, 2);
    assertThat(machine.call(26, va(FIRST_FREE), 1, 0, XenDomain.SELF)).isZero();
    machine.remap(page, machine.to(page + 1, READ));
    long descriptor = machine.vcpu(0).descriptor(8 | 4 | 3);
    assertThat(descriptor >>> 45 & 3).isEqualTo(3);
    assertThat(XenVcpu.segment(15, 0x00CF_9300_0000_FFFFL).accessRights() >> 5 & 3).isEqualTo(3);
  }

  /** Any calls in any order; {@code ringzero.fuzz.hypercalls} for more of them. */
  @Test
  void randomCallsBreakNoRule() {
    int rounds = Integer.getInteger("ringzero.fuzz.hypercalls", 30_000);
    long seed = Long.getLong("ringzero.fuzz.seed", 7);
    for (int part = 0; part < 10; part++) {
      randomCalls(0, rounds / 10, seed + part);
      assertThat(machine.violations()).as("part %d", part).isEmpty();
    }
  }

  @Test
  void randomCallsOfTwoVcpusAtOnceBreakNoRule() throws InterruptedException {
    int rounds = Integer.getInteger("ringzero.fuzz.hypercalls", 30_000) / 3;
    machine.domain.lock.lock();
    machine.vcpu(1).switchKernelTable(machine.mfn(L4));
    machine.vcpu(1).online = true;
    machine.domain.lock.unlock();
    Throwable[] failure = new Throwable[1];
    Thread other = new Thread(() -> randomCalls(1, rounds, 70));
    other.setUncaughtExceptionHandler((thread, cause) -> failure[0] = cause);
    other.start();
    randomCalls(0, rounds, 71);
    other.join();
    assertThat(failure[0]).isNull();
  }

  private void randomCalls(int cpu, int rounds, long seed) {
    Random random = new Random(seed);
    int page = FIRST_FREE + cpu;
    int[] numbers = {0, 1, 1, 1, 2, 3, 10, 12, 13, 14, 14, 17, 20, 24, 25, 26, 26, 26, 29, 32};
    for (int round = 0; round < rounds; round++) {
      for (int at = 0; at < 256; at += 8) {
        machine.word(page, at, value(random));
      }
      long[] arguments = new long[5];
      for (int i = 0; i < arguments.length; i++) {
        boolean pointer = random.nextInt(3) > 0;
        arguments[i] = pointer ? va(page) + random.nextInt(8) * 8 : value(random);
      }
      int number = numbers[random.nextInt(numbers.length)];
      switch (number) {
        case 1, 26 -> {
          arguments[0] = va(page);
          arguments[1] = random.nextInt(4);
          arguments[2] = 0;
          arguments[3] = XenDomain.SELF;
        }
        case 14 -> arguments[0] = va(32 + random.nextInt(700));
        default -> arguments[0] = random.nextInt(14);
      }
      try {
        if (random.nextBoolean()) {
          machine.callOn(cpu, number, arguments);
        } else {
          machine.callByExit(cpu, number, arguments);
        }
      } catch (XenDomain.Crash e) {
        // A guest may end itself.
      }
    }
  }

  private long value(Random random) {
    int page = random.nextInt(24) == 0 ? random.nextInt(1024) : 32 + random.nextInt(24);
    return switch (random.nextInt(8)) {
      case 0 -> random.nextInt(20);
      case 1 -> machine.mfn(page);
      case 2 -> machine.to(page, READ);
      case 3 -> machine.to(page, WRITE);
      case 4 -> machine.entryHpa(1 + random.nextInt(40), random.nextInt(512)) | random.nextInt(3);
      case 5 -> va(page) + random.nextInt(4096);
      case 6 -> random.nextLong();
      default -> machine.to(page, random.nextInt(4096) & ~0x80);
    };
  }
}

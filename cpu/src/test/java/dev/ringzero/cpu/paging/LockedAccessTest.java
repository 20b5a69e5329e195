package dev.ringzero.cpu.paging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.cpu.GuestFault;
import dev.ringzero.memory.FrameMemory;
import dev.ringzero.testkit.PageTables.Format;
import dev.ringzero.x86.PageEntry;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LockedAccessTest {
  private static final int PROCESSORS = 4;
  private static final int ROUNDS = 2000;

  private final PagingFixture machine = new PagingFixture();
  private final Mmu mmu = machine.mmu;

  LockedAccessTest() {
    machine.touchAll();
  }

  @AfterEach
  void close() {
    machine.close();
  }

  @Test
  void compareAndExchangeOfEverySizeAtEveryOffset() {
    for (int size = 1; size <= 8; size *= 2) {
      long all = -1L >>> 64 - 8 * size;
      for (long at = 0x5FF0; at < 0x6008; at++) {
        mmu.write64(at, 0x1122_3344_5566_7788L);
        long before = 0x1122_3344_5566_7788L & all;
        assertThat(mmu.compareAndExchange(at, size, 1, 2)).isEqualTo(before);
        assertThat(mmu.read64(at)).isEqualTo(0x1122_3344_5566_7788L);
        assertThat(mmu.compareAndExchange(at, size, before, 0x7F & all)).isEqualTo(before);
        assertThat(mmu.read64(at)).isEqualTo(0x1122_3344_5566_7788L & ~all | 0x7F);
      }
    }
  }

  @Test
  void exchangeAndAddReturnTheValueBefore() {
    mmu.write64(0x5000, 5);
    assertThat(mmu.exchange(0x5000, 8, 9)).isEqualTo(5);
    assertThat(mmu.getAndAdd(0x5000, 4, 0xFFFF_FFFFL)).isEqualTo(9);
    assertThat(mmu.getAndAdd(0x5001, 2, 0x101)).isZero();
    assertThat(mmu.exchange(0x5003, 1, 0xAB)).isZero();
    assertThat(mmu.read64(0x5000)).isEqualTo(0xAB01_0108L);
  }

  @Test
  void sixteenBytesAreComparedAndExchanged() {
    mmu.write64(0x5000, 1);
    mmu.write64(0x5008, 2);
    long[] operand = {1, 3, 7, 8};
    assertThat(mmu.compareAndExchange128(0x5000, operand, true)).isFalse();
    assertThat(operand).startsWith(1, 2);
    assertThat(mmu.compareAndExchange128(0x5000, operand, true)).isTrue();
    assertThat(mmu.read64(0x5000)).isEqualTo(7);
    assertThat(mmu.read64(0x5008)).isEqualTo(8);
  }

  @Test
  void splitAccessFaultsBeforeItReads() {
    machine.enable(Format.FOUR_LEVEL);
    machine.tables.map(0x5000, 0x5000, PageEntry.RW);
    machine.tables.map(0x6000, 0x6000, 0);
    assertThatThrownBy(() -> mmu.compareAndExchange(0x5FFE, 4, 0, 1))
        .isInstanceOf(GuestFault.class);
    assertThat(machine.cpu.cr2).isEqualTo(0x6000);
    assertThat(machine.memory.read16(0x5FFE)).isZero();
  }

  @Test
  void readOnlyPageRefusesALockedAccessThatWouldNotWrite() {
    machine.enable(Format.FOUR_LEVEL);
    machine.tables.map(0x5000, 0x5000, 0);
    assertThatThrownBy(() -> mmu.compareAndExchange(0x5000, 4, 99, 1))
        .isInstanceOf(GuestFault.class);
  }

  @Test
  void alignedAdditionsOfFourProcessorsAllCount() throws InterruptedException {
    onAllProcessors(one -> one.getAndAdd(0x5000, 8, 1));
    assertThat(machine.memory.read64(0x5000)).isEqualTo(PROCESSORS * ROUNDS);
  }

  @Test
  void narrowAdditionsOfFourProcessorsAllCount() throws InterruptedException {
    onAllProcessors(one -> one.getAndAdd(0x5002, 2, 1));
    assertThat(machine.memory.read64(0x5000)).isEqualTo((PROCESSORS * ROUNDS & 0xFFFFL) << 16);
  }

  @Test
  void pageCrossingAdditionsOfFourProcessorsAllCount() throws InterruptedException {
    onAllProcessors(one -> one.getAndAdd(0x5FFD, 8, 1));
    assertThat(machine.memory.read64(0x5FFD)).isEqualTo(PROCESSORS * ROUNDS);
  }

  @Test
  void sixteenByteExchangesOfFourProcessorsAllCount() throws InterruptedException {
    onAllProcessors(one -> {
      long[] operand = new long[4];
      do {
        operand[2] = operand[0] + 1;
        operand[3] = operand[1] - 1;
      } while (!one.compareAndExchange128(0x5010, operand, true));
    });
    assertThat(machine.memory.read64(0x5010)).isEqualTo(PROCESSORS * ROUNDS);
    assertThat(machine.memory.read64(0x5018)).isEqualTo(-PROCESSORS * ROUNDS);
  }

  private interface Work {
    void run(Mmu one);
  }

  private void onAllProcessors(Work work) throws InterruptedException {
    mmu.leave();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < PROCESSORS; i++) {
      threads.add(new Thread(() -> play(machine.memory, work)));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    mmu.enter();
  }

  private static void play(FrameMemory memory, Work work) {
    PagingFixture processor = new PagingFixture(memory);
    for (int i = 0; i < ROUNDS; i++) {
      work.run(processor.mmu);
      processor.mmu.poll();
    }
    processor.mmu.leave();
  }
}

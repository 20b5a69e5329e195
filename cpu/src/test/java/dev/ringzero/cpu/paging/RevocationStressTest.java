package dev.ringzero.cpu.paging;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.memory.FramePool;
import dev.ringzero.memory.MachineMemory;
import dev.ringzero.testkit.PageTables.Format;
import dev.ringzero.x86.PageEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Four processors use pages that they take from each other all the time. Frames that come back are
 * poisoned: no processor may ever see the poison, and none may write into it.
 */
@Timeout(60)
class RevocationStressTest {
  private static final int PROCESSORS = 4;
  private static final int PAGES = 8;
  private static final int ROUNDS = 20_000;
  private static final long BASE = 0x40_0000;
  private static final long MARK = 0x1234_5678_9ABC_DEF0L;
  private static final long POISON = 0xDEAD_DEAD_DEAD_DEADL;

  private final PagingFixture machine = new PagingFixture();
  private final AtomicLong poisonSeen = new AtomicLong();
  private final AtomicLong poisonLost = new AtomicLong();
  private final AtomicLong reclaimed = new AtomicLong();

  @AfterEach
  void close() {
    machine.close();
  }

  @Test
  void reclaimedFramesAreNeverUsed() throws InterruptedException {
    machine.touchAll();
    machine.enable(Format.FOUR_LEVEL);
    for (int i = 0; i < PAGES; i++) {
      machine.tables.map(BASE + i * 4096L, BASE + i * 4096L, PageEntry.RW);
    }
    machine.mmu.leave();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < PROCESSORS; i++) {
      int number = i;
      threads.add(new Thread(() -> play(number)));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    machine.mmu.enter();

    assertThat(reclaimed.get()).isPositive();
    assertThat(poisonSeen).hasValue(0);
    assertThat(poisonLost).hasValue(0);
  }

  private void play(int number) {
    PagingFixture processor = new PagingFixture(machine.memory);
    processor.use(machine.tables, Format.FOUR_LEVEL);
    for (int i = number; i < ROUNDS; i++) {
      long page = BASE + i * 7L % PAGES * 4096;
      processor.run(() -> use(processor.mmu, page));
      if (i % 50 == 0 && processor.memory.reclaim(page)) {
        reclaimed.incrementAndGet();
        poisonAFreeFrame();
      }
      if (i % 8 == 0) {
        processor.mmu.poll();
      }
      if (i % 1000 == 0) {
        processor.mmu.leave();
        Thread.yield();
        processor.mmu.enter();
      }
    }
    processor.mmu.leave();
  }

  private void use(Mmu mmu, long page) {
    mmu.write64(page, MARK);
    if (mmu.read64(page) == POISON) {
      poisonSeen.incrementAndGet();
    }
  }

  private void poisonAFreeFrame() {
    long mfn = FramePool.host().allocate();
    long hpa = mfn << FramePool.FRAME_SHIFT;
    MachineMemory.write64(hpa, POISON);
    Thread.yield();
    if (MachineMemory.read64(hpa) != POISON) {
      poisonLost.incrementAndGet();
    }
    FramePool.host().free(mfn);
  }
}

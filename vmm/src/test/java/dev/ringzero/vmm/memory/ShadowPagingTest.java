package dev.ringzero.vmm.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.engine.Register;
import dev.ringzero.memory.FrameMap;
import dev.ringzero.memory.FrameMemory;
import dev.ringzero.testkit.PageTables;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.MonitorEntry;
import dev.ringzero.x86.PageEntry;
import dev.ringzero.x86.PageFaultError;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ShadowPagingTest {
  private static final long TABLES = 0x10_0000;
  private static final long LINEAR = 0x40_0000;
  private static final long PAGE = 0x80_0000;
  private static final long USER = PageEntry.RW | PageEntry.US;
  private static final int READ = 0;
  private static final int WRITE = PageFaultError.WR;
  private static final int USER_READ = PageFaultError.US;
  private static final int USER_WRITE = PageFaultError.US | PageFaultError.WR;

  private final FrameMemory memory = FrameMemory.ofPc(64 << 20);
  private final ShadowPaging shadow = new ShadowPaging(memory, 1, 64);
  private final PageTables guest = new PageTables(memory, PageTables.Format.FOUR_LEVEL, TABLES);
  private final ShadowProcessor cpu = new ShadowProcessor(shadow, 0, guest.root());

  @AfterEach
  void close() {
    shadow.close();
    memory.close();
  }

  private long hpa(long gpa) {
    return memory.table().hpa(gpa);
  }

  @Test
  void faultOfTheShadowIsAnsweredWithTheMachineAddress() {
    guest.map(LINEAR, PAGE, USER);
    assertThat(cpu.access(LINEAR, USER_WRITE)).isEqualTo(hpa(PAGE));
    assertThat(cpu.access(LINEAR, READ)).isEqualTo(hpa(PAGE));
    assertThat(shadow.statistics().fills()).isEqualTo(1);
  }

  @Test
  void faultOfTheGuestIsGivenToTheGuestWithItsErrorCode() {
    assertThat(cpu.access(LINEAR, USER_WRITE)).isEqualTo(-1);
    assertThat(cpu.fault).isEqualTo(USER_WRITE);
    guest.map(LINEAR, PAGE, 0);
    assertThat(cpu.access(LINEAR, READ)).isEqualTo(hpa(PAGE));
    assertThat(cpu.access(LINEAR, WRITE)).isEqualTo(-1);
    assertThat(cpu.fault).isEqualTo(PageFaultError.P | WRITE);
    assertThat(cpu.access(LINEAR, USER_READ)).isEqualTo(-1);
    assertThat(cpu.fault).isEqualTo(PageFaultError.P | USER_READ);
  }

  @Test
  void guestSeesAccessedAndDirtyBits() {
    guest.map(LINEAR, PAGE, USER);
    cpu.access(LINEAR, READ);
    assertThat(guest.entry(LINEAR) & (PageEntry.A | PageEntry.D)).isEqualTo(PageEntry.A);
    cpu.access(LINEAR, WRITE);
    assertThat(guest.entry(LINEAR) & PageEntry.D).isNotZero();
    guest.writeEntry(guest.entryGpa(LINEAR, 12), PAGE | PageEntry.P | USER);
    cpu.invalidate();
    cpu.access(LINEAR, WRITE);
    assertThat(guest.entry(LINEAR) & PageEntry.D).isNotZero();
  }

  @Test
  void changedEntryHoldsAfterInvalidation() {
    guest.map(LINEAR, PAGE, USER);
    cpu.access(LINEAR, WRITE);
    guest.map(LINEAR, PAGE + 0x1000, USER);
    cpu.invalidate();
    assertThat(cpu.access(LINEAR, WRITE)).isEqualTo(hpa(PAGE + 0x1000));
    guest.writeEntry(guest.entryGpa(LINEAR, 12), 0);
    cpu.invalidate();
    assertThat(cpu.access(LINEAR, READ)).isEqualTo(-1);
  }

  @Test
  void entryThatOnlyLosesTheRightToWriteIsKept() {
    guest.map(LINEAR, PAGE, USER);
    cpu.access(LINEAR, WRITE);
    long fills = shadow.statistics().fills();
    guest.map(LINEAR, PAGE, PageEntry.US | PageEntry.A | PageEntry.D);
    cpu.invalidate();
    assertThat(cpu.access(LINEAR, USER_READ)).isEqualTo(hpa(PAGE));
    assertThat(shadow.statistics().fills()).isEqualTo(fills);
    assertThat(cpu.access(LINEAR, USER_WRITE)).isEqualTo(-1);
  }

  @Test
  void addressSpaceThatComesBackFindsItsShadow() {
    guest.map(LINEAR, PAGE, USER);
    PageTables other = new PageTables(memory, PageTables.Format.FOUR_LEVEL, TABLES + 0x10_0000);
    other.map(LINEAR, PAGE + 0x5000, USER);
    cpu.access(LINEAR, WRITE);
    cpu.register(Register.CR3, other.root());
    assertThat(cpu.access(LINEAR, WRITE)).isEqualTo(hpa(PAGE + 0x5000));
    long fills = shadow.statistics().fills();
    cpu.register(Register.CR3, guest.root());
    assertThat(cpu.access(LINEAR, WRITE)).isEqualTo(hpa(PAGE));
    assertThat(shadow.statistics().fills()).isEqualTo(fills);
    assertThat(shadow.statistics().rootsFound()).isEqualTo(1);
  }

  @Test
  void pageThatHoldsATableIsNotWritableWithoutTheMonitorBeingTold() {
    long tableGpa = guest.entryGpa(LINEAR, 12) & -4096L;
    guest.map(LINEAR, PAGE, USER);
    guest.map(LINEAR + 0x1000, tableGpa, USER);
    cpu.access(LINEAR, WRITE);
    assertThat(cpu.access(LINEAR + 0x1000, WRITE)).isEqualTo(hpa(tableGpa));
    assertThat(memory.isTableProtected(hpa(tableGpa) >>> 12)).isTrue();
  }

  @Test
  void largePageIsKeptWhereMachineMemoryLiesAlikeAndElseTakenApart() {
    guest.mapLarge(LINEAR, PAGE, USER, 21);
    long memoryOf = cpu.access(LINEAR + 0x3000, WRITE);
    assertThat(memoryOf).isEqualTo(hpa(PAGE + 0x3000));
    assertThat(shadow.statistics().pages()).isEqualTo(1);
    memory.reclaim(PAGE + 0x4000);
    assertThat(shadow.statistics().pages()).isZero();
    assertThat(cpu.access(LINEAR + 0x3000, WRITE)).isEqualTo(memoryOf);
    assertThat(cpu.access(LINEAR + 0x4000, WRITE)).isEqualTo(hpa(PAGE + 0x4000));
  }

  @Test
  void reclaimedFrameIsMappedNoMore() {
    guest.map(LINEAR, PAGE, USER);
    cpu.access(LINEAR, WRITE);
    memory.reclaim(PAGE);
    assertThat(hpa(PAGE)).isNegative();
    assertThat(cpu.access(LINEAR, WRITE)).isEqualTo(hpa(PAGE));
  }

  @Test
  void reclaimedTopTableLeavesNothingBehind() {
    guest.map(LINEAR, PAGE, USER);
    cpu.access(LINEAR, WRITE);
    memory.reclaim(guest.root());
    assertThat(cpu.access(LINEAR, WRITE)).isEqualTo(-1);
  }

  @Test
  void deviceIsToldFromMemory() {
    guest.map(LINEAR, 0xFEE0_0000L, USER);
    assertThat(cpu.access(LINEAR, WRITE)).isEqualTo(0xFEE0_0000L | MonitorEntry.DEVICE);
  }

  @Test
  void supervisorWritesReadOnlyUserPagesWhileWriteProtectionIsOff() {
    guest.map(LINEAR, PAGE, PageEntry.US);
    cpu.register(Register.CR0, Cr0.PE | Cr0.PG);
    assertThat(cpu.access(LINEAR, WRITE)).isEqualTo(hpa(PAGE));
    assertThat(cpu.access(LINEAR, USER_WRITE)).isEqualTo(-1);
    assertThat(cpu.access(LINEAR, USER_READ)).isEqualTo(hpa(PAGE));
    assertThat(cpu.access(LINEAR, WRITE)).isEqualTo(hpa(PAGE));
  }

  @Test
  void withoutPagingAddressesAreGuestPhysical() {
    cpu.register(Register.CR0, Cr0.PE);
    assertThat(cpu.access(PAGE, WRITE)).isEqualTo(hpa(PAGE));
  }

  @Test
  void shadowsAreBounded() {
    for (long i = 0; i < 300; i++) {
      guest.map(i << 30, PAGE + i * 4096, USER);
      assertThat(cpu.access(i << 30, WRITE)).isEqualTo(hpa(PAGE + i * 4096));
      assertThat(shadow.statistics().tables()).isLessThanOrEqualTo(64);
    }
    assertThat(shadow.statistics().recycled()).isPositive();
  }

  @Test
  void closedShadowGivesAllItsFramesBack() {
    long before = memory.pool().givenFrames();
    try (FrameMemory own = FrameMemory.ofPc(16 << 20)) {
      ShadowPaging closed = new ShadowPaging(own, 1);
      PageTables tables = new PageTables(own, PageTables.Format.FOUR_LEVEL, TABLES);
      tables.map(LINEAR, 0x30_0000, USER);
      new ShadowProcessor(closed, 0, tables.root()).access(LINEAR, WRITE);
      closed.close();
    }
    assertThat(memory.pool().givenFrames()).isEqualTo(before);
  }

  @Test
  void sharedFrameIsWrittenByNobodyAndCopiedAtTheFirstWrite() {
    guest.map(LINEAR, PAGE, USER);
    cpu.access(LINEAR, WRITE);
    memory.write64(PAGE, 7);
    try (FrameMemory other = FrameMemory.ofPc(64 << 20)) {
      memory.shareInto(other);
      long shared = hpa(PAGE);

      assertThat(cpu.access(LINEAR, READ)).isEqualTo(shared);
      long own = cpu.access(LINEAR, WRITE);

      assertThat(own).isEqualTo(hpa(PAGE)).isNotEqualTo(shared);
      assertThat(other.table().hpa(PAGE)).isEqualTo(shared);
      assertThat(memory.read64(PAGE)).isEqualTo(7);
    }
  }

  @Test
  void pageOfZerosIsReadByAllAndGetsItsFrameWhenItIsWritten() {
    guest.map(LINEAR, PAGE, USER | PageEntry.D);
    guest.mapLarge(LINEAR + 0x40_0000, 0x100_0000, USER | PageEntry.D, 21);
    long zeros = cpu.access(LINEAR, READ);
    assertThat(cpu.access(LINEAR + 0x40_0000, READ)).isEqualTo(zeros);
    assertThat(memory.frameMap().pages(FrameMap.Kind.ZERO)).isEqualTo(1024);

    assertThat(cpu.access(LINEAR, WRITE)).isEqualTo(hpa(PAGE)).isNotEqualTo(zeros);
    assertThat(cpu.access(LINEAR + 0x40_0000, READ)).isEqualTo(zeros);
    assertThat(cpu.access(LINEAR + 0x40_0000, WRITE)).isNotEqualTo(zeros);
  }

  /** Random changes of tables, each followed by what the architecture asks for. */
  @Test
  void everyTranslationIsThatOfAPlainWalk() {
    SplittableRandom random = new SplittableRandom(42);
    for (int round = 0; round < 20_000; round++) {
      long linear = random.nextInt(4) * 0x4000_0000L + random.nextInt(3) * 0x20_0000L;
      long small = linear + random.nextInt(6) * 4096L;
      long bits =
          random.nextLong() & (USER | PageEntry.A | PageEntry.D | PageEntry.XD | PageEntry.G);
      long page = PAGE + random.nextInt(64) * 4096L;
      switch (random.nextInt(9)) {
        case 0, 1 -> guest.writeEntry(entryGpa(small), page | bits | PageEntry.P);
        case 2 -> guest.writeEntry(entryGpa(small), page | bits);
        case 3 -> guest.mapLarge(linear, page & -0x20_0000L, bits, 21);
        case 4 -> guest.writeEntry(guest.entryGpa(linear, 21), 0);
        case 5 -> memory.reclaim(page);
        case 6 -> forkOrShareZeros(round, random);
        default -> {}
      }
      cpu.invalidate();
      for (int i = 0; i < 4; i++) {
        int access = random.nextInt(8) & (random.nextBoolean() ? 0x13 : 0x6) & ~1;
        check(linear + random.nextInt(6) * 4096L, access);
      }
    }
  }

  /** The other one writes some of its pages and ends; none of that is seen here. */
  private void forkOrShareZeros(int round, SplittableRandom random) {
    if (round % 8 == 0) {
      memory.shareZeros();
    }
    if (round % 64 == 0) {
      try (FrameMemory other = FrameMemory.ofPc(64 << 20)) {
        memory.shareInto(other);
        other.write64(PAGE + random.nextInt(64) * 4096L, -1);
        cpu.invalidate();
        for (int i = 0; i < 16; i++) {
          check(random.nextInt(4) * 0x4000_0000L + random.nextInt(6) * 4096L, WRITE);
        }
        assertThat(other.table().hpa(PAGE)).isNotEqualTo(-1);
      }
    }
  }

  /** As {@link PageTables#entryGpa}, but a large page on the way makes room for a table. */
  private long entryGpa(long linear) {
    long directory = guest.entryGpa(linear, 21);
    if ((guest.readEntry(directory) & PageEntry.PS) != 0) {
      guest.writeEntry(directory, 0);
    }
    return guest.entryGpa(linear, 12);
  }

  private void check(long linear, int access) {
    long expected = plainWalk(linear, access);
    long found = cpu.access(linear, access);
    long wanted = expected < 0 ? -1 : hpa(expected);
    assertThat(found).as("0x%x, access %d", linear, access).isEqualTo(wanted);
  }

  private long plainWalk(long linear, int access) {
    long table = guest.root();
    boolean user = true;
    boolean writable = true;
    boolean noExecute = false;
    for (int shift = 39; ; shift -= 9) {
      long entry = memory.read64(table + (linear >>> shift & 511) * 8);
      if ((entry & PageEntry.P) == 0) {
        return -1;
      }
      user &= (entry & PageEntry.US) != 0;
      writable &= (entry & PageEntry.RW) != 0;
      noExecute |= (entry & PageEntry.XD) != 0;
      if (shift == 12 || (entry & PageEntry.PS) != 0) {
        boolean refused =
            (access & PageFaultError.US) != 0 && !user
                || (access & PageFaultError.WR) != 0 && !writable
                || (access & PageFaultError.ID) != 0 && noExecute;
        long offset = (1L << shift) - 1;
        return refused ? -1 : entry & PageEntry.ADDRESS & ~offset | linear & offset;
      }
      table = entry & PageEntry.ADDRESS;
    }
  }
}

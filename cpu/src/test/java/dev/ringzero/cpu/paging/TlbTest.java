package dev.ringzero.cpu.paging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.cpu.GuestFault;
import dev.ringzero.memory.Revoker;
import dev.ringzero.testkit.PageTables;
import dev.ringzero.testkit.PageTables.Format;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.PageEntry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the TLB keeps and drops: a stale translation is seen by the byte of the old page. */
class TlbTest {
  private static final long RW = PageEntry.RW | PageEntry.US;
  private static final long LINEAR = 0xFFFF_8000_0000_5000L;
  private static final long GLOBAL_LINEAR = 0xFFFF_8000_0000_6000L;

  private final PagingFixture machine = new PagingFixture();
  private final Mmu mmu = machine.mmu;
  private PageTables first;
  private PageTables second;

  @BeforeEach
  void twoAddressSpaces() {
    machine.touchAll();
    for (long page = 1; page < 16; page++) {
      machine.memory.write8(page << 12, page);
    }
    first = new PageTables(machine.memory, Format.FOUR_LEVEL, 0x10_0000);
    second = new PageTables(machine.memory, Format.FOUR_LEVEL, 0x20_0000);
    machine.use(first, Format.FOUR_LEVEL);
    first.map(LINEAR, 0x1000, RW);
    second.map(LINEAR, 0x2000, RW);
    first.map(GLOBAL_LINEAR, 0x3000, RW | PageEntry.G);
  }

  @AfterEach
  void close() {
    machine.close();
  }

  private void enablePcids() {
    machine.cpu.cr4 |= Cr4.PCIDE;
    mmu.modeChanged();
  }

  private void load(PageTables tables, int pcid, boolean flush) {
    machine.cpu.cr3 = tables.root() | pcid;
    mmu.rootChanged(flush);
  }

  /** Reads, then changes the mapping behind the TLB's back. */
  private void readThenRemap(PageTables tables, long linear, long gpa) {
    mmu.read8(linear);
    tables.map(linear, gpa, RW | (linear == GLOBAL_LINEAR ? PageEntry.G : 0));
  }

  @Test
  void newCr3DropsAllButGlobalPages() {
    readThenRemap(first, LINEAR, 0x7000);
    readThenRemap(first, GLOBAL_LINEAR, 0x8000);

    load(first, 0, true);

    assertThat(mmu.read8(LINEAR)).isEqualTo(7);
    assertThat(mmu.read8(GLOBAL_LINEAR)).isEqualTo(3);
  }

  @Test
  void aFrameLosesTheRightToBeWrittenUnderAllItsAddresses() {
    enablePcids();
    long other = LINEAR + 0x40_0000;
    first.map(other, 0x1000, RW);
    second.map(other, 0x2000, RW);
    for (int round = 0; round < 3; round++) {
      writeEverywhere(other);
      long mfn = mmu.peekMachine(LINEAR) >>> 12;

      machine.memory.revocation().revoke(mfn, 1, Revoker.WRITE);
      first.map(LINEAR, 0x1000, PageEntry.US);
      first.map(other, 0x1000, PageEntry.US);

      assertThat(mmu.read8(LINEAR)).isEqualTo(1);
      assertThatThrownBy(() -> mmu.write8(LINEAR, 1)).isInstanceOf(GuestFault.class);
      assertThatThrownBy(() -> mmu.write8(other, 1)).isInstanceOf(GuestFault.class);
      first.map(LINEAR, 0x1000, RW);
      first.map(other, 0x1000, RW);
    }
  }

  private void writeEverywhere(long other) {
    load(second, 2, false);
    mmu.write8(LINEAR, 2);
    mmu.write8(other, 2);
    load(first, 1, false);
    mmu.write8(LINEAR, 1);
    mmu.write8(other, 1);
  }

  @Test
  void pagesAreKnownAndDroppedAlsoWhenTheTlbHasGrown() {
    int pages = 7000;
    long start = LINEAR + 0x100_0000;
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < pages; i++) {
        first.map(start + 4096L * i, 4096L * (1 + i % 15), RW);
        assertThat(mmu.read8(start + 4096L * i)).isEqualTo(1 + i % 15);
      }
    }
    long misses = mmu.tlbMisses();
    for (int i = 0; i < pages; i++) {
      mmu.read8(start + 4096L * i);
    }
    assertThat(mmu.tlbMisses() - misses).isLessThan(pages / 8);
    readThenRemap(first, start, 0x5000);
    mmu.invalidatePage(start);
    assertThat(mmu.read8(start)).isEqualTo(5);
    mmu.trim();
    assertThat(mmu.read8(start + 4096)).isEqualTo(2);
  }

  @Test
  void togglingPgeDropsGlobalPages() {
    readThenRemap(first, GLOBAL_LINEAR, 0x8000);
    machine.cpu.cr4 &= ~Cr4.PGE;
    mmu.modeChanged();
    assertThat(mmu.read8(GLOBAL_LINEAR)).isEqualTo(8);
  }

  @Test
  void pcidsKeepTheirPagesApartAndAlive() {
    enablePcids();
    load(first, 1, true);
    readThenRemap(first, LINEAR, 0x7000);
    load(second, 2, true);
    assertThat(mmu.read8(LINEAR)).isEqualTo(2);

    load(first, 1, false);
    assertThat(mmu.read8(LINEAR)).isEqualTo(1);
    load(first, 1, true);
    assertThat(mmu.read8(LINEAR)).isEqualTo(7);
  }

  @Test
  void invlpgDropsOnePageGlobalOrNot() {
    first.map(LINEAR + 0x10_0000, 0x4000, RW);
    readThenRemap(first, LINEAR, 0x7000);
    readThenRemap(first, GLOBAL_LINEAR, 0x8000);
    readThenRemap(first, LINEAR + 0x10_0000, 0x9000);

    mmu.invalidatePage(LINEAR + 0x123);
    mmu.invalidatePage(GLOBAL_LINEAR);

    assertThat(mmu.read8(LINEAR)).isEqualTo(7);
    assertThat(mmu.read8(GLOBAL_LINEAR)).isEqualTo(8);
    assertThat(mmu.read8(LINEAR + 0x10_0000)).isEqualTo(4);
  }

  @Test
  void invlpgDropsALargePageAgainThatCameBack() {
    long large = 0xFFFF_8000_4000_0000L;
    for (int round = 0; round < 3; round++) {
      first.mapLarge(large, 0, RW, 21);
      mmu.invalidatePage(large + 0x1F_0000);
      assertThat(mmu.read8(large + 0x1000)).isEqualTo(1);
      first.mapLarge(large, 0x40_0000, RW, 21);
      mmu.invalidatePage(large + 0x1F_0000);
      assertThat(mmu.read8(large + 0x1000)).isZero();
      mmu.invalidatePage(large + 0x1000);
      mmu.invalidatePage(large + 0x3000);
    }
  }

  @Test
  void invlpgDropsAllOfALargePage() {
    long large = 0xFFFF_8000_4000_0000L;
    first.mapLarge(large, 0, RW, 21);
    mmu.read8(large + 0x1000);
    mmu.read8(large + 0x2000);
    first.mapLarge(large, 0x40_0000, RW, 21);

    mmu.invalidatePage(large + 0x1F_0000);

    assertThat(mmu.read8(large + 0x1000)).isZero();
    assertThat(mmu.read8(large + 0x2000)).isZero();
  }

  @Test
  void invpcidOfOnePageReachesAnotherPcid() {
    enablePcids();
    load(first, 1, true);
    readThenRemap(first, LINEAR, 0x7000);
    load(second, 2, true);
    mmu.invalidatePage(LINEAR, 1);
    load(first, 1, false);
    assertThat(mmu.read8(LINEAR)).isEqualTo(7);
  }

  @Test
  void invpcidOfOneContextKeepsOthersAndGlobals() {
    enablePcids();
    load(second, 2, true);
    readThenRemap(second, LINEAR, 0x9000);
    load(first, 1, true);
    readThenRemap(first, LINEAR, 0x7000);
    readThenRemap(first, GLOBAL_LINEAR, 0x8000);

    mmu.flushPcid(1);

    assertThat(mmu.read8(LINEAR)).isEqualTo(7);
    assertThat(mmu.read8(GLOBAL_LINEAR)).isEqualTo(3);
    load(second, 2, false);
    assertThat(mmu.read8(LINEAR)).isEqualTo(2);
  }

  @Test
  void invpcidOfAllButGlobalsReachesEveryPcid() {
    enablePcids();
    load(second, 2, true);
    readThenRemap(second, LINEAR, 0x9000);
    load(first, 1, true);
    readThenRemap(first, GLOBAL_LINEAR, 0x8000);

    mmu.flushAllButGlobal();

    assertThat(mmu.read8(GLOBAL_LINEAR)).isEqualTo(3);
    load(second, 2, false);
    assertThat(mmu.read8(LINEAR)).isEqualTo(9);
  }

  @Test
  void flushAllDropsGlobals() {
    readThenRemap(first, GLOBAL_LINEAR, 0x8000);
    mmu.flushAll();
    assertThat(mmu.read8(GLOBAL_LINEAR)).isEqualTo(8);
  }

  @Test
  void manyAddressSpacesInTurnDoNotMeet() {
    for (int i = 0; i < 10_000; i++) {
      boolean even = i % 2 == 0;
      load(even ? first : second, 0, true);
      assertThat(mmu.read8(LINEAR)).isEqualTo(even ? 1 : 2);
    }
  }

  @Test
  void privilegesKeepTheirEntries() {
    machine.cpl(3);
    mmu.read8(LINEAR);
    machine.cpl(0);
    mmu.read8(LINEAR);
    long misses = mmu.tlbMisses();
    for (int i = 0; i < 10; i++) {
      machine.cpl(i % 2 * 3);
      mmu.read8(LINEAR);
    }
    assertThat(mmu.tlbMisses()).isEqualTo(misses);
  }

  @Test
  void firstWriteToACleanPageWalksAgainForTheDirtyBit() {
    mmu.read8(LINEAR);
    assertThat(first.entry(LINEAR) & PageEntry.D).isZero();
    mmu.write8(LINEAR, 1);
    assertThat(first.entry(LINEAR) & PageEntry.D).isEqualTo(PageEntry.D);
    long misses = mmu.tlbMisses();
    mmu.write8(LINEAR, 1);
    assertThat(mmu.tlbMisses()).isEqualTo(misses);
  }

  @Test
  void revokedRightsAreAskedForAgain() {
    mmu.write8(LINEAR, 1);
    long mfn = machine.memory.table().hpa(0x1000) >>> 12;
    long misses = mmu.tlbMisses();
    int epoch = mmu.fetchEpoch();

    machine.memory.revocation().revoke(mfn, 1, Revoker.WRITE);
    mmu.read8(LINEAR);
    assertThat(mmu.tlbMisses()).isEqualTo(misses);
    assertThat(mmu.fetchEpoch()).isEqualTo(epoch);
    mmu.write8(LINEAR, 1);
    assertThat(mmu.tlbMisses()).isEqualTo(misses + 1);

    machine.memory.revocation().revoke(0, Long.MAX_VALUE, Revoker.READ | Revoker.EXECUTE);
    mmu.read8(LINEAR);
    assertThat(mmu.tlbMisses()).isEqualTo(misses + 2);
    assertThat(mmu.fetchEpoch()).isNotEqualTo(epoch);
  }

  @Test
  void aVisitToAnotherSpaceLeavesWhatWasFoundOfCode() {
    long context = mmu.wholeContext();
    int epoch = mmu.fetchEpoch();

    mmu.enterSpace(mmu.newSpace(), null);
    assertThat(mmu.wholeContext()).isNotEqualTo(context);
    mmu.leaveSpace();
    assertThat(mmu.wholeContext()).isEqualTo(context);
    assertThat(mmu.fetchEpoch()).isEqualTo(epoch);

    mmu.flushAll();
    assertThat(mmu.wholeContext()).isNotEqualTo(context);
  }
}

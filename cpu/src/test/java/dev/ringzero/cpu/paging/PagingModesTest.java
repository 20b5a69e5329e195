package dev.ringzero.cpu.paging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.cpu.GuestFault;
import dev.ringzero.testkit.PageTables.Format;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Efer;
import dev.ringzero.x86.PageEntry;
import dev.ringzero.x86.PageFaultError;
import dev.ringzero.x86.Vector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PagingModesTest {
  private static final long RW = PageEntry.RW | PageEntry.US;
  private static final long LINEAR = 0x7_F340_3000L & 0xFFFF_FFFFL;
  private static final int RESERVED = PageFaultError.P | PageFaultError.RSVD;

  private final PagingFixture machine = new PagingFixture();
  private final Mmu mmu = machine.mmu;

  PagingModesTest() {
    machine.touchAll();
  }

  @AfterEach
  void close() {
    machine.close();
  }

  private void enable(Format format) {
    machine.enable(format);
  }

  private void loadPdptes() {
    mmu.loadPdptes(machine.cpu.cr3);
  }

  @ParameterizedTest
  @EnumSource(Format.class)
  void smallPagesTranslateInEveryFormat(Format format) {
    enable(format);
    machine.tables.map(LINEAR, 0x9000, RW);
    machine.memory.write32(0x9ABC, 0x1234_5678);
    if (format == Format.PAE) {
      loadPdptes();
    }
    assertThat(mmu.read32(LINEAR + 0xABC)).isEqualTo(0x1234_5678);
    assertThat(mmu.translate(LINEAR + 0xABC)).isEqualTo(0x9ABC);
    assertThat(machine.tables.entry(LINEAR) & PageEntry.A).isEqualTo(PageEntry.A);
  }

  @Test
  void fourMegabytePagesNeedPse() {
    enable(Format.BITS_32);
    machine.tables.mapLarge(0x40_0000, 0x40_0000, RW, 22);
    machine.memory.write32(0x51_2344, 77);
    assertThat(mmu.read32(0x51_2344)).isEqualTo(77);

    machine.cpu.cr4 &= ~Cr4.PSE;
    mmu.modeChanged();
    assertThat(mmu.translate(0x51_2344)).isEqualTo(-1);
  }

  @Test
  void pse36GivesFourMegabytePagesFortyBits() {
    enable(Format.BITS_32);
    machine.tables.mapLarge(0x40_0000, 0x80_0000 | 0x5 << 13, RW, 22);
    assertThat(mmu.translate(0x40_1234)).isEqualTo(0x5_0080_1234L);

    machine.tables.mapLarge(0x40_0000, 0x80_0000 | 1 << 21, RW, 22);
    assertFault(RESERVED, () -> mmu.read8(0x40_1234));
  }

  @Test
  void twoMegabytePagesInPaeAndLongMode() {
    enable(Format.PAE);
    machine.tables.mapLarge(0x60_0000, 0x20_0000, RW, 21);
    loadPdptes();
    assertThat(mmu.translate(0x61_2345)).isEqualTo(0x21_2345);

    machine.tables.mapLarge(0x60_0000, 0x20_2000, RW, 21);
    assertFault(RESERVED, () -> mmu.read8(0x61_2345));
  }

  @Test
  void oneGigabytePagesInLongMode() {
    enable(Format.FOUR_LEVEL);
    machine.tables.mapLarge(0x40_0000_0000L, 0, RW, 30);
    machine.memory.write8(0x12_3456, 99);
    assertThat(mmu.read8(0x40_0012_3456L)).isEqualTo(99);

    mmu.invalidatePage(0x40_0012_3456L);
    machine.tables.mapLarge(0x40_0000_0000L, 0x20_0000, RW, 30);
    assertFault(RESERVED, () -> mmu.read8(0x40_0012_3456L));
  }

  @Test
  void addressBitsBeyondThePhysicalWidthAreReserved() {
    enable(Format.FOUR_LEVEL);
    machine.tables.map(LINEAR, 1L << 46, RW);
    assertFault(RESERVED, () -> mmu.read8(LINEAR));
    machine.tables.map(LINEAR, 1L << 52, RW);
    assertThat(mmu.translate(LINEAR)).isZero();
  }

  @Test
  void paeReservesTheIgnoredBitsToo() {
    enable(Format.PAE);
    machine.tables.map(LINEAR, 1L << 52, RW);
    loadPdptes();
    assertFault(RESERVED | PageFaultError.WR, () -> mmu.write8(LINEAR, 1));
  }

  @Test
  void executeDisableIsReservedWithoutNxe() {
    enable(Format.FOUR_LEVEL);
    machine.cpu.efer &= ~Efer.NXE;
    mmu.modeChanged();
    machine.tables.map(LINEAR, 0x9000, RW | PageEntry.XD);
    assertFault(RESERVED, () -> mmu.read8(LINEAR));
  }

  @Test
  void pageSizeBitIsReservedInTheTopTable() {
    enable(Format.FOUR_LEVEL);
    machine.tables.map(LINEAR, 0x9000, RW);
    long top = machine.tables.entryGpa(LINEAR, 39);
    machine.tables.writeEntry(top, machine.tables.readEntry(top) | PageEntry.PS);
    assertFault(RESERVED, () -> mmu.read8(LINEAR));
  }

  @Test
  void malformedPdpteIsRefusedAndNothingLoaded() {
    enable(Format.PAE);
    machine.tables.map(LINEAR, 0x9000, RW);
    loadPdptes();
    long good = mmu.pdptes()[3];
    machine.tables.writeEntry(machine.cpu.cr3, PageEntry.P | PageEntry.RW);

    assertThatThrownBy(this::loadPdptes)
        .isInstanceOfSatisfying(
            GuestFault.class, fault -> assertThat(fault.vector).isEqualTo(Vector.GP));
    assertThat(mmu.pdptes()[3]).isEqualTo(good);
  }

  @Test
  void pdptesAreRegistersAndNotReadAgain() {
    enable(Format.PAE);
    machine.tables.map(LINEAR, 0x9000, RW);
    loadPdptes();
    machine.memory.fill(machine.cpu.cr3, 32, 0);
    assertThat(mmu.translate(LINEAR)).isEqualTo(0x9000);
  }

  @Test
  void tablesWhereNobodyAnswersReadAsOnes() {
    enable(Format.FOUR_LEVEL);
    machine.cpu.cr3 = 0x8000_0000L;
    mmu.rootChanged(true);
    assertFault(RESERVED, () -> mmu.read8(LINEAR));
  }

  @Test
  void accessesWrapAtFourGigabytesOutsideLongMode() {
    enable(Format.BITS_32);
    machine.tables.map(0xFFFF_F000L, 0x9000, RW);
    machine.tables.map(0, 0xB000, RW);
    mmu.write32(0xFFFF_FFFEL, 0x4433_2211L);
    assertThat(machine.memory.read16(0x9FFE)).isEqualTo(0x2211);
    assertThat(machine.memory.read16(0xB000)).isEqualTo(0x4433);
  }

  private void assertFault(int errorCode, Runnable access) {
    mmu.flushAll();
    assertThatThrownBy(access::run)
        .isInstanceOfSatisfying(
            GuestFault.class,
            fault -> {
              assertThat(fault.vector).isEqualTo(Vector.PF);
              assertThat(fault.errorCode).isEqualTo(errorCode);
            });
  }
}

package dev.ringzero.cpu.paging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.cpu.ExitSignal;
import dev.ringzero.cpu.GuestFault;
import dev.ringzero.testkit.PageTables.Format;
import dev.ringzero.x86.Ept;
import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.PageEntry;
import dev.ringzero.x86.PageFaultError;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MmuTest {
  private static final long RW = PageEntry.RW | PageEntry.US;
  private static final long LINEAR = 0xFFFF_8000_1234_5000L;

  private final PagingFixture machine = new PagingFixture();
  private final Mmu mmu = machine.mmu;

  @AfterEach
  void close() {
    machine.close();
  }

  @Test
  void withoutPagingLinearAddressesArePhysical() {
    machine.run(() -> mmu.write64(0x5008, 0x1122_3344_5566_7788L));

    assertThat(machine.memory.read64(0x5008)).isEqualTo(0x1122_3344_5566_7788L);
    assertThat(mmu.read32(0x500C)).isEqualTo(0x1122_3344L);
    assertThat(mmu.read16(0x500E)).isEqualTo(0x1122L);
    assertThat(mmu.read8(0x500F)).isEqualTo(0x11L);
  }

  @Test
  void firstTouchOfMemoryIsAnEptViolation() {
    assertThatThrownBy(() -> mmu.read8(0x40_0123)).isInstanceOf(ExitSignal.class);

    assertThat(machine.cpu.exit.reason).isEqualTo(ExitReason.EPT_VIOLATION);
    assertThat(machine.cpu.exit.gpa).isEqualTo(0x40_0123);
    assertThat(machine.cpu.exit.gva).isEqualTo(0x40_0123);
    assertThat(machine.cpu.exit.qualification)
        .isEqualTo(
            Ept.QUALIFICATION_READ | Ept.QUALIFICATION_LINEAR_VALID | Ept.QUALIFICATION_FINAL);
  }

  @Test
  void fourLevelTablesTranslate() {
    machine.enable(Format.FOUR_LEVEL);
    machine.tables.map(LINEAR, 0x7000, RW);
    machine.memory.write64(0x7010, 42);

    machine.run(() -> assertThat(mmu.read64(LINEAR + 0x10)).isEqualTo(42));
    assertThat(mmu.translate(LINEAR + 0x123)).isEqualTo(0x7123);
    assertThat(mmu.translate(LINEAR + 0x1000)).isEqualTo(-1);
  }

  @Test
  void accessToAMissingPageFaultsWithItsAddress() {
    machine.enable(Format.FOUR_LEVEL);
    machine.cpl(3);

    assertThatThrownBy(() -> machine.run(() -> mmu.write8(0x1234, 1)))
        .isInstanceOfSatisfying(
            GuestFault.class,
            fault -> {
              assertThat(fault.vector).isEqualTo(14);
              assertThat(fault.errorCode).isEqualTo(PageFaultError.WR | PageFaultError.US);
            });
    assertThat(machine.cpu.cr2).isEqualTo(0x1234);
  }

  @Test
  void accessAcrossPagesReachesBoth() {
    machine.enable(Format.FOUR_LEVEL);
    machine.tables.map(LINEAR, 0x7000, RW);
    machine.tables.map(LINEAR + 0x1000, 0x3000, RW);

    machine.run(() -> mmu.write64(LINEAR + 0xFFD, 0x8877_6655_4433_2211L));

    assertThat(machine.memory.read16(0x7FFD)).isEqualTo(0x2211);
    assertThat(machine.memory.read8(0x7FFF)).isEqualTo(0x33);
    assertThat(machine.memory.read32(0x3000)).isEqualTo(0x7766_5544L);
    assertThat(machine.memory.read8(0x3004)).isEqualTo(0x88);
    assertThat(mmu.read64(LINEAR + 0xFFD)).isEqualTo(0x8877_6655_4433_2211L);
  }

  @Test
  void writeAcrossPagesWritesNothingIfTheSecondFaults() {
    machine.enable(Format.FOUR_LEVEL);
    machine.tables.map(LINEAR, 0x7000, RW);

    assertThatThrownBy(() -> machine.run(() -> mmu.write64(LINEAR + 0xFFD, -1)))
        .isInstanceOf(GuestFault.class);
    assertThat(machine.cpu.cr2).isEqualTo(LINEAR + 0x1000);
    assertThat(machine.memory.read64(0x7FF8)).isZero();
  }

  @Test
  void accessedAndDirtyBitsAreSetByUse() {
    machine.enable(Format.FOUR_LEVEL);
    machine.tables.map(LINEAR, 0x7000, RW);

    machine.run(() -> mmu.read8(LINEAR));
    assertThat(machine.tables.entry(LINEAR) & (PageEntry.A | PageEntry.D)).isEqualTo(PageEntry.A);

    machine.run(() -> mmu.write8(LINEAR, 1));
    assertThat(machine.tables.entry(LINEAR) & PageEntry.D).isEqualTo(PageEntry.D);
  }

  @Test
  void deviceMemoryGoesToTheBusAndIsCounted() {
    machine.enable(Format.FOUR_LEVEL);
    machine.tables.map(LINEAR, PagingFixture.DEVICE_GPA, RW);
    machine.device.value = 0xCAFE_F00DL;

    machine.run(() -> assertThat(mmu.read32(LINEAR + 0x20)).isEqualTo(0xCAFE_F00DL));
    machine.run(() -> mmu.write32(LINEAR + 0x20, 7));

    assertThat(machine.device.value).isEqualTo(7);
    assertThat(machine.device.lastSize).isEqualTo(4);
    assertThat(machine.cpu.exits.count(ExitReason.MMIO)).isEqualTo(2);
  }

  @Test
  void deviceMayReclaimMemoryWhileItIsAccessed() {
    machine.enable(Format.FOUR_LEVEL);
    machine.tables.map(LINEAR, PagingFixture.DEVICE_GPA, RW);
    machine.tables.map(LINEAR + 0x1000, 0x40_1000, RW);
    machine.run(() -> mmu.write8(LINEAR + 0x1000, 0x55));
    machine.device.onWrite = () -> machine.memory.reclaim(0x40_1000);

    assertThatThrownBy(() -> mmu.write32(LINEAR + 0xFFE, -1)).isInstanceOf(ExitSignal.class);

    assertThat(machine.cpu.exit.gpa).isEqualTo(0x40_1000);
  }

  @Test
  void readsWhereNobodyAnswersAreAllOnes() {
    assertThat(mmu.read32(0xE000_0000L)).isEqualTo(0xFFFF_FFFFL);
  }

  @Test
  void invalidatedPageIsTranslatedAgain() {
    machine.enable(Format.FOUR_LEVEL);
    machine.memory.write8(0x7000, 7);
    machine.memory.write8(0x8000, 8);
    machine.tables.map(LINEAR, 0x7000, RW);
    machine.run(() -> mmu.read8(LINEAR));

    machine.tables.map(LINEAR, 0x8000, RW);
    mmu.invalidatePage(LINEAR);

    machine.run(() -> assertThat(mmu.read8(LINEAR)).isEqualTo(8));
  }

  @Test
  void codePagesReportWrites() {
    long[] written = new long[3];
    machine.memory.codeWatcher((mfn, offset, lengthBytes) -> {
      written[0] = mfn;
      written[1] = offset;
      written[2] = lengthBytes;
    });
    machine.run(() -> mmu.write64(0x6000, 1));
    long hpa = mmu.fetch(0x6000);
    machine.memory.protectCode(hpa >>> 12);

    mmu.write32(0x6010, 2);

    assertThat(written).containsExactly(hpa >>> 12, 0x10, 4);
  }
}

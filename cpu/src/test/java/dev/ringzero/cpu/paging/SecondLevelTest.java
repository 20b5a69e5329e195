package dev.ringzero.cpu.paging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.cpu.ExitSignal;
import dev.ringzero.memory.EptTable;
import dev.ringzero.memory.MachineMemory;
import dev.ringzero.memory.Revoker;
import dev.ringzero.testkit.PageTables.Format;
import dev.ringzero.x86.Ept;
import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.PageEntry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The second dimension of the walk: rights, violations, accessed and dirty bits. */
class SecondLevelTest {
  private static final long RW = PageEntry.RW | PageEntry.US;
  private static final long LINEAR = 0x7000_0000_0000L;
  private static final long GPA = 0x60_3000L;
  private static final long GIBIBYTE = EptTable.SIZE_1G;
  private static final long DATA = Ept.QUALIFICATION_LINEAR_VALID | Ept.QUALIFICATION_FINAL;

  private final PagingFixture machine = new PagingFixture();
  private final Mmu mmu = machine.mmu;
  private final EptTable ept = machine.memory.table();

  SecondLevelTest() {
    machine.touchAll();
    ept.split(GPA);
    machine.enable(Format.FOUR_LEVEL);
    machine.tables.map(LINEAR, GPA, RW);
  }

  @AfterEach
  void close() {
    machine.close();
  }

  private void protect(long rights) {
    ept.protect(GPA, EptTable.SIZE_4K, rights);
    revokeAll();
  }

  private void revokeAll() {
    machine
        .memory
        .revocation()
        .revoke(0, Long.MAX_VALUE, Revoker.READ | Revoker.WRITE | Revoker.EXECUTE);
  }

  private void assertViolation(long qualification, long gpa, Runnable access) {
    assertThatThrownBy(access::run).isInstanceOf(ExitSignal.class);
    assertThat(machine.cpu.exit.reason).isEqualTo(ExitReason.EPT_VIOLATION);
    assertThat(machine.cpu.exit.qualification).isEqualTo(qualification);
    assertThat(machine.cpu.exit.gpa).isEqualTo(gpa);
    assertThat(machine.cpu.exit.gva).isEqualTo(LINEAR + 8);
  }

  @Test
  void readOnlyPageRefusesWritesAndTellsItsRights() {
    mmu.write8(LINEAR, 1);
    protect(Ept.READ | Ept.EXECUTE);

    assertThat(mmu.read8(LINEAR)).isEqualTo(1);
    mmu.fetch(LINEAR);
    assertViolation(
        DATA | Ept.QUALIFICATION_WRITE | 0b101 << 3, GPA + 8, () -> mmu.write8(LINEAR + 8, 2));
  }

  @Test
  void pageWithoutExecuteRightRefusesFetches() {
    protect(Ept.READ | Ept.WRITE);

    mmu.write8(LINEAR, 1);
    assertViolation(
        DATA | Ept.QUALIFICATION_FETCH | 0b011 << 3, GPA + 8, () -> mmu.fetch(LINEAR + 8));
  }

  @Test
  void executeOnlyPageRefusesReads() {
    protect(Ept.EXECUTE);

    mmu.fetch(LINEAR);
    assertViolation(
        DATA | Ept.QUALIFICATION_READ | 0b100 << 3, GPA + 8, () -> mmu.read8(LINEAR + 8));
  }

  @Test
  void missingTablePageIsAViolationOfTheTableAccess() {
    long entry = machine.tables.entryGpa(LINEAR, 12);
    ept.split(entry);
    ept.protect(entry, EptTable.SIZE_4K, Ept.READ);
    revokeAll();

    assertViolation(
        Ept.QUALIFICATION_LINEAR_VALID
            | Ept.QUALIFICATION_READ
            | Ept.QUALIFICATION_WRITE
            | 0b001 << 3,
        entry,
        () -> mmu.read8(LINEAR + 8));
  }

  @Test
  void malformedEntryIsAMisconfiguration() {
    protect(Ept.WRITE);
    assertThatThrownBy(() -> mmu.read8(LINEAR)).isInstanceOf(ExitSignal.class);
    assertThat(machine.cpu.exit.reason).isEqualTo(ExitReason.EPT_MISCONFIGURATION);
    assertThat(machine.cpu.exit.gpa).isEqualTo(GPA);
  }

  private long pointerEntryHpa(long gpa) {
    long pointers = MachineMemory.read64(ept.root()) & PageEntry.ADDRESS;
    return pointers + (gpa >>> 30) * 8;
  }

  @Test
  void pageOf1GibIsWalkedInOneStepLess() {
    mmu.write8(LINEAR, 7);
    long hpa = ept.hpa(GPA);
    ept.map(GIBIBYTE, hpa & -GIBIBYTE, GIBIBYTE, Ept.RIGHTS);
    machine.tables.map(LINEAR + 4096, GIBIBYTE | hpa & GIBIBYTE - 1, RW);

    assertThat(mmu.read8(LINEAR + 4096)).isEqualTo(7);
    mmu.write8(LINEAR + 4096, 8);
    assertThat(mmu.read8(LINEAR)).isEqualTo(8);
    assertThat(ept.mappedSize(GIBIBYTE)).isEqualTo(GIBIBYTE);
    assertThat(ept.leaf(GIBIBYTE) & Ept.DIRTY).isEqualTo(Ept.DIRTY);
    ept.unmap(GIBIBYTE, GIBIBYTE);
  }

  @Test
  void reservedMemoryTypeAndMisplacedLargePageAreMisconfigurations() {
    long large = Ept.RIGHTS | Ept.LARGE;
    machine.tables.map(LINEAR + 4096, GIBIBYTE, RW);
    for (long leaf : new long[] {large | 2 << 3, large | 7 << 3, large | 1 << 21}) {
      MachineMemory.write64(pointerEntryHpa(GIBIBYTE), leaf);
      revokeAll();
      assertThatThrownBy(() -> mmu.read8(LINEAR + 4096)).isInstanceOf(ExitSignal.class);
      assertThat(machine.cpu.exit.reason).isEqualTo(ExitReason.EPT_MISCONFIGURATION);
    }
    MachineMemory.write64(pointerEntryHpa(GIBIBYTE), 0);
  }

  @Test
  void accessedAndDirtyBitsFollowUse() {
    assertThat(ept.leaf(GPA) & (Ept.ACCESSED | Ept.DIRTY)).isZero();
    mmu.read8(LINEAR);
    assertThat(ept.leaf(GPA) & (Ept.ACCESSED | Ept.DIRTY)).isEqualTo(Ept.ACCESSED);
    mmu.write8(LINEAR, 1);
    assertThat(ept.leaf(GPA) & Ept.DIRTY).isEqualTo(Ept.DIRTY);
  }

  @Test
  void guestTablesAreDirtyForTheSecondLevel() {
    long entry = machine.tables.entryGpa(LINEAR, 39);
    mmu.read8(LINEAR);
    assertThat(ept.leaf(entry) & Ept.DIRTY).isEqualTo(Ept.DIRTY);
  }

  @Test
  void walkReferencesOfBothDimensionsAreCounted() {
    mmu.flushAll();
    long before = mmu.walkReferences();
    mmu.read8(LINEAR);
    assertThat(mmu.walkReferences() - before).isBetween(4L + 4, 24L);
  }

  @Test
  void reclaimedFrameIsUsedByNobody() {
    mmu.write8(LINEAR, 1);
    long hpa = ept.hpa(GPA);
    machine.memory.reclaim(GPA);
    MachineMemory.write8(hpa, 77);

    machine.run(() -> assertThat(mmu.read8(LINEAR)).isZero());
  }
}

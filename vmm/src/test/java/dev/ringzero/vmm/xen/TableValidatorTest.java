package dev.ringzero.vmm.xen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.memory.FrameMemory;
import dev.ringzero.memory.FramePool;
import dev.ringzero.memory.MachineMemory;
import dev.ringzero.memory.RamRange;
import dev.ringzero.testkit.FakeClock;
import dev.ringzero.vmm.xen.FrameTable.Type;
import dev.ringzero.x86.PageEntry;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a hostile guest tries with its page tables. */
final class TableValidatorTest {
  private static final long READ = PageEntry.P;
  private static final long WRITE = PageEntry.P | PageEntry.RW;
  private static final int L4 = 10, L3 = 11, L2 = 12, L1 = 13, DATA = 20;

  private final FrameMemory memory =
      new FrameMemory(FramePool.host(), List.of(new RamRange(0, 8 << 20)));
  private final XenDomain domain = new XenDomain(memory, new FakeClock(), 1);

  @AfterEach
  void close() {
    domain.area.close();
    memory.close();
  }

  private long mfn(int pfn) {
    return domain.frames.mfn(pfn);
  }

  private void entry(int tablePfn, int index, long value) {
    MachineMemory.write64((mfn(tablePfn) << 12) + index * 8L, value);
  }

  private long entry(int tablePfn, int index) {
    return MachineMemory.read64((mfn(tablePfn) << 12) + index * 8L);
  }

  private long to(int pfn, long bits) {
    return mfn(pfn) << 12 | bits;
  }

  private void tables() {
    entry(L4, 0, to(L3, WRITE));
    entry(L3, 0, to(L2, WRITE));
    entry(L2, 0, to(L1, WRITE));
    entry(L1, 0, to(DATA, WRITE));
    entry(L1, 1, to(L1, READ));
  }

  private static void refused(ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOf(XenError.class);
  }

  @Test
  void validTablesAreTakenAndGivenBackWhole() {
    tables();
    domain.tables.take(mfn(L4), Type.L4);
    assertThat(domain.frames.isUsedAs(mfn(L1), Type.L1)).isTrue();
    assertThat(domain.frames.isUsedAs(mfn(DATA), Type.WRITABLE)).isTrue();
    assertThat(entry(L1, 0) & PageEntry.US).as("a guest's kernel is at CPL 3").isNotZero();
    domain.tables.give(mfn(L4), Type.L4);
    for (int pfn : new int[] {L4, L3, L2, L1, DATA}) {
      assertThat(domain.frames.isUsedAs(mfn(pfn), domain.frames.type(mfn(pfn)))).isFalse();
    }
  }

  @Test
  void tableCannotBeMappedWritable() {
    tables();
    domain.tables.take(mfn(L4), Type.L4);
    long before = entry(L1, 2);
    for (int table : new int[] {L4, L3, L2, L1}) {
      refused(() -> domain.tables.change(mfn(L1), 2, to(table, WRITE), false));
    }
    assertThat(entry(L1, 2)).isEqualTo(before);
  }

  @Test
  void writablePageCannotBecomeATable() {
    tables();
    domain.tables.take(mfn(L4), Type.L4);
    refused(() -> domain.tables.take(mfn(DATA), Type.L1));
    refused(() -> domain.tables.change(mfn(L2), 1, to(DATA, WRITE), false));
    domain.tables.change(mfn(L1), 0, 0, false);
    domain.tables.take(mfn(DATA), Type.L1);
  }

  @Test
  void framesOfOthersAreRefused() {
    tables();
    domain.tables.take(mfn(L4), Type.L4);
    long monitors = domain.area.slots()[0] & PageEntry.ADDRESS;
    refused(() -> domain.tables.change(mfn(L1), 2, monitors | READ, false));
    refused(() -> domain.tables.change(mfn(L1), 2, memory.table().root() | WRITE, false));
    try (FrameMemory other = FrameMemory.ofPc(2 << 20)) {
      other.write64(0x1000, 1);
      long theirs = other.table().hpa(0x1000);
      refused(() -> domain.tables.change(mfn(L1), 2, theirs | READ, false));
      refused(() -> domain.tables.take(theirs >>> 12, Type.L1));
    }
    refused(() -> domain.tables.change(mfn(L1), 2, 0x000F_FFFF_FFFF_F000L | READ, false));
  }

  @Test
  void wrongLevelAndRecursionAreRefused() {
    tables();
    domain.tables.take(mfn(L4), Type.L4);
    refused(() -> domain.tables.change(mfn(L4), 1, to(L4, WRITE), false));
    refused(() -> domain.tables.change(mfn(L4), 1, to(L2, WRITE), false));
    refused(() -> domain.tables.change(mfn(L3), 1, to(L1, WRITE), false));
    refused(() -> domain.tables.change(mfn(L2), 1, to(L2, WRITE), false));
    entry(30, 7, to(30, WRITE));
    refused(() -> domain.tables.take(mfn(30), Type.L4));
    refused(() -> domain.tables.take(mfn(30), Type.L2));
  }

  @Test
  void largePagesAndReservedBitsAreRefused() {
    tables();
    domain.tables.take(mfn(L4), Type.L4);
    refused(() -> domain.tables.change(mfn(L2), 1, to(0, WRITE | PageEntry.PS), false));
    refused(() -> domain.tables.change(mfn(L1), 2, to(DATA, READ) | 1L << 51, false));
  }

  @Test
  void slotsOfTheMonitorStayTheMonitors() {
    tables();
    entry(L4, 256, to(L3, WRITE));
    entry(L4, 270, to(DATA, WRITE));
    domain.tables.take(mfn(L4), Type.L4);
    assertThat(entry(L4, 256)).isEqualTo(domain.area.slots()[0]);
    assertThat(entry(L4, 270)).isZero();
    refused(() -> domain.tables.change(mfn(L4), 256, to(L3, WRITE), false));
    refused(() -> domain.tables.change(mfn(L4), 271, 0, false));
  }

  @Test
  void failedValidationLeavesNothingTaken() {
    tables();
    entry(L1, 3, to(L2, WRITE));
    refused(() -> domain.tables.take(mfn(L4), Type.L4));
    for (int pfn : new int[] {L4, L3, L2, L1, DATA}) {
      for (Type type : Type.values()) {
        assertThat(domain.frames.isUsedAs(mfn(pfn), type)).as("%d as %s", pfn, type).isFalse();
      }
    }
    entry(L1, 3, 0);
    domain.tables.take(mfn(L4), Type.L4);
  }

  @Test
  void descriptorsAreChecked() {
    int page = 40;
    long callGate = 0x0000_EC00_0000_0000L;
    entry(page, 3, callGate);
    refused(() -> domain.tables.take(mfn(page), Type.DESCRIPTORS));
    entry(page, 3, 0x00AF_9B00_0000_FFFFL);
    domain.tables.take(mfn(page), Type.DESCRIPTORS);
    assertThat(entry(page, 3) >>> 45 & 3).as("privilege level").isEqualTo(3);
    tables();
    entry(L1, 4, to(page, WRITE));
    refused(() -> domain.tables.take(mfn(L4), Type.L4));
  }

  @Test
  void accessedAndDirtyBitsStayWhereAsked() {
    tables();
    entry(L1, 0, to(DATA, WRITE | PageEntry.A | PageEntry.D));
    domain.tables.take(mfn(L4), Type.L4);
    domain.tables.change(mfn(L1), 0, to(DATA, READ), true);
    assertThat(entry(L1, 0) & PageEntry.D).isNotZero();
    domain.tables.change(mfn(L1), 0, to(DATA, READ), false);
    assertThat(entry(L1, 0) & PageEntry.D).isZero();
  }

  @Test
  void guestKnowsItsFramesByTheirMachineNumbers() {
    long m2p = domain.area.slots()[0] & PageEntry.ADDRESS;
    long mfn = mfn(77);
    long page = mfn * 8 >>> 12;
    long level2 = MachineMemory.read64(m2p + (page >>> 18) * 8) & PageEntry.ADDRESS;
    long level1 = MachineMemory.read64(level2 + (page >>> 9 & 511) * 8) & PageEntry.ADDRESS;
    long leaf = MachineMemory.read64(level1 + (page & 511) * 8);
    assertThat(leaf & PageEntry.RW).isZero();
    long entry = (leaf & PageEntry.ADDRESS) + (mfn * 8 & 4095);
    assertThat(MachineMemory.read64(entry)).isEqualTo(77);
  }
}

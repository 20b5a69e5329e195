package dev.ringzero.vmm.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.engine.Register;
import dev.ringzero.memory.FrameMemory;
import dev.ringzero.testkit.PageTables;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Efer;
import dev.ringzero.x86.PageEntry;
import dev.ringzero.x86.PageFaultError;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The tables of guests with 32-bit and PAE paging have shadows as those of 64-bit guests do. */
final class ShadowFormatsTest {
  private static final long TABLES = 0x100_0000;
  private static final long OTHER_TABLES = 0x280_0000;
  private static final long LINEAR = 0x40_0000;
  private static final long PAGE = 0x80_0000;
  private static final long USER = PageEntry.RW | PageEntry.US;
  private static final int READ = 0;
  private static final int WRITE = PageFaultError.WR;
  private static final int USER_WRITE = PageFaultError.US | PageFaultError.WR;

  private final FrameMemory memory = FrameMemory.ofPc(64 << 20);
  private final ShadowPaging shadow = new ShadowPaging(memory, 1, 64);
  private PageTables guest;
  private ShadowProcessor cpu;
  private boolean pae;

  private void enter(PageTables.Format format) {
    pae = format == PageTables.Format.PAE;
    guest = new PageTables(memory, format, TABLES);
    cpu = new ShadowProcessor(shadow, 0, guest.root());
    cpu.efer(pae ? Efer.NXE : 0);
    cpu.register(Register.CR4, Cr4.PGE | (pae ? Cr4.PAE : Cr4.PSE));
  }

  @AfterEach
  void close() {
    shadow.close();
    memory.close();
  }

  private long hpa(long gpa) {
    return memory.table().hpa(gpa);
  }

  @ParameterizedTest
  @EnumSource(names = {"BITS_32", "PAE"})
  void addressSpaceThatComesBackFindsItsShadow(PageTables.Format format) {
    enter(format);
    PageTables other = new PageTables(memory, format, OTHER_TABLES);
    guest.map(LINEAR, PAGE, USER);
    other.map(LINEAR, PAGE + 0x5000, USER);
    cpu.access(LINEAR, WRITE);
    cpu.register(Register.CR3, other.root());
    assertThat(cpu.access(LINEAR, WRITE)).isEqualTo(hpa(PAGE + 0x5000));
    long fills = shadow.statistics().fills();
    for (int i = 0; i < 10; i++) {
      cpu.register(Register.CR3, guest.root());
      assertThat(cpu.access(LINEAR, WRITE)).isEqualTo(hpa(PAGE));
      cpu.register(Register.CR3, other.root());
      assertThat(cpu.access(LINEAR, WRITE)).isEqualTo(hpa(PAGE + 0x5000));
    }
    assertThat(shadow.statistics().fills()).isEqualTo(fills);
    assertThat(shadow.statistics().rootsFound()).isEqualTo(20);
  }

  @ParameterizedTest
  @EnumSource(names = {"BITS_32", "PAE"})
  void writesToTablesAreNoticedAndCarriedOver(PageTables.Format format) {
    enter(format);
    guest.map(LINEAR, PAGE, USER);
    cpu.access(LINEAR, WRITE);
    long table = guest.entryGpa(LINEAR, 12);
    assertThat(memory.isTableProtected(hpa(table) >>> 12)).isTrue();
    assertThat(memory.isTableProtected(hpa(guest.root()) >>> 12)).isTrue();

    guest.map(LINEAR, PAGE, PageEntry.US | PageEntry.A | PageEntry.D);
    cpu.invalidate();

    long fills = shadow.statistics().fills();
    assertThat(cpu.access(LINEAR, READ)).isEqualTo(hpa(PAGE));
    assertThat(shadow.statistics().fills()).isEqualTo(fills);
    assertThat(cpu.access(LINEAR, USER_WRITE)).isEqualTo(-1);
  }

  @ParameterizedTest
  @EnumSource(names = {"BITS_32", "PAE"})
  void topTableThatIsWrittenWhileNobodyRunsOnItLosesItsShadow(PageTables.Format format) {
    enter(format);
    guest.map(LINEAR, PAGE, USER);
    cpu.access(LINEAR, WRITE);
    PageTables other = new PageTables(memory, format, OTHER_TABLES);
    other.map(LINEAR, PAGE, USER);
    cpu.register(Register.CR3, other.root());
    cpu.access(LINEAR, WRITE);
    long both = shadow.statistics().tables();

    guest.writeEntry(guest.root(), 0);
    cpu.invalidate();

    assertThat(shadow.statistics().tables()).isEqualTo(both / 2);
    assertThat(memory.isTableProtected(hpa(guest.root()) >>> 12)).isFalse();
  }

  @Test
  void pageOf4MibIsShadowedInTwoHalves() {
    enter(PageTables.Format.BITS_32);
    guest.mapLarge(0x80_0000, 0x40_0000, USER, 22);
    assertThat(cpu.access(0x80_5000, USER_WRITE)).isEqualTo(hpa(0x40_5000));
    assertThat(cpu.access(0xA0_5000, USER_WRITE)).isEqualTo(hpa(0x60_5000));
    guest.mapLarge(0x80_0000, 0x40_0000, USER | PageEntry.A | 1L << 21, 22);
    cpu.invalidate();
    assertThat(cpu.access(0x80_5000, USER_WRITE)).isEqualTo(-1);
    assertThat(cpu.fault & PageFaultError.RSVD).isNotZero();
  }

  @Test
  void topEntriesOfPaeCountWhenCr3IsLoaded() {
    enter(PageTables.Format.PAE);
    PageTables other = new PageTables(memory, PageTables.Format.PAE, OTHER_TABLES);
    guest.map(LINEAR, PAGE, USER | PageEntry.XD);
    other.map(LINEAR, PAGE + 0x1000, USER);
    assertThat(cpu.access(LINEAR, USER_WRITE)).isEqualTo(hpa(PAGE));
    assertThat(cpu.access(LINEAR, PageFaultError.US | PageFaultError.ID)).isEqualTo(-1);

    guest.writeEntry(guest.root(), other.readEntry(other.root()));
    cpu.register(Register.CR3, guest.root());

    assertThat(cpu.access(LINEAR, USER_WRITE)).isEqualTo(hpa(PAGE + 0x1000));
  }

  @Test
  void topTablesOfPaeShareAPage() {
    enter(PageTables.Format.PAE);
    guest.map(LINEAR, PAGE, USER);
    guest.map(LINEAR + 0x4000_0000L, PAGE + 0x1000, USER);
    long second = guest.root() + 0x20;
    guest.writeEntry(second, guest.readEntry(guest.root() + 8));
    cpu.access(LINEAR, WRITE);

    cpu.register(Register.CR3, second);

    assertThat(cpu.access(LINEAR, WRITE)).isEqualTo(hpa(PAGE + 0x1000));
    cpu.register(Register.CR3, guest.root());
    assertThat(cpu.access(LINEAR, WRITE)).isEqualTo(hpa(PAGE));
    assertThat(shadow.statistics().rootsFound()).isEqualTo(1);
  }

  /** Random changes of tables, each followed by what the architecture asks for. */
  @ParameterizedTest
  @EnumSource(names = {"BITS_32", "PAE"})
  void everyTranslationIsThatOfAPlainWalk(PageTables.Format format) {
    enter(format);
    PageTables first = guest;
    PageTables second = new PageTables(memory, format, OTHER_TABLES);
    long known = USER | PageEntry.A | PageEntry.D | PageEntry.G | (pae ? PageEntry.XD : 0);
    int largeShift = pae ? 21 : 22;
    SplittableRandom random = new SplittableRandom(42);
    for (int round = 0; round < 20_000; round++) {
      long linear = random.nextInt(4) * 0x4000_0000L + random.nextInt(4) * 0x20_0000L;
      long small = linear + random.nextInt(6) * 4096L;
      long bits = random.nextLong() & known;
      long page = PAGE + random.nextInt(64) * 4096L;
      switch (random.nextInt(9)) {
        case 0, 1 -> guest.writeEntry(entryGpa(small), page | bits | PageEntry.P);
        case 2 -> guest.writeEntry(entryGpa(small), page | bits);
        case 3 -> guest.mapLarge(linear, page & -1L << largeShift, bits, largeShift);
        case 4 -> guest.writeEntry(guest.entryGpa(linear, largeShift), 0);
        case 5 -> memory.reclaim(page);
        case 6 -> {
          guest = guest == first ? second : first;
          cpu.register(Register.CR3, guest.root());
        }
        default -> {}
      }
      if (pae) {
        cpu.register(Register.CR3, guest.root()); // top entries may be new
      }
      cpu.invalidate();
      for (int i = 0; i < 4; i++) {
        int access = random.nextInt(8) & (random.nextBoolean() && pae ? 0x13 : 0x6) & ~1;
        check(linear + random.nextInt(6) * 4096L, access);
      }
    }
  }

  /** As {@link PageTables#entryGpa}, but a large page on the way makes room for a table. */
  private long entryGpa(long linear) {
    long directory = guest.entryGpa(linear, pae ? 21 : 22);
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
    boolean user = true;
    boolean writable = true;
    boolean noExecute = false;
    long table = guest.root();
    int bits = pae ? 9 : 10;
    for (int shift = pae ? 30 : 22; ; shift -= bits) {
      long entry = guest.readEntry(table + (linear >>> shift & (1L << bits) - 1) * (pae ? 8L : 4L));
      if ((entry & PageEntry.P) == 0) {
        return -1;
      }
      if (shift < 30) {
        user &= (entry & PageEntry.US) != 0;
        writable &= (entry & PageEntry.RW) != 0;
        noExecute |= (entry & PageEntry.XD) != 0;
      }
      if (shift == 12 || shift < 30 && (entry & PageEntry.PS) != 0) {
        boolean refused =
            (access & PageFaultError.US) != 0 && !user
                || (access & PageFaultError.WR) != 0 && !writable
                || (access & PageFaultError.ID) != 0 && noExecute;
        long offset = (1L << shift) - 1;
        return refused ? -1 : entry & PageEntry.ADDRESS & ~offset | linear & offset & -4096L;
      }
      table = entry & PageEntry.ADDRESS;
    }
  }
}

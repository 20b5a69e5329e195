package dev.ringzero.cpu.paging;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.cpu.GuestFault;
import dev.ringzero.testkit.PageTables.Format;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.PageEntry;
import dev.ringzero.x86.PageFaultError;
import dev.ringzero.x86.Rflags;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every combination of page rights, control bits, privilege and access, against the rules as the
 * manual words them.
 *
 * @spec Intel SDM Vol. 3A, "Determination of Access Rights"
 */
class PagePermissionsTest {
  private static final long LINEAR = 0x0040_3000L;
  private static final long GPA = 0x7000;
  private static final int NO_FAULT = -1;

  private enum Kind {
    READ,
    WRITE,
    FETCH,
    IMPLICIT_READ,
    IMPLICIT_WRITE
  }

  /** One row of the table. */
  private record Case(
      boolean user,
      boolean writable,
      boolean noExecute,
      boolean wp,
      boolean smep,
      boolean smap,
      boolean ac,
      int cpl,
      Kind kind) {

    static Case of(int number) {
      return new Case(
          (number & 1) != 0,
          (number & 2) != 0,
          (number & 4) != 0,
          (number & 8) != 0,
          (number & 16) != 0,
          (number & 32) != 0,
          (number & 64) != 0,
          (number & 128) != 0 ? 3 : 0,
          Kind.values()[number >> 8]);
    }

    static int count() {
      return Kind.values().length << 8;
    }

    boolean implicit() {
      return kind == Kind.IMPLICIT_READ || kind == Kind.IMPLICIT_WRITE;
    }

    boolean userMode() {
      return cpl == 3 && !implicit();
    }

    boolean write() {
      return kind == Kind.WRITE || kind == Kind.IMPLICIT_WRITE;
    }

    boolean allowed() {
      if (userMode()) {
        return switch (kind) {
          case WRITE -> user && writable;
          case FETCH -> user && !noExecute;
          default -> user;
        };
      }
      if (kind == Kind.FETCH) {
        return !noExecute && !(user && smep);
      }
      boolean smapAllows = !user || !smap || ac && !implicit();
      return smapAllows && (!write() || writable || !wp);
    }

    int expectedError(boolean executeDisableExists) {
      if (allowed()) {
        return NO_FAULT;
      }
      boolean fetchIsTold = executeDisableExists || smep;
      return PageFaultError.P
          | (write() ? PageFaultError.WR : 0)
          | (userMode() ? PageFaultError.US : 0)
          | (kind == Kind.FETCH && fetchIsTold ? PageFaultError.ID : 0);
    }
  }

  @ParameterizedTest
  @EnumSource(Format.class)
  void accessesFaultAsTheManualSays(Format format) {
    try (PagingFixture machine = new PagingFixture()) {
      machine.touchAll();
      machine.enable(format);
      machine.tables.map(LINEAR, GPA, 0);
      if (format == Format.PAE) {
        machine.mmu.loadPdptes(machine.cpu.cr3);
      }
      boolean executeDisableExists = format != Format.BITS_32;
      for (int number = 0; number < Case.count(); number++) {
        Case row = Case.of(number);
        if (row.noExecute && !executeDisableExists) {
          continue;
        }
        prepare(machine, row);
        int expected = row.expectedError(executeDisableExists);
        assertThat(errorOf(machine, row)).as("%s", row).isEqualTo(expected);
        assertThat(errorOf(machine, row)).as("again %s", row).isEqualTo(expected);
      }
    }
  }

  @Test
  void rightsCombineOverAllLevels() {
    try (PagingFixture machine = new PagingFixture()) {
      machine.touchAll();
      machine.enable(Format.FOUR_LEVEL);
      for (int weak = 12; weak <= 39; weak += 9) {
        machine.tables.map(LINEAR, GPA, PageEntry.RW | PageEntry.US);
        long entry = machine.tables.entryGpa(LINEAR, weak);
        long before = machine.tables.readEntry(entry);
        machine.tables.writeEntry(entry, before & ~PageEntry.US);
        Case userRead = new Case(false, true, false, true, false, false, false, 3, Kind.READ);
        enter(machine, userRead);
        assertThat(errorOf(machine, userRead)).isEqualTo(PageFaultError.P | PageFaultError.US);
        machine.tables.writeEntry(entry, before);
      }
    }
  }

  private static void prepare(PagingFixture machine, Case row) {
    long bits =
        (row.user ? PageEntry.US : 0)
            | (row.writable ? PageEntry.RW : 0)
            | (row.noExecute ? PageEntry.XD : 0);
    machine.tables.map(LINEAR, GPA, bits);
    enter(machine, row);
  }

  private static void enter(PagingFixture machine, Case row) {
    machine.cpu.cr0 = bit(machine.cpu.cr0, Cr0.WP, row.wp);
    machine.cpu.cr4 = bit(machine.cpu.cr4, Cr4.SMEP, row.smep);
    machine.cpu.cr4 = bit(machine.cpu.cr4, Cr4.SMAP, row.smap);
    machine.cpu.systemFlags = bit(machine.cpu.systemFlags, Rflags.AC, row.ac);
    machine.cpl(row.cpl);
    machine.mmu.invalidatePage(LINEAR);
  }

  private static long bit(long value, long bit, boolean set) {
    return set ? value | bit : value & ~bit;
  }

  private static int errorOf(PagingFixture machine, Case row) {
    Mmu mmu = machine.mmu;
    try {
      switch (row.kind) {
        case READ -> mmu.read32(LINEAR);
        case WRITE -> mmu.write32(LINEAR, 1);
        case FETCH -> mmu.fetch(LINEAR);
        case IMPLICIT_READ -> mmu.readSupervisor(LINEAR, 4);
        case IMPLICIT_WRITE -> mmu.writeSupervisor(LINEAR, 4, 1);
      }
      return NO_FAULT;
    } catch (GuestFault fault) {
      assertThat(machine.cpu.cr2).isEqualTo(LINEAR);
      return fault.errorCode;
    }
  }
}

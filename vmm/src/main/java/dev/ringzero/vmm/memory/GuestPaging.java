package dev.ringzero.vmm.memory;

import dev.ringzero.engine.Register;
import dev.ringzero.engine.SegmentState;
import dev.ringzero.engine.VirtualCpu;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Efer;
import dev.ringzero.x86.PageEntry;
import dev.ringzero.x86.Rflags;

/**
 * How a guest has set its paging up, as its registers say.
 *
 * @param cr0 control register 0
 * @param cr3 control register 3
 * @param cr4 control register 4
 * @param efer IA32_EFER
 * @param lifted whether RFLAGS.AC lifts SMAP for explicit supervisor accesses now
 * @spec Intel SDM Vol. 3A, "Paging Modes and Control Bits"
 */
record GuestPaging(long cr0, long cr3, long cr4, long efer, boolean lifted) {
  private static final int IA32_EFER = 0xC000_0080;

  /** The structure of the guest's tables. */
  enum Mode {
    /** Linear addresses are guest-physical. */
    NONE(0, 0, 0),
    BITS_32(22, 10, 4),
    PAE(30, 9, 8),
    FOUR_LEVEL(39, 9, 8);

    /** Lowest bit of the linear address that the top table is indexed with. */
    final int topShift;

    /** Bits of the linear address that each table is indexed with. */
    final int indexBits;

    final int entryBytes;

    Mode(int topShift, int indexBits, int entryBytes) {
      this.topShift = topShift;
      this.indexBits = indexBits;
      this.entryBytes = entryBytes;
    }
  }

  static GuestPaging of(VirtualCpu cpu) {
    boolean ac = (cpu.register(Register.RFLAGS) & Rflags.AC) != 0;
    int cpl = cpu.segment(SegmentState.SS).accessRights() >> 5 & 3;
    return new GuestPaging(
        cpu.register(Register.CR0),
        cpu.register(Register.CR3),
        cpu.register(Register.CR4),
        cpu.msr(IA32_EFER),
        ac && cpl != 3);
  }

  Mode mode() {
    if ((cr0 & Cr0.PG) == 0) {
      return Mode.NONE;
    }
    if ((cr4 & Cr4.PAE) == 0) {
      return Mode.BITS_32;
    }
    return (efer & Efer.LMA) == 0 ? Mode.PAE : Mode.FOUR_LEVEL;
  }

  /** Guest-physical address of the top table. */
  long topTable() {
    return switch (mode()) {
      case BITS_32 -> cr3 & 0xFFFF_F000L;
      case PAE -> cr3 & 0xFFFF_FFE0L;
      case FOUR_LEVEL, NONE -> cr3 & PageEntry.ADDRESS;
    };
  }

  boolean writeProtect() {
    return (cr0 & Cr0.WP) != 0;
  }

  boolean globalPages() {
    return (cr4 & Cr4.PGE) != 0;
  }

  boolean pageSizeExtensions() {
    return (cr4 & Cr4.PSE) != 0;
  }

  boolean smep() {
    return (cr4 & Cr4.SMEP) != 0;
  }

  boolean smap() {
    return (cr4 & Cr4.SMAP) != 0;
  }

  boolean noExecute() {
    return (efer & Efer.NXE) != 0 && mode().entryBytes == 8;
  }
}

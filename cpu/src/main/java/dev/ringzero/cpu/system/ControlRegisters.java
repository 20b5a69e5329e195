package dev.ringzero.cpu.system;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.x86.AddressWidth;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Efer;
import dev.ringzero.x86.Vector;

/**
 * CR0, CR3, CR4, CR8 and XCR0: what their bits allow, and what follows from a change.
 *
 * @spec Intel SDM Vol. 3A, "Control Registers"; "Initializing IA-32e Mode"; "Invalidation of TLBs
 *     and Paging-Structure Caches"
 */
public final class ControlRegisters {
  private static final long CR0_WRITABLE =
      Cr0.PE | Cr0.MP | Cr0.EM | Cr0.TS | Cr0.NE | Cr0.WP | Cr0.AM | Cr0.NW | Cr0.CD | Cr0.PG;
  private static final long CR3_LEGACY = 0xFFFF_FFFFL;
  private static final long CR3_PCID = 0xFFF; // Process-Context Identifier
  private static final long CR3_NO_FLUSH =
      1L << 63; // in the value moved to CR3: keep the PCID's entries

  private static final long XCR0_X87 = 1L << 0; // x87 state
  private static final long XCR0_SSE = 1L << 1; // SSE state
  private static final long XCR0_AVX = 1L << 2; // AVX state

  private ControlRegisters() {}

  public static void writeCr0(Cpu cpu, long value) {
    long wanted = value & CR0_WRITABLE | Cr0.ET;
    long changed = wanted ^ cpu.cr0;
    if (value >>> 32 != 0
        || (wanted & (Cr0.PG | Cr0.PE)) == Cr0.PG
        || (wanted & (Cr0.NW | Cr0.CD)) == Cr0.NW
        || !cpu.vmx.cr0Allowed(wanted)) {
      throw cpu.fault(Vector.GP, 0);
    }
    if ((changed & Cr0.PG) != 0) {
      checkPaging(cpu, (wanted & Cr0.PG) != 0);
    }
    boolean reload = (changed & (Cr0.PG | Cr0.CD | Cr0.NW)) != 0;
    if (reload && (wanted & Cr0.PG) != 0 && (cpu.efer & Efer.LME) == 0) {
      loadPdptes(cpu, cpu.cr4, cpu.cr3);
    }
    if ((changed & Cr0.PG) != 0 && (cpu.efer & Efer.LME) != 0) {
      cpu.efer = (wanted & Cr0.PG) != 0 ? cpu.efer | Efer.LMA : cpu.efer & ~Efer.LMA;
    }
    cpu.cr0 = wanted;
    if ((changed & Cr0.PE) != 0) {
      cpu.cpl = 0;
    }
    Modes.codeSegmentChanged(cpu);
    cpu.mmu.modeChanged();
    if ((changed & (Cr0.PG | Cr0.WP)) != 0) {
      cpu.mmu.flushAll();
    }
  }

  private static void checkPaging(Cpu cpu, boolean enable) {
    boolean allowed;
    if (enable) {
      boolean codeIs64 = (cpu.segmentAccess[Cpu.CS] & AccessRights.L) != 0;
      allowed =
          (cpu.efer & Efer.LME) == 0
              || (cpu.cr4 & Cr4.PAE) != 0 && !codeIs64 && TaskState.is32(cpu);
    } else {
      allowed = cpu.codeSize != 64 && (cpu.cr4 & Cr4.PCIDE) == 0;
    }
    if (!allowed) {
      throw cpu.fault(Vector.GP, 0);
    }
  }

  private static void loadPdptes(Cpu cpu, long cr4, long cr3) {
    if ((cr4 & Cr4.PAE) != 0) {
      cpu.mmu.loadPdptes(cr3);
    }
  }

  static void writeCr3(Cpu cpu, long value) {
    if (!DescriptorTables.longMode(cpu)) {
      long wanted = value & CR3_LEGACY;
      if ((cpu.cr0 & Cr0.PG) != 0) {
        loadPdptes(cpu, cpu.cr4, wanted);
      }
      cpu.cr3 = wanted;
      cpu.mmu.rootChanged(true);
      return;
    }
    boolean tagged = (cpu.cr4 & Cr4.PCIDE) != 0;
    long wanted = tagged ? value & ~CR3_NO_FLUSH : value;
    if (wanted >>> AddressWidth.PHYSICAL_BITS != 0) {
      throw cpu.fault(Vector.GP, 0);
    }
    cpu.cr3 = wanted;
    cpu.mmu.rootChanged(!tagged || value >= 0);
  }

  public static void writeCr4(Cpu cpu, long value) {
    long changed = value ^ cpu.cr4;
    boolean longMode = DescriptorTables.longMode(cpu);
    boolean allowed =
        (value & ~cpu.system.cr4Allowed) == 0
            && cpu.vmx.cr4Allowed(value)
            && !(longMode && (value & Cr4.PAE) == 0)
            && !((changed & value & Cr4.PCIDE) != 0 && (!longMode || (cpu.cr3 & CR3_PCID) != 0));
    if (!allowed) {
      throw cpu.fault(Vector.GP, 0);
    }
    boolean pagingBits = (changed & (Cr4.PAE | Cr4.PGE | Cr4.PSE | Cr4.SMEP)) != 0;
    if (pagingBits && !longMode && (cpu.cr0 & Cr0.PG) != 0) {
      loadPdptes(cpu, value, cpu.cr3);
    }
    cpu.cr4 = value;
    cpu.mmu.modeChanged();
    if (pagingBits || (changed & (Cr4.PCIDE | Cr4.SMAP)) != 0) {
      cpu.mmu.flushAll();
    }
  }

  static void writeCr8(Cpu cpu, long value) {
    if (value >>> 4 != 0) {
      throw cpu.fault(Vector.GP, 0);
    }
    cpu.interrupts.taskPriority((int) value);
  }

  static void writeXcr0(Cpu cpu, long value) {
    boolean consistent =
        (value & XCR0_X87) != 0 && ((value & XCR0_AVX) == 0 || (value & XCR0_SSE) != 0);
    if (!consistent || (value & ~cpu.system.xcr0Allowed) != 0) {
      throw cpu.fault(Vector.GP, 0);
    }
    cpu.xcr0 = value;
  }

  /** XCR0 restricted to the states that are not in their initial configuration. */
  static long statesInUse(Cpu cpu) {
    return cpu.xcr0;
  }

  static void writeEfer(Cpu cpu, long value) {
    boolean lmeChanges = ((value ^ cpu.efer) & Efer.LME) != 0;
    if ((value & ~(cpu.system.eferAllowed | Efer.LMA)) != 0
        || lmeChanges && (cpu.cr0 & Cr0.PG) != 0
        || (value & ~cpu.efer & Efer.SVME) != 0 && !cpu.svm.mayEnable()) {
      throw cpu.fault(Vector.GP, 0);
    }
    boolean executeDisableChanges = ((value ^ cpu.efer) & Efer.NXE) != 0;
    cpu.efer = value & ~Efer.LMA | cpu.efer & Efer.LMA;
    cpu.mmu.modeChanged();
    if (executeDisableChanges) {
      cpu.mmu.flushAll();
    }
  }

  /** After VMRUN or an exit loaded all registers: what the code segment means. */
  public static void levelChanged(Cpu cpu) {
    Modes.codeSegmentChanged(cpu);
  }

  /**
   * After registers were set from outside: what is derived from them is worked out anew.
   *
   * @param translations whether cached translations must go
   */
  public static void stateReplaced(Cpu cpu, boolean translations) {
    Modes.codeSegmentChanged(cpu);
    cpu.mmu.modeChanged();
    if (translations) {
      cpu.mmu.flushAll();
    }
  }
}

package dev.ringzero.cpu.system;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.x86.Rflags;

/**
 * The registers of a task as its 16- or 32-bit TSS holds them.
 *
 * @spec Intel SDM Vol. 3A, "Task-State Segment (TSS)"; "16-Bit Task-State Segment (TSS)"
 */
final class TaskImage {
  /** Bits of EFLAGS that a task can have. */
  static final long FLAGS =
      Rflags.STATUS
          | Rflags.FIXED
          | Rflags.TF
          | Rflags.IF
          | Rflags.DF
          | Rflags.IOPL
          | Rflags.NT
          | Rflags.RF
          | Rflags.VM
          | Rflags.AC
          | Rflags.VIF
          | Rflags.VIP
          | Rflags.ID;

  private static final int CR3 = 0x1C; // 32-bit TSS
  private static final int EIP = 0x20; // followed by EFLAGS, EAX … EDI
  private static final int ES = 0x48; // followed by CS, SS, DS, FS, GS
  private static final int LDT = 0x60;

  private static final int IP_16 = 0x0E; // followed by FLAGS, AX … DI
  private static final int ES_16 = 0x22; // followed by CS, SS, DS
  private static final int LDT_16 = 0x2A;

  final boolean wide;
  long root;
  long rip;
  long flags;
  final long[] registers = new long[8];
  final int[] selectors = new int[6];
  int localTable;

  private TaskImage(boolean wide) {
    this.wide = wide;
  }

  /** An image of the kind of TSS that a descriptor tells. */
  static TaskImage of(long descriptor) {
    return new TaskImage(Descriptor.type(descriptor) >= AccessRights.TSS_AVAILABLE);
  }

  /** The least limit that a TSS of this kind may have. */
  int minimumLimit() {
    return wide ? 0x67 : 0x2B;
  }

  void read(Cpu cpu, long base) {
    int sizeBytes = wide ? 4 : 2;
    int at = wide ? EIP : IP_16;
    rip = cpu.mmu.readSupervisor(base + at, sizeBytes);
    flags = cpu.mmu.readSupervisor(base + at + sizeBytes, sizeBytes);
    for (int n = 0; n < 8; n++) {
      long value = cpu.mmu.readSupervisor(base + at + (long) (2 + n) * sizeBytes, sizeBytes);
      registers[n] = wide ? value : value | 0xFFFF_0000L;
    }
    for (int n = 0; n < (wide ? 6 : 4); n++) {
      long field = base + (wide ? ES : ES_16) + (long) n * sizeBytes;
      selectors[n] = (int) cpu.mmu.readSupervisor(field, 2);
    }
    localTable = (int) cpu.mmu.readSupervisor(base + (wide ? LDT : LDT_16), 2);
    root = wide ? cpu.mmu.readSupervisor(base + CR3, 4) : 0;
  }

  /** Saves the running task into its TSS. */
  static void save(Cpu cpu, long rip, long flags) {
    long base = cpu.system.trBase;
    boolean wide = TaskState.is32(cpu);
    int sizeBytes = wide ? 4 : 2;
    int at = wide ? EIP : IP_16;
    cpu.mmu.writeSupervisor(base + at, sizeBytes, rip);
    cpu.mmu.writeSupervisor(base + at + sizeBytes, sizeBytes, flags);
    for (int n = 0; n < 8; n++) {
      cpu.mmu.writeSupervisor(base + at + (long) (2 + n) * sizeBytes, sizeBytes, cpu.gpr[n]);
    }
    for (int n = 0; n < (wide ? 6 : 4); n++) {
      long field = base + (wide ? ES : ES_16) + (long) n * sizeBytes;
      cpu.mmu.writeSupervisor(field, 2, cpu.selector[n]);
    }
  }
}

package dev.ringzero.cpu.svm;

import dev.ringzero.cpu.GuestFixture;
import dev.ringzero.cpu.Virtualization;
import dev.ringzero.engine.Execution;
import dev.ringzero.engine.Register;
import dev.ringzero.engine.VirtualCpu;
import dev.ringzero.testkit.PageTables;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Efer;
import dev.ringzero.x86.PageEntry;
import dev.ringzero.x86.SvmExitCode;
import dev.ringzero.x86.Vmcb;

/**
 * A monitor of a few instructions, and its guest in 64-bit mode, whose physical addresses are the
 * monitor's but for those from {@link #HOLE} on, which nobody has mapped yet.
 */
final class SvmFixture implements AutoCloseable {
  static final long BLOCK = 0x40_0000;
  static final long HOLE = 0x80_0000;
  static final long GUEST = 0x60_0000;

  private static final long IO_MAP = 0x48_0000;
  private static final long MSR_MAP = 0x49_0000;
  private static final long NESTED = 0x50_0000;
  private static final long IDENTITY = 0x1000; // the fixture's own tables

  private static final int EFER = 0xC000_0080;
  private static final int VM_HSAVE_PA = 0xC001_0117;

  final GuestFixture fixture;
  final PageTables nested;

  SvmFixture(boolean translator) {
    fixture = new GuestFixture(new Execution(translator, false), Virtualization.SVM);
    cpu().msr(EFER, Efer.LME | Efer.LMA | Efer.SVME);
    cpu().msr(VM_HSAVE_PA, 0x4F_0000);
    nested = new PageTables(fixture.memory, PageTables.Format.FOUR_LEVEL, NESTED);
    for (long gpa = 0; gpa < HOLE; gpa += 2 << 20) {
      nested.mapLarge(gpa, gpa, PageEntry.RW | PageEntry.US, 21);
    }
    controls();
    state();
  }

  VirtualCpu cpu() {
    return fixture.cpu;
  }

  private void controls() {
    intercept(SvmExitCode.VMRUN);
    intercept(SvmExitCode.VMMCALL);
    intercept(SvmExitCode.SHUTDOWN);
    write(Vmcb.IOPM_BASE_PA, IO_MAP);
    write(Vmcb.MSRPM_BASE_PA, MSR_MAP);
    write(Vmcb.GUEST_ASID, 1);
    write(Vmcb.NESTED_CONTROL, Vmcb.NP_ENABLE);
    write(Vmcb.N_CR3, nested.root());
  }

  private void state() {
    segment(Vmcb.CS, 8, 0xA9B);
    for (int field : new int[] {Vmcb.ES, Vmcb.SS, Vmcb.DS}) {
      segment(field, 16, 0xC93);
    }
    write(Vmcb.EFER, Efer.LME | Efer.LMA | Efer.SVME);
    write(Vmcb.CR0, Cr0.PE | Cr0.PG | Cr0.ET | Cr0.NE);
    write(Vmcb.CR3, IDENTITY);
    write(Vmcb.CR4, Cr4.PAE);
    write(Vmcb.DR6, 0xFFFF_0FF0L);
    write(Vmcb.DR7, 0x400);
    write(Vmcb.RFLAGS, 2);
    write(Vmcb.G_PAT, 0x0007_0406_0007_0406L);
  }

  private void segment(int field, int selector, int attributes) {
    write(field, selector | (long) attributes << 16 | 0xFFFF_FFFFL << 32);
    write(field + Vmcb.BASE, 0);
  }

  /** The guest begins with these bytes, with its stack below the monitor's. */
  SvmFixture guest(String hex) {
    fixture.bytes(GUEST, hex);
    write(Vmcb.RIP, GUEST);
    write(Vmcb.RSP, GuestFixture.STACK - 0x8000);
    return this;
  }

  /** The monitor executes VMRUN and then these bytes, up to a HLT. */
  SvmFixture enter(String after) {
    fixture.set(Register.RAX, BLOCK);
    fixture.run("0F01D8" + after);
    return this;
  }

  SvmFixture enter() {
    return enter("");
  }

  void intercept(int code) {
    int field = Vmcb.INTERCEPT_1 + ((code >> 5) - 3) * 4;
    write32(field, read32(field) | 1 << (code & 31));
  }

  void interceptException(int vector) {
    write32(Vmcb.INTERCEPT_EXCEPTIONS, read32(Vmcb.INTERCEPT_EXCEPTIONS) | 1 << vector);
  }

  void protectPort(int port) {
    long at = IO_MAP + (port >> 3);
    fixture.memory.write(at, new byte[] {(byte) (1 << (port & 7))});
  }

  void protectWrites(int lowMsr) {
    fixture.memory.write(MSR_MAP + lowMsr / 4, new byte[] {(byte) (2 << lowMsr % 4 * 2)});
  }

  long read(int field) {
    return fixture.memory.read64(BLOCK + field);
  }

  void write(int field, long value) {
    fixture.memory.write64(BLOCK + field, value);
  }

  int read32(int field) {
    long both = read(field & ~7);
    return (int) ((field & 4) == 0 ? both : both >>> 32);
  }

  void write32(int field, int value) {
    long both = read(field & ~7);
    long low = value & 0xFFFF_FFFFL;
    write(
        field & ~7,
        (field & 4) == 0 ? both & 0xFFFF_FFFF_0000_0000L | low : both & 0xFFFF_FFFFL | low << 32);
  }

  int exitCode() {
    return (int) read(Vmcb.EXITCODE);
  }

  @Override
  public void close() {
    fixture.close();
  }
}

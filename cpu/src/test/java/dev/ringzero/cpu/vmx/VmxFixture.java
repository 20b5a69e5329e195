package dev.ringzero.cpu.vmx;

import dev.ringzero.cpu.GuestFixture;
import dev.ringzero.cpu.Virtualization;
import dev.ringzero.engine.Execution;
import dev.ringzero.engine.Register;
import dev.ringzero.engine.SegmentState;
import dev.ringzero.memory.FrameMemory;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Efer;
import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.vmx.ExitControls;
import dev.ringzero.x86.vmx.ProcessorControls;
import dev.ringzero.x86.vmx.VmcsField;

/**
 * A monitor in VMX root operation, one instruction at a time, and a guest of its own in 64-bit mode
 * in the same address space.
 */
final class VmxFixture implements AutoCloseable {
  static final long VMXON = 0x4_0000;
  static final long VMCS = 0x4_1000;
  static final long OTHER_VMCS = 0x4_2000;
  static final long POINTER = 0x4_3000;
  static final long MSR_BITMAP = 0x4_4000;
  static final long IO_BITMAP_A = 0x4_5000;
  static final long IO_BITMAP_B = 0x4_6000;
  static final long EPT = 0x4_8000; // PML4, PDPT, directory, table
  static final long GUEST = 0x12_0000;
  static final long GUEST_STACK = 0x2F_0000;
  static final long GDT = 0x6000;
  static final long IDT = 0x5000;
  static final long HANDLER = 0x13_0000;
  private static final long HOST = 0x14_0000;
  private static final int FEATURE_CONTROL = 0x3A;

  final GuestFixture guest = new GuestFixture(new Execution(true, false), Virtualization.VMX);
  final FrameMemory memory = guest.memory;

  VmxFixture() {
    guest.cpu.msr(FEATURE_CONTROL, 5);
    guest.set(Register.CR4, guest.get(Register.CR4) | Cr4.VMXE);
    memory.write32(VMXON, Vmcs.REVISION);
    memory.write32(VMCS, Vmcs.REVISION);
    memory.write32(OTHER_VMCS, Vmcs.REVISION);
    guest.bytes(HOST, "F4");
    memory.write64(GDT + 8, 0x00AF_9B00_0000_FFFFL);
    memory.write64(GDT + 16, 0x00CF_9300_0000_FFFFL);
    guest.cpu.segment(SegmentState.GDTR, new SegmentState(0, GDT, 0xFF, 0));
    guest.cpu.segment(SegmentState.IDTR, new SegmentState(0, IDT, 0xFFF, 0));
  }

  /** In VMX operation with a current VMCS that a guest can be entered with. */
  static VmxFixture ready() {
    VmxFixture f = new VmxFixture();
    f.vmxon(VMXON);
    f.vmclear(VMCS);
    f.vmptrld(VMCS);
    f.writeControls();
    f.writeHostState();
    f.writeGuestState();
    return f;
  }

  /** Sends a vector to {@link #HANDLER}, which halts. */
  VmxFixture gate(int vector) {
    guest.bytes(HANDLER, "F4");
    long low = HANDLER & 0xFFFF | 8L << 16 | 0x8E00L << 32 | (HANDLER >>> 16 & 0xFFFF) << 48;
    memory.write64(IDT + vector * 16L, low);
    memory.write64(IDT + vector * 16L + 8, HANDLER >>> 32);
    return this;
  }

  private void writeControls() {
    write(VmcsField.PIN_BASED_CONTROLS, 0x16);
    write(VmcsField.PROCESSOR_CONTROLS, 0x0400_6172 | ProcessorControls.HLT_EXITING);
    write(VmcsField.EXIT_CONTROLS, 0x0003_6DFB | ExitControls.HOST_ADDRESS_SPACE_SIZE);
    write(VmcsField.ENTRY_CONTROLS, 0x11FB | 1 << 9);
    write(VmcsField.VMCS_LINK_POINTER, -1);
  }

  private void writeHostState() {
    write(VmcsField.HOST_CR0, guest.get(Register.CR0));
    write(VmcsField.HOST_CR3, guest.get(Register.CR3));
    write(VmcsField.HOST_CR4, guest.get(Register.CR4));
    write(VmcsField.HOST_CS_SELECTOR, 8);
    write(VmcsField.HOST_SS_SELECTOR, 16);
    write(VmcsField.HOST_DS_SELECTOR, 16);
    write(VmcsField.HOST_ES_SELECTOR, 16);
    write(VmcsField.HOST_TR_SELECTOR, 24);
    write(VmcsField.HOST_GDTR_BASE, GDT);
    write(VmcsField.HOST_IDTR_BASE, IDT);
    write(VmcsField.HOST_RSP, GuestFixture.STACK);
    write(VmcsField.HOST_RIP, HOST);
  }

  private void writeGuestState() {
    write(VmcsField.GUEST_CR0, guest.get(Register.CR0));
    write(VmcsField.GUEST_CR3, guest.get(Register.CR3));
    write(VmcsField.GUEST_CR4, guest.get(Register.CR4));
    for (int register = 0; register < 6; register++) {
      boolean code = register == 1;
      write(VmcsField.ofSegment(VmcsField.GUEST_ES_SELECTOR, register), code ? 8 : 16);
      write(VmcsField.ofSegment(VmcsField.GUEST_ES_LIMIT, register), 0xFFFF_FFFFL);
      write(
          VmcsField.ofSegment(VmcsField.GUEST_ES_ACCESS_RIGHTS, register), code ? 0xA09B : 0xC093);
    }
    write(VmcsField.GUEST_LDTR_ACCESS_RIGHTS, 1 << 16);
    write(VmcsField.GUEST_TR_ACCESS_RIGHTS, 0x8B);
    write(VmcsField.GUEST_TR_LIMIT, 0x67);
    write(VmcsField.GUEST_GDTR_BASE, GDT);
    write(VmcsField.GUEST_GDTR_LIMIT, 0xFF);
    write(VmcsField.GUEST_IDTR_BASE, IDT);
    write(VmcsField.GUEST_IDTR_LIMIT, 0xFFF);
    write(VmcsField.GUEST_DR7, 0x400);
    write(VmcsField.GUEST_EFER, Efer.LME | Efer.LMA);
    write(VmcsField.GUEST_RFLAGS, Rflags.FIXED);
    write(VmcsField.GUEST_RSP, GUEST_STACK);
    write(VmcsField.GUEST_RIP, GUEST);
  }

  // Instructions of the monitor.

  private VmxFixture withPointer(String instruction, long gpa) {
    memory.write64(POINTER, gpa);
    guest.set(Register.RBX, POINTER).run(instruction);
    return this;
  }

  VmxFixture vmxon(long gpa) {
    return withPointer("F3 0F C7 33", gpa);
  }

  VmxFixture vmclear(long gpa) {
    return withPointer("66 0F C7 33", gpa);
  }

  VmxFixture vmptrld(long gpa) {
    return withPointer("0F C7 33", gpa);
  }

  /** VMREAD. */
  long read(int field) {
    guest.set(Register.RAX, field).run("0F 78 C3");
    return guest.get(Register.RBX);
  }

  /** VMWRITE. */
  VmxFixture write(int field, long value) {
    guest.set(Register.RAX, field).set(Register.RBX, value).run("0F 79 C3");
    return this;
  }

  /** Sets bits of a field of controls. */
  VmxFixture enable(int field, int bits) {
    return write(field, read(field) & 0xFFFF_FFFFL | bits & 0xFFFF_FFFFL);
  }

  /** Puts code at the guest's first instruction. */
  VmxFixture code(String hex) {
    guest.bytes(GUEST, hex);
    return this;
  }

  VmxFixture launch() {
    guest.run("0F 01 C2");
    return this;
  }

  VmxFixture resume() {
    guest.run("0F 01 C3");
    return this;
  }

  /** The exit reason that the last exit left. */
  long exitReason() {
    return read(VmcsField.EXIT_REASON);
  }

  /** Enters the guest for the first time, and gives the reason of its exit. */
  long exitOf(String hex) {
    code(hex).launch();
    return exitReason();
  }

  static long number(ExitReason reason) {
    return reason.number();
  }

  int error() {
    return (int) read(VmcsField.INSTRUCTION_ERROR);
  }

  @Override
  public void close() {
    guest.close();
  }
}

package dev.ringzero.vmm.xen;

import dev.ringzero.engine.Register;
import dev.ringzero.engine.SegmentState;
import dev.ringzero.engine.VirtualCpu;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Efer;
import dev.ringzero.x86.Rflags;

/** The state in which a processor runs a paravirtual guest: 64-bit mode, paging, CPL 3. */
final class XenStart {
  static final long CR0 = Cr0.PE | Cr0.MP | Cr0.ET | Cr0.NE | Cr0.WP | Cr0.PG;
  static final long CR4 = Cr4.PAE | Cr4.OSFXSR | Cr4.OSXMMEXCPT | Cr4.OSXSAVE;
  private static final int IA32_EFER = 0xC000_0080;

  private XenStart() {}

  static void prepare(VirtualCpu cpu) {
    cpu.eventsExit(true);
    cpu.msr(IA32_EFER, Efer.LME | Efer.LMA | Efer.NXE | Efer.SCE);
    cpu.register(Register.CR0, CR0);
    cpu.register(Register.CR4, CR4);
    cpu.register(Register.RFLAGS, Rflags.FIXED | Rflags.IF);
    cpu.segment(SegmentState.CS, XenVcpu.segment(XenVcpu.FLAT_CODE_64, Descriptors.FLAT_CODE_64));
    SegmentState data = XenVcpu.segment(XenVcpu.FLAT_DATA, Descriptors.FLAT_DATA);
    cpu.segment(SegmentState.SS, data);
    SegmentState none = new SegmentState(0, 0, 0, SegmentState.UNUSABLE);
    cpu.segment(SegmentState.DS, none);
    cpu.segment(SegmentState.ES, none);
    cpu.segment(SegmentState.FS, none);
    cpu.segment(SegmentState.GS, none);
    cpu.segment(SegmentState.LDTR, none);
    cpu.segment(SegmentState.TR, new SegmentState(0, 0, 0, 0x8B));
    cpu.segment(
        SegmentState.GDTR,
        new SegmentState(0, MonitorArea.gdt(cpu.id()), MonitorArea.TABLE_BYTES - 1, 0));
    cpu.segment(SegmentState.IDTR, new SegmentState(0, 0, 0, 0));
  }
}

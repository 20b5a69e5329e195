package dev.ringzero.vmm.xen;

import dev.ringzero.engine.Register;
import dev.ringzero.vmm.xen.FrameTable.Type;
import dev.ringzero.x86.PageEntry;
import dev.ringzero.x86.Rflags;

/**
 * The first state of a vCPU, as the guest describes it to another.
 *
 * @spec Xen public/arch-x86/xen.h, "struct vcpu_guest_context"; public/arch-x86/xen-x86_64.h,
 *     "struct cpu_user_regs"
 */
final class VcpuContext {
  private static final int REGISTERS = 520; // behind 512 bytes of FPU state and the flags
  private static final int TRAPS = 720;
  private static final int TRAP_BYTES = 16;
  private static final int LDT = TRAPS + 256 * TRAP_BYTES;
  private static final int GDT_FRAMES = LDT + 16;
  private static final int GDT_ENTRIES = GDT_FRAMES + 16 * 8;
  private static final int KERNEL_SS = GDT_ENTRIES + 8;
  private static final int KERNEL_SP = KERNEL_SS + 8;
  private static final int CONTROL = KERNEL_SP + 8;
  private static final int DEBUG = CONTROL + 8 * 8;
  private static final int EVENT_CALLBACK = DEBUG + 8 * 8;
  private static final int FAILSAFE_CALLBACK = EVENT_CALLBACK + 8;
  private static final int SYSCALL_CALLBACK = FAILSAFE_CALLBACK + 8;
  private static final int VM_ASSIST = SYSCALL_CALLBACK + 8;
  private static final int FS_BASE = VM_ASSIST + 8;
  private static final int GS_BASE_KERNEL = FS_BASE + 8;
  private static final int GS_BASE_USER = GS_BASE_KERNEL + 8;

  private static final Register[] ORDER = {
    Register.R15, Register.R14, Register.R13, Register.R12, Register.RBP, Register.RBX,
    Register.R11, Register.R10, Register.R9, Register.R8, Register.RAX, Register.RCX,
    Register.RDX, Register.RSI, Register.RDI
  };

  private final GuestAccess memory;
  private final long at;

  VcpuContext(GuestAccess memory, long at) {
    this.memory = memory;
    this.at = at;
  }

  void apply(XenDomain domain, XenVcpu vcpu) {
    if (vcpu.initialised) {
      throw XenError.EXISTS;
    }
    long table = (memory.read64(at + CONTROL + 3 * 8) & PageEntry.ADDRESS) >>> 12;
    int gdtEntries = memory.read32(at + GDT_ENTRIES);
    if (gdtEntries < 0 || gdtEntries > MonitorArea.GUEST_GDT_FRAMES * 512) {
      throw XenError.INVALID;
    }
    long[] gdt = words(GDT_FRAMES, (gdtEntries + 511) / 512);
    long[] traps = words(TRAPS, 256 * 2);
    long[] registers = words(REGISTERS, ORDER.length);
    long kernelStack = memory.read64(at + KERNEL_SP);
    long eventCallback = memory.read64(at + EVENT_CALLBACK);
    long syscallCallback = memory.read64(at + SYSCALL_CALLBACK);
    long rip = memory.read64(at + REGISTERS + 16 * 8);
    long flags = memory.read64(at + REGISTERS + 18 * 8);
    long rsp = memory.read64(at + REGISTERS + 19 * 8);
    long gsBase = memory.read64(at + GS_BASE_KERNEL);
    long userGsBase = memory.read64(at + GS_BASE_USER);
    XenVcpu.requireCanonical(gsBase);
    XenVcpu.requireCanonical(userGsBase);
    domain.tables.take(table, Type.L4); // nothing is refused behind this
    vcpu.kernelTable = table;
    vcpu.initialGdt = gdt;
    vcpu.gdtEntries = gdtEntries;
    for (int i = 0; i < traps.length; i += 2) {
      int number = (int) traps[i];
      vcpu.trapAddresses[number & 0xFF] = traps[i + 1];
      vcpu.trapFlags[number & 0xFF] = (byte) (number >> 8);
    }
    vcpu.kernelStack = kernelStack;
    vcpu.eventCallback = eventCallback;
    vcpu.syscallCallback = syscallCallback;
    vcpu.initialised = true;
    vcpu.start =
        () -> {
          for (int i = 0; i < ORDER.length; i++) {
            vcpu.cpu.register(ORDER[i], registers[i]);
          }
          XenStart.prepare(vcpu.cpu);
          vcpu.cpu.register(Register.RIP, rip);
          vcpu.cpu.register(Register.RFLAGS, flags & ~Rflags.IOPL | Rflags.IF | Rflags.FIXED);
          vcpu.cpu.register(Register.RSP, rsp);
          vcpu.cpu.msr(XenVcpu.GS_BASE, gsBase);
          vcpu.cpu.msr(XenVcpu.KERNEL_GS_BASE, userGsBase);
          vcpu.loadKernelTables();
        };
  }

  private long[] words(int offset, int count) {
    long[] words = new long[count];
    for (int i = 0; i < count; i++) {
      words[i] = memory.read64(at + offset + i * 8L);
    }
    return words;
  }
}

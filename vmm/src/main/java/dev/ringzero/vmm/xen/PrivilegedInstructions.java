package dev.ringzero.vmm.xen;

import dev.ringzero.engine.Register;
import dev.ringzero.engine.VirtualCpu;
import dev.ringzero.vmm.cpuid.Cpuid;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.instruction.Decoder;
import dev.ringzero.x86.instruction.Instruction;
import dev.ringzero.x86.instruction.Operand;

/**
 * Instructions that a paravirtual kernel executes although it is not privileged: it means the
 * monitor to do them. Ports lead nowhere, and most model-specific registers hold nothing.
 *
 * @spec Xen, arch/x86/pv/emul-priv-op.c; arch/x86/pv/emul-inv-op.c
 */
final class PrivilegedInstructions {
  private static final int[] FORCED = {0x0F, 0x0B, 'x', 'e', 'n'}; // before CPUID
  private static final int XEN_LEAVES = 0x4000_0000;
  private static final int LAST_XEN_LEAF = 0x4000_0005;
  private static final int VERSION = 4 << 16 | 17;

  private final Cpuid cpuid;
  private final byte[] bytes = new byte[Decoder.MAX_LENGTH];

  PrivilegedInstructions(Cpuid cpuid) {
    this.cpuid = cpuid;
  }

  /** Does the CPUID at which a vCPU has exited. */
  void cpuid(VirtualCpu cpu) {
    int leaf = (int) cpu.register(Register.RAX);
    if (leaf >= XEN_LEAVES && leaf < XEN_LEAVES + 0x100) {
      xenLeaf(cpu, leaf);
      cpu.skipInstruction();
    } else {
      cpuid.execute(cpu);
    }
  }

  private static void xenLeaf(VirtualCpu cpu, int leaf) {
    switch (leaf) {
      case XEN_LEAVES -> set(cpu, LAST_XEN_LEAF, 0x566E_6558, 0x6558_4D4D, 0x4D4D_566E);
      case XEN_LEAVES + 1 -> set(cpu, VERSION, 0, 0, 0);
      default -> set(cpu, 0, 0, 0, 0);
    }
  }

  private static void set(VirtualCpu cpu, int eax, int ebx, int ecx, int edx) {
    cpu.register(Register.RAX, eax & 0xFFFF_FFFFL);
    cpu.register(Register.RBX, ebx & 0xFFFF_FFFFL);
    cpu.register(Register.RCX, ecx & 0xFFFF_FFFFL);
    cpu.register(Register.RDX, edx & 0xFFFF_FFFFL);
  }

  /** After #UD: whether it was a CPUID that the guest wants from the monitor; then it is done. */
  boolean forcedCpuid(XenVcpu vcpu) {
    int fetched = vcpu.memory.fetch(vcpu.cpu.register(Register.RIP), bytes);
    for (int i = 0; i < FORCED.length; i++) {
      if (i >= fetched || (bytes[i] & 0xFF) != FORCED[i]) {
        return false;
      }
    }
    if (fetched < 7 || bytes[5] != 0x0F || (bytes[6] & 0xFF) != 0xA2) {
      return false;
    }
    vcpu.cpu.exit().instructionLength = 7;
    cpuid(vcpu.cpu);
    return true;
  }

  /** After #GP in the guest's kernel: whether the instruction is one of these; then it is done. */
  boolean emulate(XenVcpu vcpu) {
    VirtualCpu cpu = vcpu.cpu;
    int fetched = vcpu.memory.fetch(cpu.register(Register.RIP), bytes);
    Instruction instruction = new Instruction();
    if (new Decoder().decode(bytes, 0, fetched, 64, instruction) <= 0
        || !performs(vcpu, instruction)) {
      return false;
    }
    cpu.exit().instructionLength = instruction.length;
    cpu.skipInstruction();
    return true;
  }

  private static boolean performs(XenVcpu vcpu, Instruction instruction) {
    try {
      return perform(vcpu, instruction);
    } catch (XenError e) {
      return false; // and so it stays a fault
    }
  }

  private static boolean perform(XenVcpu vcpu, Instruction i) {
    VirtualCpu cpu = vcpu.cpu;
    switch (i.form.mnemonic) {
      case "rdmsr" -> pair(cpu, readMsr(cpu, (int) cpu.register(Register.RCX)));
      case "wrmsr" -> writeMsr(cpu, (int) cpu.register(Register.RCX), pair(cpu));
      case "in" -> in(cpu, i);
      case "out", "wbinvd", "invd", "cli", "sti" -> {}
      case "clts" -> vcpu.taskSwitched = false;
      case "xsetbv" -> cpu.register(Register.XCR0, pair(cpu) & 7 | 1);
      case "mov" -> {
        return moveControl(vcpu, i);
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private static void in(VirtualCpu cpu, Instruction i) {
    int bits = i.width(i.operand(0));
    long ones = -1L >>> 64 - bits;
    long kept = bits == 32 ? 0 : cpu.register(Register.RAX) & ~ones;
    cpu.register(Register.RAX, kept | ones);
  }

  private static boolean moveControl(XenVcpu vcpu, Instruction i) {
    VirtualCpu cpu = vcpu.cpu;
    Operand.Place first = i.operand(0).place();
    Operand.Place second = i.operand(1).place();
    Register general = Register.values()[i.rm];
    if (first == Operand.Place.DEBUG || second == Operand.Place.DEBUG) {
      if (second == Operand.Place.DEBUG) {
        cpu.register(general, i.reg == 6 ? 0xFFFF_0FF0L : i.reg == 7 ? 0x400 : 0);
      }
      return true;
    }
    if (second == Operand.Place.CONTROL) {
      long value =
          switch (i.reg) {
            case 0 -> XenStart.CR0 | (vcpu.taskSwitched ? Cr0.TS : 0);
            case 2 -> cpu.register(Register.CR2);
            case 3 -> vcpu.kernelTable << 12;
            case 4 -> XenStart.CR4;
            default -> 0;
          };
      cpu.register(general, value);
      return true;
    }
    if (first != Operand.Place.CONTROL) {
      return false;
    }
    if (i.reg == 0) {
      vcpu.taskSwitched = (cpu.register(general) & Cr0.TS) != 0;
    }
    return true;
  }

  private static long pair(VirtualCpu cpu) {
    return cpu.register(Register.RDX) << 32 | cpu.register(Register.RAX) & 0xFFFF_FFFFL;
  }

  private static void pair(VirtualCpu cpu, long value) {
    cpu.register(Register.RAX, value & 0xFFFF_FFFFL);
    cpu.register(Register.RDX, value >>> 32);
  }

  private static long readMsr(VirtualCpu cpu, int index) {
    return switch (index) {
      case 0x1A0, 0x277, 0xC000_0080, 0xC000_0100, XenVcpu.GS_BASE, XenVcpu.KERNEL_GS_BASE ->
          cpu.msr(index);
      default -> 0;
    };
  }

  private static void writeMsr(VirtualCpu cpu, int index, long value) {
    switch (index) {
      case 0xC000_0100, XenVcpu.GS_BASE, XenVcpu.KERNEL_GS_BASE -> XenVcpu.base(cpu, index, value);
      default -> {}
    }
  }
}

package dev.ringzero.cpu.vmx;

import static dev.ringzero.cpu.system.AccessRights.dpl;
import static dev.ringzero.cpu.system.Segmentation.canonical;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.system.AccessRights;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.vmx.VmcsField;

/**
 * Whether the segment registers of the guest-state area can be loaded.
 *
 * @spec Intel SDM Vol. 3C, "Checks on Guest Segment Registers"
 */
final class SegmentChecks {
  private static final int LOCAL = 4; // selector bit TI
  private static final int RESERVED = 0xFFFE_0F00; // of access rights
  private static final int LDTR = 6; // number after GS
  private static final int TR = 7;

  private final Vmcs vmcs;
  private boolean guest64;
  private boolean unrestricted;
  private boolean virtual8086;

  SegmentChecks(Vmcs vmcs) {
    this.vmcs = vmcs;
  }

  private int selector(int register) {
    return vmcs.get32(VmcsField.ofSegment(VmcsField.GUEST_ES_SELECTOR, register));
  }

  private long base(int register) {
    return vmcs.get(VmcsField.ofSegment(VmcsField.GUEST_ES_BASE, register));
  }

  private long limit(int register) {
    return vmcs.get(VmcsField.ofSegment(VmcsField.GUEST_ES_LIMIT, register));
  }

  private int access(int register) {
    return vmcs.get32(VmcsField.ofSegment(VmcsField.GUEST_ES_ACCESS_RIGHTS, register));
  }

  private boolean usable(int register) {
    return (access(register) & AccessRights.UNUSABLE) == 0;
  }

  private static int type(int access) {
    return access & AccessRights.TYPE;
  }

  /** Whether CS is a 64-bit code segment. */
  boolean codeIs64() {
    return (access(Cpu.CS) & AccessRights.L) != 0;
  }

  boolean pass(boolean ia32eMode, boolean unrestrictedGuest) {
    guest64 = ia32eMode;
    unrestricted = unrestrictedGuest;
    virtual8086 = (vmcs.get(VmcsField.GUEST_RFLAGS) & Rflags.VM) != 0;
    return bases() && systemSegments() && (virtual8086 ? virtual8086() : ordinary());
  }

  private boolean bases() {
    for (int register = Cpu.ES; register <= Cpu.DS; register++) {
      if ((register == Cpu.CS || usable(register)) && base(register) >>> 32 != 0) {
        return false;
      }
    }
    return canonical(base(Cpu.FS)) && canonical(base(Cpu.GS)) && canonical(base(TR));
  }

  private boolean systemSegments() {
    int task = access(TR);
    boolean busy =
        type(task) == AccessRights.TSS_BUSY || type(task) == AccessRights.TSS_16_BUSY && !guest64;
    boolean taskFits =
        (selector(TR) & LOCAL) == 0 && busy && usable(TR) && systemRights(task, limit(TR));
    if (!taskFits || !usable(LDTR)) {
      return taskFits;
    }
    return (selector(LDTR) & LOCAL) == 0
        && canonical(base(LDTR))
        && type(access(LDTR)) == AccessRights.LDT
        && systemRights(access(LDTR), limit(LDTR));
  }

  private static boolean systemRights(int access, long limit) {
    return (access & (AccessRights.S | AccessRights.P)) == AccessRights.P
        && (access & RESERVED) == 0
        && granularityFits(access, limit);
  }

  /** G set where the limit needs it, and clear where the limit cannot be one of whole pages. */
  private static boolean granularityFits(int access, long limit) {
    boolean granular = (access & AccessRights.G) != 0;
    boolean partial = (limit & 0xFFF) != 0xFFF;
    boolean large = limit >>> 20 != 0;
    return granular ? !partial : !large;
  }

  private boolean virtual8086() {
    for (int register = Cpu.ES; register <= Cpu.GS; register++) {
      boolean fits =
          base(register) == (long) selector(register) << 4
              && limit(register) == 0xFFFF
              && access(register) == AccessRights.VIRTUAL_8086;
      if (!fits) {
        return false;
      }
    }
    return true;
  }

  private boolean ordinary() {
    if (!unrestricted && ((selector(Cpu.SS) ^ selector(Cpu.CS)) & 3) != 0) {
      return false;
    }
    for (int register = Cpu.ES; register <= Cpu.GS; register++) {
      boolean checked = register == Cpu.CS || usable(register);
      if (checked && !rights(register)) {
        return false;
      }
    }
    return code() && stack();
  }

  private boolean rights(int register) {
    int access = access(register);
    boolean common =
        (access & (AccessRights.S | AccessRights.P)) == (AccessRights.S | AccessRights.P)
            && (access & RESERVED) == 0
            && granularityFits(access, limit(register));
    boolean data = register != Cpu.CS && register != Cpu.SS;
    return common && (!data || data(register, access));
  }

  private boolean data(int register, int access) {
    boolean code = (access & AccessRights.CODE) != 0;
    boolean conforming = code && (access & AccessRights.CONFORMING) != 0;
    return (access & AccessRights.ACCESSED) != 0
        && (!code || (access & AccessRights.READABLE) != 0)
        && (unrestricted || conforming || dpl(access) >= (selector(register) & 3));
  }

  private boolean code() {
    int access = access(Cpu.CS);
    int stackDpl = dpl(access(Cpu.SS));
    boolean sizes =
        !guest64
            || (access & (AccessRights.L | AccessRights.DB)) != (AccessRights.L | AccessRights.DB);
    boolean privilege =
        switch (type(access)) {
          case 3 -> unrestricted && dpl(access) == 0;
          case 9, 11 -> dpl(access) == stackDpl;
          case 13, 15 -> dpl(access) <= stackDpl;
          default -> false;
        };
    return sizes && privilege && usable(Cpu.CS);
  }

  private boolean stack() {
    int access = access(Cpu.SS);
    boolean protection = (vmcs.get(VmcsField.GUEST_CR0) & 1) != 0;
    boolean realOrData = type(access(Cpu.CS)) == 3 || !protection;
    boolean typeFits = !usable(Cpu.SS) || type(access) == 3 || type(access) == 7;
    return typeFits
        && (unrestricted || dpl(access) == (selector(Cpu.SS) & 3))
        && (!realOrData || dpl(access) == 0);
  }
}

package dev.ringzero.cpu.vmx;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Operands;
import dev.ringzero.x86.instruction.Instruction;
import dev.ringzero.x86.vmx.InstructionError;
import dev.ringzero.x86.vmx.SecondaryControls;
import dev.ringzero.x86.vmx.VmcsField;

/**
 * The shadow VMCS, which an inner guest reads and writes without exits.
 *
 * @spec Intel SDM Vol. 3C, "VMCS Shadowing Bitmap Addresses"; "Ordinary and Shadow Virtual
 *     Machines"
 */
final class VmcsShadow {
  private static final long COVERED = 0x7FFF; // bits of an encoding that the bitmaps cover

  private final Cpu cpu;
  private final VmxLevel level;

  VmcsShadow(Cpu cpu, VmxLevel level) {
    this.cpu = cpu;
    this.level = level;
  }

  /** Whether a region with this first word can become the current VMCS. */
  static boolean revisionAllowed(int firstWord) {
    return (firstWord & ~Vmcs.SHADOW) == Vmcs.REVISION;
  }

  /**
   * VMREAD in the guest.
   *
   * @return false if it exits
   */
  boolean read(Instruction i) {
    long encoding = Operands.read(cpu, i, 1);
    if (exits(encoding, VmcsField.VMREAD_BITMAP)) {
      return false;
    }
    if (accessible(encoding)) {
      Operands.write(cpu, i, 0, Vmcs.half((int) encoding, level.vmx.memory().read64(at(encoding))));
      level.vmx.succeed();
    }
    return true;
  }

  /**
   * VMWRITE in the guest.
   *
   * @return false if it exits
   */
  boolean write(Instruction i) {
    long encoding = Operands.read(cpu, i, 0);
    if (exits(encoding, VmcsField.VMWRITE_BITMAP)) {
      return false;
    }
    long value = Operands.read(cpu, i, 1);
    if (accessible(encoding)) {
      long at = at(encoding);
      long old = level.vmx.memory().read64(at);
      level.vmx.memory().write64(at, Vmcs.merged((int) encoding, old, value));
      level.vmx.succeed();
    }
    return true;
  }

  private boolean exits(long encoding, int bitmapField) {
    if (!level.secondary(SecondaryControls.VMCS_SHADOWING) || (encoding & ~COVERED) != 0) {
      return true;
    }
    long byteAt = level.vmx.vmcs.get(bitmapField) + encoding / 8;
    return (level.vmx.memory().read8(byteAt) >>> (encoding & 7) & 1) != 0;
  }

  private long region() {
    return level.vmx.vmcs.get(VmcsField.VMCS_LINK_POINTER);
  }

  private long at(long encoding) {
    return region() + Vmcs.offset((int) encoding);
  }

  private boolean accessible(long encoding) {
    if (region() == Vmx.NONE) {
      level.vmx.failInvalid();
      return false;
    }
    if (!Vmcs.exists(encoding)) {
      level.vmx.fail(InstructionError.UNSUPPORTED_COMPONENT);
      return false;
    }
    return true;
  }
}

package dev.ringzero.cpu.vmx;

import dev.ringzero.cpu.system.AccessRights;
import dev.ringzero.x86.InterruptionInformation;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.Vector;
import dev.ringzero.x86.vmx.PinBasedControls;
import dev.ringzero.x86.vmx.ProcessorControls;
import dev.ringzero.x86.vmx.SecondaryControls;
import dev.ringzero.x86.vmx.VmcsField;

/**
 * Whether activity, interruptibility, pending debug exceptions and the link pointer of the
 * guest-state area can be loaded.
 *
 * @spec Intel SDM Vol. 3C, "Checks on Guest Non-Register State"
 */
final class NonRegisterChecks {
  private static final long PENDING_DEBUG_RESERVED = ~0x1_500FL;
  private static final long PENDING_DEBUG_BS = 1L << 14;
  private static final long PENDING_DEBUG_RTM = 1L << 16;
  private static final long DEBUGCTL_BTF = 1L << 1;

  private final Vmx vmx;
  private final Vmcs vmcs;

  NonRegisterChecks(Vmx vmx) {
    this.vmx = vmx;
    this.vmcs = vmx.vmcs;
  }

  /** {@link GuestStateChecks#PASS} or the qualification of the failure. */
  int check() {
    if (!activity() || !interruptibility() || !pendingDebug()) {
      return GuestStateChecks.GENERAL;
    }
    return linkPointer() ? GuestStateChecks.PASS : GuestStateChecks.LINK_POINTER;
  }

  private int injected() {
    return vmcs.get32(VmcsField.ENTRY_INTERRUPTION_INFORMATION);
  }

  private boolean injects() {
    return injected() < 0;
  }

  private int injectedType() {
    return injected() >>> InterruptionInformation.TYPE_SHIFT & 7;
  }

  /** Whether the entry injects an external interrupt. */
  boolean injectsInterrupt() {
    return injects() && injectedType() == InterruptionInformation.EXTERNAL_INTERRUPT;
  }

  private boolean injectsNmi() {
    return injects() && injectedType() == InterruptionInformation.NMI;
  }

  private boolean activity() {
    int activity = vmcs.get32(VmcsField.GUEST_ACTIVITY);
    int stack = vmcs.get32(VmcsField.GUEST_SS_ACCESS_RIGHTS);
    int blocking = Interruptibility.STI | Interruptibility.MOV_SS;
    return switch (activity) {
      case Activity.ACTIVE -> true;
      case Activity.HLT ->
          AccessRights.dpl(stack) == 0 && !blocked(blocking) && (!injects() || endsHalt());
      case Activity.SHUTDOWN -> !blocked(blocking) && (!injects() || endsShutdown());
      case Activity.WAIT_FOR_SIPI -> !blocked(blocking) && !injects();
      default -> false;
    };
  }

  private boolean blocked(int bits) {
    return (vmcs.get32(VmcsField.GUEST_INTERRUPTIBILITY) & bits) != 0;
  }

  private boolean endsHalt() {
    int vector = injected() & InterruptionInformation.VECTOR;
    return switch (injectedType()) {
      case InterruptionInformation.EXTERNAL_INTERRUPT,
          InterruptionInformation.NMI,
          InterruptionInformation.OTHER_EVENT ->
          true;
      case InterruptionInformation.HARDWARE_EXCEPTION -> vector == Vector.DB || vector == Vector.MC;
      default -> false;
    };
  }

  private boolean endsShutdown() {
    return injectsNmi()
        || injectedType() == InterruptionInformation.HARDWARE_EXCEPTION
            && (injected() & InterruptionInformation.VECTOR) == Vector.MC;
  }

  private boolean interruptibility() {
    int state = vmcs.get32(VmcsField.GUEST_INTERRUPTIBILITY);
    boolean enabled = (vmcs.get(VmcsField.GUEST_RFLAGS) & Rflags.IF) != 0;
    int both = Interruptibility.STI | Interruptibility.MOV_SS;
    boolean virtualNmis =
        (vmcs.get32(VmcsField.PIN_BASED_CONTROLS) & PinBasedControls.VIRTUAL_NMIS) != 0;
    return (state & ~Interruptibility.KNOWN) == 0
        && (state & both) != both
        && (enabled || !blocked(Interruptibility.STI))
        && !(injectsInterrupt() && blocked(both))
        && !(injectsNmi() && blocked(Interruptibility.MOV_SS))
        && !(injectsNmi() && virtualNmis && blocked(Interruptibility.NMI));
  }

  private boolean pendingDebug() {
    long pending = vmcs.get(VmcsField.GUEST_PENDING_DEBUG_EXCEPTIONS);
    if ((pending & PENDING_DEBUG_RESERVED) != 0 || (pending & PENDING_DEBUG_RTM) != 0) {
      return false;
    }
    boolean held =
        blocked(Interruptibility.STI | Interruptibility.MOV_SS)
            || vmcs.get32(VmcsField.GUEST_ACTIVITY) == Activity.HLT;
    boolean steps =
        (vmcs.get(VmcsField.GUEST_RFLAGS) & Rflags.TF) != 0
            && (vmcs.get(VmcsField.GUEST_DEBUGCTL) & DEBUGCTL_BTF) == 0;
    return !held || (pending & PENDING_DEBUG_BS) != 0 == steps;
  }

  private boolean linkPointer() {
    long pointer = vmcs.get(VmcsField.VMCS_LINK_POINTER);
    if (pointer == Vmx.NONE) {
      return true;
    }
    if (!Vmx.validPage(pointer) || pointer == vmx.currentPointer) {
      return false;
    }
    int shadow = shadowing() ? Vmcs.SHADOW : 0;
    return (int) vmx.memory().read32(pointer) == (Vmcs.REVISION | shadow);
  }

  private boolean shadowing() {
    return (vmcs.get32(VmcsField.PROCESSOR_CONTROLS) & ProcessorControls.SECONDARY_CONTROLS) != 0
        && (vmcs.get32(VmcsField.SECONDARY_CONTROLS) & SecondaryControls.VMCS_SHADOWING) != 0;
  }
}

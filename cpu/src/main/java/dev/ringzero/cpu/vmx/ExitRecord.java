package dev.ringzero.cpu.vmx;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.level.LevelExit;
import dev.ringzero.cpu.system.Events;
import dev.ringzero.cpu.system.SystemRegisters;
import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.ExitWords;
import dev.ringzero.x86.InterruptionInformation;
import dev.ringzero.x86.vmx.VmcsField;

/**
 * What a VM exit tells: set by what causes it, written to the VMCS when the guest is left.
 *
 * @spec Intel SDM Vol. 3C, "Recording VM-Exit Information and Updating VM-Entry Control Fields"
 */
final class ExitRecord {
  private static final int VALID = InterruptionInformation.VALID;

  private final Cpu cpu;

  ExitReason reason;
  long qualification;
  int instructionLength;
  int instructionInformation;
  int interruptionInformation;
  int interruptionErrorCode;
  long linear;
  long gpa;

  /** The event is a fault: the saved flags have RF set. */
  boolean fault;

  ExitRecord(Cpu cpu) {
    this.cpu = cpu;
  }

  /** Records an exit; to be thrown. */
  LevelExit exit(ExitReason why, long exitQualification, int length) {
    reason = why;
    qualification = exitQualification;
    instructionLength = length;
    instructionInformation = 0;
    interruptionInformation = 0;
    interruptionErrorCode = 0;
    linear = 0;
    gpa = 0;
    fault = false;
    return cpu.leaveLevel();
  }

  /** As {@link #exit}, with information on the instruction's operands. */
  LevelExit exit(ExitReason why, long exitQualification, int length, int information) {
    LevelExit exit = exit(why, exitQualification, length);
    instructionInformation = information;
    return exit;
  }

  /** Records the exit for an event. */
  LevelExit event(ExitReason why, long exitQualification, int type, int vector) {
    LevelExit exit = exit(why, exitQualification, 0);
    interruptionInformation = vector | type << InterruptionInformation.TYPE_SHIFT | VALID;
    return exit;
  }

  void errorCode(int errorCode) {
    interruptionInformation |= InterruptionInformation.ERROR_CODE_VALID;
    interruptionErrorCode = errorCode;
  }

  /** The exit in words, for people. */
  String words() {
    StringBuilder words = new StringBuilder(reason.name());
    append(words, ExitWords.of(reason, qualification));
    append(words, ExitWords.event(interruptionInformation, interruptionErrorCode));
    if (reason == ExitReason.EPT_VIOLATION || reason == ExitReason.EPT_MISCONFIGURATION) {
      words.append(" gpa %x linear %x".formatted(gpa, linear));
    }
    return words.toString();
  }

  private static void append(StringBuilder words, String more) {
    words.append(more.isEmpty() ? "" : " ").append(more);
  }

  /** Writes everything into the VMCS, and with it the event whose delivery was interrupted. */
  void write(Vmcs vmcs) {
    vmcs.set32(VmcsField.EXIT_REASON, reason.number());
    vmcs.set(VmcsField.EXIT_QUALIFICATION, qualification);
    vmcs.set(VmcsField.GUEST_LINEAR_ADDRESS, linear);
    vmcs.set(VmcsField.GUEST_PHYSICAL_ADDRESS, gpa);
    vmcs.set32(VmcsField.EXIT_INTERRUPTION_INFORMATION, interruptionInformation);
    vmcs.set32(VmcsField.EXIT_INTERRUPTION_ERROR_CODE, interruptionErrorCode);
    vmcs.set32(VmcsField.EXIT_INSTRUCTION_INFORMATION, instructionInformation);
    int injected = vmcs.get32(VmcsField.ENTRY_INTERRUPTION_INFORMATION);
    vmcs.set32(VmcsField.ENTRY_INTERRUPTION_INFORMATION, injected & ~VALID);
    interrupted(vmcs);
    vmcs.set32(VmcsField.EXIT_INSTRUCTION_LENGTH, instructionLength);
  }

  private void interrupted(Vmcs vmcs) {
    SystemRegisters system = cpu.system;
    if (system.pendingKind == null) {
      vmcs.set32(VmcsField.IDT_VECTORING_INFORMATION, 0);
      return;
    }
    int type = type(system.pendingKind, system.pendingVector);
    int code = system.pendingHasErrorCode ? InterruptionInformation.ERROR_CODE_VALID : 0;
    vmcs.set32(
        VmcsField.IDT_VECTORING_INFORMATION,
        system.pendingVector | type << InterruptionInformation.TYPE_SHIFT | code | VALID);
    vmcs.set32(VmcsField.IDT_VECTORING_ERROR_CODE, system.pendingErrorCode);
    if (type >= InterruptionInformation.SOFTWARE_INTERRUPT) {
      instructionLength = system.pendingLength;
    }
    system.pendingKind = null;
  }

  private static int type(Events.Kind kind, int vector) {
    return switch (kind) {
      case EXTERNAL_INTERRUPT -> InterruptionInformation.EXTERNAL_INTERRUPT;
      case NMI -> InterruptionInformation.NMI;
      case EXCEPTION, DEBUG_TRAP -> InterruptionInformation.HARDWARE_EXCEPTION;
      case PRIVILEGED_SOFTWARE -> InterruptionInformation.PRIVILEGED_SOFTWARE_EXCEPTION;
      case SOFTWARE ->
          vector == 3 || vector == 4
              ? InterruptionInformation.SOFTWARE_EXCEPTION
              : InterruptionInformation.SOFTWARE_INTERRUPT;
    };
  }

  /** The kind of event that an entry injects. */
  static Events.Kind kind(int type) {
    return switch (type) {
      case InterruptionInformation.EXTERNAL_INTERRUPT -> Events.Kind.EXTERNAL_INTERRUPT;
      case InterruptionInformation.NMI -> Events.Kind.NMI;
      case InterruptionInformation.HARDWARE_EXCEPTION -> Events.Kind.EXCEPTION;
      case InterruptionInformation.PRIVILEGED_SOFTWARE_EXCEPTION -> Events.Kind.PRIVILEGED_SOFTWARE;
      default -> Events.Kind.SOFTWARE;
    };
  }
}

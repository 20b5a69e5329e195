package dev.ringzero.cpu.system;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.ExitSignal;
import dev.ringzero.cpu.GuestFault;
import dev.ringzero.cpu.level.LevelExit;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.InterruptionInformation;
import dev.ringzero.x86.Vector;

/**
 * Delivery of exceptions and interrupts through the IDT or the interrupt vector table. Afterwards
 * {@link Cpu#rip} and {@link Cpu#nextRip} are the first instruction of the handler.
 *
 * @spec Intel SDM Vol. 3A, "Interrupt and Exception Handling"
 */
public final class Events {
  private Events() {}

  /** How an event came about; it decides the saved RIP, EXT and privilege checks. */
  public enum Kind {
    EXTERNAL_INTERRUPT,
    NMI,
    /** A fault: the saved RIP is that of the instruction, and RF is set in the saved flags. */
    EXCEPTION,
    /** A debug trap: the instruction at the saved RIP has not begun. */
    DEBUG_TRAP,
    /** INT n, INT3, INTO: the saved RIP is that of the next instruction. */
    SOFTWARE,
    /** INT1. */
    PRIVILEGED_SOFTWARE;

    /** Whether an instruction asked for the event, so that gates check the privilege level. */
    boolean checksPrivilege() {
      return this == SOFTWARE;
    }

    boolean afterInstruction() {
      return this == SOFTWARE || this == PRIVILEGED_SOFTWARE;
    }

    /** The EXT bit in error codes of faults that the delivery raises. */
    int external() {
      return this == SOFTWARE ? 0 : 1;
    }
  }

  /**
   * Delivers an exception that an instruction raised, with the rules for double and triple faults.
   *
   * @throws ExitSignal on a triple fault
   */
  public static void raise(Cpu cpu, GuestFault fault) {
    if (fault.vector == Vector.DB) {
      DebugUnit.reportFault(cpu);
    }
    if (cpu.eventsExit) {
      throw exit(cpu, fault.vector, fault.hasErrorCode, fault.errorCode);
    }
    raise(cpu, fault.vector, fault.hasErrorCode, fault.errorCode);
  }

  private static void raise(Cpu cpu, int vector, boolean hasErrorCode, int errorCode) {
    offer(cpu, vector, hasErrorCode, errorCode);
    raiseOffered(cpu, vector, hasErrorCode, errorCode);
  }

  /** As {@link #raise}, where nobody takes the exception itself. */
  private static void raiseOffered(Cpu cpu, int vector, boolean hasErrorCode, int errorCode) {
    int first = vector;
    boolean hasCode = hasErrorCode;
    int code = errorCode;
    while (true) {
      try {
        attempt(cpu, first, Kind.EXCEPTION, hasCode, code);
        return;
      } catch (ExitSignal exit) {
        cpu.system.pend(first, Kind.EXCEPTION, hasCode, code);
        throw exit;
      } catch (GuestFault second) {
        offerSecond(cpu, second, first, hasCode, code);
        if (first == Vector.DF) {
          throw tripleFault(cpu);
        }
        boolean doubled = makesDoubleFault(first, second.vector);
        first = doubled ? Vector.DF : second.vector;
        hasCode = doubled || second.hasErrorCode;
        code = doubled ? 0 : second.errorCode;
        if (doubled) {
          offer(cpu, Vector.DF, true, 0);
        }
      }
    }
  }

  /** The monitor of an inner guest may take an exception. */
  static void offer(Cpu cpu, int vector, boolean hasErrorCode, int errorCode) {
    if (cpu.level != null) {
      cpu.level.exception(vector, hasErrorCode, errorCode);
    }
  }

  /** As {@link #offer}, of an exception that arose while another was delivered. */
  private static void offerSecond(
      Cpu cpu, GuestFault second, int first, boolean hasErrorCode, int errorCode) {
    if (cpu.level != null) {
      cpu.system.pend(first, Kind.EXCEPTION, hasErrorCode, errorCode);
      cpu.level.exception(second.vector, second.hasErrorCode, second.errorCode);
      cpu.system.pendingKind = null;
    }
  }

  private static ExitSignal tripleFault(Cpu cpu) {
    if (cpu.level != null) {
      cpu.level.tripleFault();
    }
    return cpu.exit(ExitReason.TRIPLE_FAULT, 0, 0);
  }

  private static ExitSignal exit(Cpu cpu, int vector, boolean hasErrorCode, int errorCode) {
    cpu.exit.interruptionInformation = InterruptionInformation.exception(vector, hasErrorCode);
    cpu.exit.interruptionErrorCode = errorCode;
    cpu.exit.gva = cpu.cr2;
    return cpu.exit(ExitReason.EXCEPTION_OR_NMI, vector == Vector.PF ? cpu.cr2 : 0, 0);
  }

  private static boolean makesDoubleFault(int first, int second) {
    return contributory(second) && (contributory(first) || first == Vector.PF)
        || first == Vector.PF && second == Vector.PF;
  }

  private static boolean contributory(int vector) {
    return switch (vector) {
      case Vector.DE, Vector.TS, Vector.NP, Vector.SS, Vector.GP, Vector.CP -> true;
      default -> false;
    };
  }

  /**
   * Delivers an interrupt or trap. Faults during the delivery of one that an instruction asked for
   * are thrown, those of others are raised inside. An event whose delivery a VM exit interrupts
   * waits in {@link SystemRegisters} for {@link #deliverPending}.
   */
  public static void deliver(Cpu cpu, int vector, Kind kind) {
    if (cpu.eventsExit) {
      throw kind == Kind.SOFTWARE
          ? cpu.exit(ExitReason.SOFTWARE_INTERRUPT, vector, (int) (cpu.nextRip - cpu.rip))
          : exit(cpu, vector, false, 0);
    }
    if (kind == Kind.SOFTWARE) {
      deliverSoftware(cpu, vector);
      return;
    }
    if (kind == Kind.DEBUG_TRAP || kind == Kind.PRIVILEGED_SOFTWARE) {
      cpu.system.offeredKind = kind;
      offer(cpu, vector, false, 0);
      cpu.system.offeredKind = Kind.EXCEPTION;
    }
    try {
      attempt(cpu, vector, kind, false, 0);
    } catch (GuestFault fault) {
      if (cpu.level != null) {
        cpu.system.pend(vector, kind, false, 0);
        cpu.level.exception(fault.vector, fault.hasErrorCode, fault.errorCode);
        cpu.system.pendingKind = null;
      }
      raiseOffered(cpu, fault.vector, fault.hasErrorCode, fault.errorCode);
    } catch (ExitSignal exit) {
      if (kind != Kind.PRIVILEGED_SOFTWARE) {
        cpu.system.pend(vector, kind, false, 0);
      }
      throw exit;
    }
  }

  /** The instruction runs again after an exit to the level outside. */
  private static void deliverSoftware(Cpu cpu, int vector) {
    try {
      attempt(cpu, vector, Kind.SOFTWARE, false, 0);
    } catch (LevelExit exit) {
      cpu.system.pend(vector, Kind.SOFTWARE, false, 0);
      cpu.system.pendingLength = (int) (cpu.nextRip - cpu.rip);
      throw exit;
    }
  }

  /** Makes an event wait for the next {@link #deliverPending}. */
  public static void inject(Cpu cpu, int vector, Kind kind, boolean hasErrorCode, int errorCode) {
    cpu.system.pend(vector, kind, hasErrorCode, errorCode);
    cpu.system.pendingNew = true;
  }

  /**
   * Makes a fault wait that an exit reported and that is the guest's own. If it arose while an
   * exception was delivered, the two become what the processor makes of them.
   *
   * @return false if they are a triple fault
   */
  public static boolean reflect(Cpu cpu, int vector, int errorCode) {
    SystemRegisters system = cpu.system;
    boolean during = system.pendingKind == Kind.EXCEPTION;
    if (during && system.pendingVector == Vector.DF) {
      return false;
    }
    boolean doubled = during && makesDoubleFault(system.pendingVector, vector);
    system.pend(doubled ? Vector.DF : vector, Kind.EXCEPTION, true, doubled ? 0 : errorCode);
    return true;
  }

  /** Delivers the event that waits, if one does; called before the guest runs on. */
  public static void deliverPending(Cpu cpu) {
    SystemRegisters system = cpu.system;
    Kind kind = system.pendingKind;
    if (kind == null) {
      return;
    }
    system.pendingKind = null;
    if (system.pendingNew) {
      offer(cpu, system.pendingVector, system.pendingHasErrorCode, system.pendingErrorCode);
    }
    if (kind == Kind.EXCEPTION) {
      raiseOffered(cpu, system.pendingVector, system.pendingHasErrorCode, system.pendingErrorCode);
    } else if (kind == Kind.SOFTWARE) {
      deliverPendingSoftware(cpu, system.pendingVector, system.pendingLength);
    } else {
      deliver(cpu, system.pendingVector, kind);
    }
  }

  /** An event as of an instruction, which a monitor injects or whose delivery was interrupted. */
  private static void deliverPendingSoftware(Cpu cpu, int vector, int length) {
    cpu.nextRip = cpu.rip + length;
    try {
      attempt(cpu, vector, Kind.SOFTWARE, false, 0);
    } catch (ExitSignal exit) {
      cpu.system.pend(vector, Kind.SOFTWARE, false, 0);
      cpu.system.pendingLength = length;
      throw exit;
    } catch (GuestFault fault) {
      raise(cpu, fault.vector, fault.hasErrorCode, fault.errorCode);
    }
  }

  private static void attempt(Cpu cpu, int vector, Kind kind, boolean hasErrorCode, int errorCode) {
    long from = cpu.rip;
    cpu.system.delivering = true;
    try {
      enterHandler(cpu, vector, kind, hasErrorCode, errorCode);
    } finally {
      cpu.system.delivering = false;
    }
    if ((cpu.system.debugctl & BranchRecord.LBR) != 0) {
      cpu.system.branches.event(from, cpu.rip);
    }
  }

  private static void enterHandler(
      Cpu cpu, int vector, Kind kind, boolean hasErrorCode, int errorCode) {
    if (DescriptorTables.longMode(cpu)) {
      LongModeEvents.deliver(cpu, vector, kind, hasErrorCode, errorCode);
    } else if ((cpu.cr0 & Cr0.PE) != 0) {
      ProtectedModeEvents.deliver(cpu, vector, kind, hasErrorCode, errorCode);
    } else {
      RealModeEvents.deliver(cpu, vector, kind);
    }
    if (kind == Kind.NMI) {
      cpu.system.nmiBlocked = true;
    }
    cpu.system.endShadow();
  }

  /** The error code that names an IDT entry. */
  static int idtErrorCode(int vector, Kind kind) {
    return vector << 3 | 2 | kind.external();
  }

  /** The RIP that the handler returns to. */
  static long savedRip(Cpu cpu, Kind kind) {
    return kind.afterInstruction() ? cpu.nextRip : cpu.rip;
  }

  static void enter(Cpu cpu, long rip) {
    cpu.rip = rip;
    cpu.nextRip = rip;
  }
}

package dev.ringzero.cpu.system;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.system.Events.Kind;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.Vector;
import dev.ringzero.x86.instruction.Instruction;
import dev.ringzero.x86.instruction.Operand;

/**
 * Debug registers: breakpoints on instructions, data and ports, and single step.
 *
 * <p>Not modelled: transactional regions (RTM), bus locks.
 *
 * @spec Intel SDM Vol. 3B, "Debug Registers"; "Debug Exceptions"
 */
public final class DebugUnit {
  private static final long DR6_BREAKPOINTS = 0xF; // B0 … B3
  private static final long DR6_BD = 1L << 13; // Debug register access detected
  private static final long DR6_BS = 1L << 14; // Single step
  private static final long DR6_WRITABLE = 0xE00F;
  private static final long DR6_ONES = 0xFFFF_0FF0L;
  private static final long DR7_GD = 1L << 13; // General Detect Enable
  private static final long DR7_WRITABLE = 0xFFFF_23FFL;
  private static final long DR7_ONES = 1L << 10;
  private static final long DR7_ENABLES = 0xFF; // L0, G0 … L3, G3

  private static final int PAGE_BYTES = 4096;

  private static final int ON_EXECUTION = 0;
  private static final int ON_WRITE = 1;
  private static final int ON_PORT = 2;
  private static final int ON_ACCESS = 3;

  private DebugUnit() {}

  /** Whether any breakpoint is enabled. */
  public static boolean armed(Cpu cpu) {
    return (cpu.dr[7] & DR7_ENABLES) != 0;
  }

  /** Whether the run loop must call this unit around each instruction. */
  public static boolean watching(Cpu cpu) {
    return armed(cpu) || (cpu.systemFlags & Rflags.TF) != 0 || BranchRecord.watching(cpu);
  }

  /**
   * Before an instruction: raises #DB where a breakpoint lies on it and RF is clear.
   *
   * @param linear its linear address
   */
  public static void beforeInstruction(Cpu cpu, long linear) {
    if ((cpu.systemFlags & Rflags.RF) != 0 || cpu.system.stackShadow || !armed(cpu)) {
      return;
    }
    long hit = matches(cpu, linear, 1, 1 << ON_EXECUTION);
    if (hit != 0) {
      cpu.system.debugFaultStatus = hit;
      throw cpu.fault(Vector.DB);
    }
  }

  /**
   * After an instruction, with RIP moved on: delivers the debug traps that it caused.
   *
   * @param stepped whether TF was set when it began
   */
  public static void afterInstruction(Cpu cpu, boolean stepped) {
    if (!resumed(cpu)) {
      cpu.systemFlags &= ~Rflags.RF;
    }
    SystemRegisters system = cpu.system;
    if (stepped && !system.debugTrapTaken) {
      system.debugTrapStatus |= DR6_BS;
    }
    boolean held = system.stackShadow || cpu.level != null && cpu.level.takesDebugTraps();
    if (system.debugTrapStatus != 0 && !held) {
      deliverTraps(cpu);
    }
  }

  /** Delivers the debug traps that wait. */
  public static void deliverTraps(Cpu cpu) {
    long status = cpu.system.debugTrapStatus;
    cpu.system.debugTrapStatus = 0;
    report(cpu, status);
    Events.deliver(cpu, Vector.DB, Kind.DEBUG_TRAP);
  }

  /** Debug traps that wait, as DR6 bits. */
  public static long waitingTraps(Cpu cpu) {
    return cpu.system.debugTrapStatus;
  }

  /** Makes debug traps wait, as DR6 bits, and no others. */
  public static void waitingTraps(Cpu cpu, long status) {
    cpu.system.debugTrapStatus = status & (DR6_BREAKPOINTS | DR6_BS);
  }

  /** After an instruction that the monitor carried out: a single step waits for the next entry. */
  public static void afterEmulation(Cpu cpu) {
    boolean onBranches = (cpu.system.debugctl & BranchRecord.BTF) != 0;
    if ((cpu.systemFlags & Rflags.TF) != 0 && !onBranches) {
      report(cpu, DR6_BS);
      Events.inject(cpu, Vector.DB, Kind.DEBUG_TRAP, false, 0);
    }
  }

  private static boolean resumed(Cpu cpu) {
    boolean resumed = cpu.system.resumeFlagLoaded;
    cpu.system.resumeFlagLoaded = false;
    return resumed;
  }

  /** A data access: notes the breakpoints that it hits, for the end of the instruction. */
  public static void dataAccess(Cpu cpu, long linear, int sizeBytes, boolean write) {
    int kinds = write ? 1 << ON_WRITE | 1 << ON_ACCESS : 1 << ON_ACCESS;
    cpu.system.debugTrapStatus |= matches(cpu, linear, sizeBytes, kinds);
  }

  static void portAccess(Cpu cpu, int port, int sizeBytes) {
    if ((cpu.cr4 & Cr4.DE) != 0 && armed(cpu)) {
      cpu.system.debugTrapStatus |= matches(cpu, port, sizeBytes, 1 << ON_PORT);
    }
  }

  /** The breakpoints of some kinds that an access hits, as DR6 shows them. */
  private static long matches(Cpu cpu, long address, int sizeBytes, int kinds) {
    long hit = 0;
    for (int n = 0; n < 4; n++) {
      boolean enabled = (cpu.dr[7] >>> 2 * n & 3) != 0;
      int control = (int) (cpu.dr[7] >>> 16 + 4 * n);
      if (enabled && (kinds >>> (control & 3) & 1) != 0) {
        long watched = watchedBytes(control);
        long first = cpu.dr[n] & -watched;
        if (address <= first + watched - 1 && address + sizeBytes - 1 >= first) {
          hit |= 1L << n;
        }
      }
    }
    return hit;
  }

  private static long watchedBytes(int control) {
    return switch (control >>> 2 & 3) {
      case 0 -> 1;
      case 1 -> 2;
      case 2 -> 8;
      default -> 4;
    };
  }

  /** Why the #DB that is being raised is raised, as DR6 bits. */
  public static long causes(Cpu cpu) {
    return cpu.system.debugCauses;
  }

  /** The #DB that is being raised goes to the monitor: debug registers stay as they were. */
  public static void withdraw(Cpu cpu) {
    cpu.dr[6] = cpu.system.previousDr6;
    cpu.dr[7] = cpu.system.previousDr7;
    cpu.system.debugctl = cpu.system.previousDebugctl;
  }

  /** Puts the cause of a #DB fault, which is about to be delivered, into DR6. */
  static void reportFault(Cpu cpu) {
    report(cpu, cpu.system.debugFaultStatus);
    cpu.system.debugFaultStatus = 0;
  }

  /**
   * After SYSCALL or SYSRET, whose single step depends on the flags that they load: a step into a
   * kernel that masks TF is none, and the step over a call ends where it returns.
   */
  static void afterSystemCall(Cpu cpu) {
    cpu.system.debugTrapTaken = true;
    if ((cpu.systemFlags & Rflags.TF) != 0) {
      cpu.rip = cpu.nextRip;
      report(cpu, DR6_BS);
      Events.deliver(cpu, Vector.DB, Kind.DEBUG_TRAP);
    }
  }

  /** INT1 is a trap of its own: those that wait behind a load of SS are lost. */
  static void dropTraps(Cpu cpu) {
    cpu.system.debugTrapStatus = 0;
    cpu.system.debugTrapTaken = true;
    cpu.system.debugCauses = 0;
    cpu.system.previousDr6 = cpu.dr[6];
    cpu.system.previousDr7 = cpu.dr[7];
    cpu.system.previousDebugctl = cpu.system.debugctl;
  }

  /** Breakpoints are those of this exception alone, all other causes stay until software clears. */
  private static void report(Cpu cpu, long status) {
    cpu.system.debugCauses = status;
    cpu.system.previousDr6 = cpu.dr[6];
    cpu.system.previousDr7 = cpu.dr[7];
    cpu.system.previousDebugctl = cpu.system.debugctl;
    cpu.dr[6] = cpu.dr[6] & ~DR6_BREAKPOINTS | status;
    cpu.dr[7] &= ~DR7_GD;
    cpu.system.debugctl &= ~BranchRecord.BTF;
  }

  /** MOV to and from debug registers. */
  static void mov(Cpu cpu, Instruction i) {
    Privilege.requireSupervisor(cpu);
    int number = number(cpu, i.reg);
    if ((cpu.dr[7] & DR7_GD) != 0) {
      cpu.system.debugFaultStatus = DR6_BD;
      throw cpu.fault(Vector.DB);
    }
    if (i.operand(0).place() == Operand.Place.DEBUG) {
      write(cpu, number, cpu.codeSize == 64 ? cpu.gpr[i.rm] : cpu.gpr[i.rm] & 0xFFFF_FFFFL);
    } else {
      long value = cpu.dr[number];
      cpu.gpr[i.rm] = cpu.codeSize == 64 ? value : value & 0xFFFF_FFFFL;
    }
  }

  private static int number(Cpu cpu, int register) {
    boolean alias = register == 4 || register == 5;
    if (register > 7 || alias && (cpu.cr4 & Cr4.DE) != 0) {
      throw cpu.invalidOpcode();
    }
    return alias ? register + 2 : register;
  }

  private static void write(Cpu cpu, int number, long value) {
    if (number >= 6 && value >>> 32 != 0) {
      throw cpu.fault(Vector.GP, 0);
    }
    cpu.dr[number] =
        switch (number) {
          case 6 -> value & DR6_WRITABLE | DR6_ONES;
          case 7 -> value & DR7_WRITABLE | DR7_ONES;
          default -> value;
        };
    cpu.mmu.flushAll();
  }

  /** Whether a breakpoint on data lies in or next to this page, so that its accesses are shown. */
  public static boolean watches(Cpu cpu, long page) {
    return armed(cpu) && matches(cpu, page, PAGE_BYTES, 1 << ON_WRITE | 1 << ON_ACCESS) != 0;
  }
}

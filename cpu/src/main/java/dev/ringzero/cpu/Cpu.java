package dev.ringzero.cpu;

import dev.ringzero.cpu.floating.Environment;
import dev.ringzero.cpu.level.Intercept;
import dev.ringzero.cpu.level.Level;
import dev.ringzero.cpu.level.LevelExit;
import dev.ringzero.cpu.paging.Mmu;
import dev.ringzero.cpu.svm.SvmUnit;
import dev.ringzero.cpu.system.SystemRegisters;
import dev.ringzero.cpu.vmx.Vmx;
import dev.ringzero.engine.Clock;
import dev.ringzero.engine.Entropy;
import dev.ringzero.engine.ExitCounters;
import dev.ringzero.engine.InterruptSource;
import dev.ringzero.engine.ShortCalls;
import dev.ringzero.engine.VmExit;
import dev.ringzero.memory.IoBus;
import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.Vector;
import dev.ringzero.x86.instruction.Instruction;
import java.util.Set;

/**
 * The architectural state of one logical processor, and the units it is made of. Fields are plain:
 * instructions are static methods in the packages of their units and work on this state.
 */
public final class Cpu {
  public static final int RAX = 0, RCX = 1, RDX = 2, RBX = 3, RSP = 4, RBP = 5, RSI = 6, RDI = 7;

  /** Place in {@link #gpr} of the RIP of the first byte of the page that runs. */
  public static final int CODE_BASE = 18;

  public static final int ES = 0, CS = 1, SS = 2, DS = 3, FS = 4, GS = 5;

  /**
   * General registers 0 to 15. Index {@link Instruction#NONE} is always zero and {@link
   * Instruction#RIP} holds the address of the next instruction while one with a RIP-relative
   * operand runs, so that an effective address needs no case distinction. Index {@link #CODE_BASE}
   * is no register of the architecture.
   */
  public final long[] gpr = new long[19];

  /** Address of the running instruction, an offset in CS. */
  public long rip;

  /** Address of the instruction to run next. */
  public long nextRip;

  /** In an inner guest whose monitor asks: PAUSEs that run before one is offered to the level. */
  public int pausesLeft;

  /** What links between decoded blocks must have been made in, see the interpreter's Context. */
  public long codeContext;

  // Status flags, lazily: see Flags.

  /** Result of the last flag-setting operation, sign-extended to 64 bits: gives ZF, SF and PF. */
  public long flagResult;

  /**
   * Carries of the last flag-setting operation, and corrections: gives CF, OF and AF; see Flags.
   */
  public long flagCarries;

  /** RFLAGS without the status flags. */
  public long systemFlags = Rflags.FIXED;

  public long cr0, cr2, cr3, cr4, xcr0 = 1, efer;
  public final long[] dr = new long[8];

  /** Current privilege level, 0 to 3. */
  public int cpl;

  /** Default operand and address size of the code segment in bits: 16, 32, or 64 in 64-bit mode. */
  public int codeSize = 16;

  /** Visible and hidden parts of ES, CS, SS, DS, FS, GS (see the constants). */
  public final int[] selector = new int[6];

  public final long[] segmentBase = new long[6];
  public final long[] segmentLimit = new long[6];
  public final int[] segmentAccess = new int[6];

  /**
   * Vector registers: YMM n is elements {@code 4 n} (low) to {@code 4 n + 3} (high), for n from 0
   * to 15. The elements from 64 on are no state: there instructions put their memory operands.
   */
  public final long[] vector = new long[24 * 4];

  public int mxcsr = 0x1F80;

  /** Where floating-point vector instructions work; no state of its own between instructions. */
  public final Environment floating = new Environment();

  /** The x87 and MMX unit. */
  public final dev.ringzero.cpu.x87.X87 x87 = new dev.ringzero.cpu.x87.X87();

  /** Descriptor-table registers, MSRs and what else only system software sees. */
  public final SystemRegisters system = new SystemRegisters();

  // What the processor is wired to; set once, before it runs.
  /** Number of this processor, from 0; its initial APIC ID. */
  public int id;

  public IoBus io;
  public Clock clock;
  public Entropy entropy;
  public InterruptSource interrupts;
  public final ExitCounters exits = new ExitCounters();

  /**
   * Exceptions, software interrupts and system calls return to the monitor and never reach a
   * handler of the guest's: it runs at CPL 3 only.
   */
  public boolean eventsExit;

  /** Answers some of those system calls at once; null where each is to be seen as an exit. */
  public ShortCalls shortCalls;

  /** The executor has filled in {@link #exit} and returned, where others throw it. */
  public boolean exitWaits;

  /** PAUSE instructions so far; no state of the architecture. */
  public int pauses;

  /** What the monitor of the inner guest that runs asked for, null while none runs. */
  public Level level;

  /** VT-x. */
  public final Vmx vmx = new Vmx(this);

  /** No monitor that is a guest holds NMIs and interrupts back (SVM's global interrupt flag). */
  public boolean globalInterrupts = true;

  /** Room for one operand of up to 256 bits. */
  public final long[] wide = new long[4];

  public final VmExit exit = new VmExit();

  /** Reasons to leave the running instructions soon; raised by any thread. */
  public final Attention attention = new Attention();

  /** Who is told that an inner guest's timer may end its HLT. Any thread. */
  public volatile Runnable wakeListener = () -> {};

  /** The interrupt source had something to say and has not been asked since. */
  public boolean interruptWaits;

  /** Instructions of the table that this processor does not have. */
  public Set<Intercept> absent = Set.of();

  /** An NMI waits to be taken. */
  public boolean nmiWaits;

  /** One more waits behind it: of two that arrive while none is handled, both are delivered. */
  public boolean nmiQueued;

  /** Address translation and memory access. */
  public final Mmu mmu = new Mmu(this);

  /** AMD-V. */
  public final SvmUnit svm = new SvmUnit(this);

  private final GuestFault fault = new GuestFault();
  private final ExitSignal exitSignal = new ExitSignal();
  private final LevelExit levelExit = new LevelExit();

  // --- faults and exits

  /** An exception without error code: {@code throw cpu.fault(Vector.UD)}. */
  public GuestFault fault(int vector) {
    fault.vector = vector;
    fault.hasErrorCode = false;
    fault.errorCode = 0;
    return fault;
  }

  /** An exception with error code: {@code throw cpu.fault(Vector.GP, 0)}. */
  public GuestFault fault(int vector, int errorCode) {
    fault.vector = vector;
    fault.hasErrorCode = true;
    fault.errorCode = errorCode;
    return fault;
  }

  /** A VM exit: {@code throw cpu.exit(ExitReason.CPUID, 0, instruction.length)}. */
  public ExitSignal exit(ExitReason reason, long qualification, int instructionLength) {
    exit.reason = reason;
    exit.qualification = qualification;
    exit.instructionLength = instructionLength;
    return exitSignal;
  }

  /** An inner guest's exit to its monitor: {@code throw cpu.leaveLevel()}. */
  public LevelExit leaveLevel() {
    return levelExit;
  }

  /** Throws #UD. */
  public GuestFault invalidOpcode() {
    return fault(Vector.UD);
  }

  // --- effective addresses

  /** RIP of an offset in the page that runs. */
  public long codeAddress(long offset) {
    return codeOffset(gpr[CODE_BASE] + offset);
  }

  /** An offset in CS: EIP has 32 bits, also where code and its branches have 16. */
  public long codeOffset(long offset) {
    return codeSize == 64 ? offset : offset & 0xFFFF_FFFFL;
  }

  /** Offset of the memory operand in its segment, truncated to the address size. */
  public long offset(Instruction i) {
    long offset = gpr[i.base] + (gpr[i.index] << i.scale) + i.displacement;
    return switch (i.addressSize) {
      case 64 -> offset;
      case 32 -> offset & 0xFFFF_FFFFL;
      default -> offset & 0xFFFFL;
    };
  }
}

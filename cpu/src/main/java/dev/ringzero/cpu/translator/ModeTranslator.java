package dev.ringzero.cpu.translator;

import static dev.ringzero.cpu.translator.Assembler.NONE;
import static dev.ringzero.cpu.translator.Assembler.R13;
import static dev.ringzero.cpu.translator.Assembler.R14;

import dev.ringzero.cpu.translator.CheckedAccess.FlagCare;
import dev.ringzero.cpu.translator.PlainTranslator.Context;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.instruction.Instruction;

/**
 * Translates what reads or changes the processor's mode: flags other than status flags, system
 * calls, access to user pages; and looks after status flags around what loses them.
 */
final class ModeTranslator {
  private static final int JNE = 5;
  private static final int JS = 8;

  private final Assembler code;
  private final Stubs stubs;
  private final GuestBlock block;
  private final SavedFlags flags;
  private final StackTranslator stack;
  private final SystemTranslator system;
  private final InstructionCount counter;
  private final OutOfLine cold;
  private final boolean blockwise;

  ModeTranslator(
      Assembler code,
      Stubs stubs,
      GuestBlock block,
      SavedFlags flags,
      StackTranslator stack,
      SystemTranslator system,
      InstructionCount counter,
      OutOfLine cold,
      boolean blockwise) {
    this.code = code;
    this.stubs = stubs;
    this.block = block;
    this.flags = flags;
    this.stack = stack;
    this.system = system;
    this.counter = counter;
    this.cold = cold;
    this.blockwise = blockwise;
  }

  /**
   * PUSHF; the flags are in the state block afterwards, and in the host if they are wanted there.
   */
  boolean pushFlags(Instruction i, int k) {
    if (i.operandSize != 64) {
      return false;
    }
    flags.save();
    code.call(stubs.readFlags);
    code.store(R13, StateBlock.SCRATCH + 16);
    stack.pushScratch(StateBlock.SCRATCH + 16, lostFlags(k));
    if (block.liveness.hostFlagsBefore(k + 1)) {
      FlagTransfer.toHost(code);
    }
    return true;
  }

  /** POPF; false if it is for the interpreter. */
  boolean popFlags(Instruction i, int k) {
    if (i.operandSize != 64 || blockwise) {
      return false;
    }
    stack.readScratch(lostFlags(k));
    code.storeImmediate32(block.offsets[k], StateBlock.RIP_OFFSET);
    code.call(stubs.system.popFlags(block.user()));
    stack.release(0);
    bringBack(k);
    return true;
  }

  /** Puts the flags, which are new and in the state block, where they are wanted. */
  private void bringBack(int k) {
    if (block.liveness.hostFlagsBefore(k + 1) || block.liveness.exitFlagsBefore(k + 1)) {
      FlagTransfer.toHost(code);
    }
  }

  /** CLI; false if it is for the interpreter. */
  boolean clearInterruptFlag() {
    if (block.user()) {
      return false;
    }
    code.storeImmediate32(0, StateBlock.INTERRUPT_FLAG);
    return true;
  }

  /**
   * STI, where no interrupt waits for it. The block does not end here, so that nothing is delivered
   * before the next instruction.
   */
  boolean setInterruptFlag(int k) {
    if (block.user() || k + 1 == block.count) {
      return false;
    }
    boolean keep = block.liveness.hostFlagsBefore(k);
    if (keep) {
      FlagTransfer.toAx(code);
    } else if (block.liveness.exitFlagsBefore(k)) {
      flags.save();
    }
    code.compareWithZero32(StateBlock.INTERRUPT_WAITS);
    code.jumpIf(JNE, 0);
    int jump = code.position() - 4;
    if (keep) {
      FlagTransfer.fromAx(code);
    }
    code.storeImmediate32((int) Rflags.IF, StateBlock.INTERRUPT_FLAG);
    code.storeImmediate32(block.offsets[k + 1], StateBlock.SHADOW_OFFSET);
    leaveFrom(jump, k, keep);
    return true;
  }

  /** Where a branch leads that leaves an instruction to the interpreter. */
  private void leaveFrom(int jump, int k, boolean flagsInAx) {
    cold.add(() -> {
      code.patch(jump, code.position());
      if (flagsInAx) {
        FlagTransfer.axToState(code);
      }
      counter.leave(block.offsets[k]);
      code.storeImmediate32(block.offsets[k], StateBlock.RIP_OFFSET);
      stubs.leaveWith(ExitKind.SPECIAL);
    });
  }

  /** PAUSE, until those that run as they are have been used up. */
  boolean pause(int k) {
    boolean keep = block.liveness.hostFlagsBefore(k);
    if (keep) {
      FlagTransfer.toAx(code);
    } else if (block.liveness.exitFlagsBefore(k)) {
      flags.save();
    }
    code.gs(0, 0xFF, 1, StateBlock.PAUSES_LEFT); // dec
    code.jumpIf(JS, 0);
    int jump = code.position() - 4;
    if (keep) {
      FlagTransfer.fromAx(code);
    }
    code.bytes(0xF3, 0x90);
    leaveFrom(jump, k, keep);
    return true;
  }

  /** SYSCALL, SYSRET, STAC and CLAC; false if they are for the interpreter. */
  boolean change(Ordinary.Kind kind, Instruction i, int k) {
    boolean user = block.user();
    TranslationMode mode = block.page.mode;
    return switch (kind) {
      case SYSCALL -> user && !block.narrow() && goThrough(k, stubs.system.syscall(mode));
      case SYSRET -> !user && i.operandSize == 64 && goThrough(k, stubs.system.sysret(mode));
      case STAC -> !user && goThrough(k, stubs.system.accessControl(mode, true));
      case CLAC -> !user && goThrough(k, stubs.system.accessControl(mode, false));
      default -> false;
    };
  }

  /** Leaves the block through a stub that wants flags saved and the next address in R14. */
  private boolean goThrough(int k, int stub) {
    flags.save();
    code.storeImmediate32(block.offsets[k], StateBlock.RIP_OFFSET);
    code.load(R14, StateBlock.PAGE_BASE);
    code.lea(R14, R14, NONE, 0, block.offsets[k + 1]);
    code.jump(stub);
    return true;
  }

  /** What loses flags in the middle of a block. */
  boolean system(Instruction i, Ordinary.Kind kind, int k) {
    if (blockwise) {
      return false; // what is compared ends here
    }
    if (block.liveness.hostFlagsBefore(k + 1) || block.liveness.exitFlagsBefore(k + 1)) {
      flags.save();
    }
    boolean done =
        switch (kind) {
          case STRING -> system.string(i, block.view(), block.offsets[k]);
          case TIME_STAMP -> system.timeStamp(i, block.offsets[k]);
          case READ_BASE -> system.readBase(i, block.offsets[k]);
          case WRITE_BASE -> system.writeBase(i, block.offsets[k]);
          default -> system.readSelector(i);
        };
    if (done && FlagLiveness.written(i.form) != 0) {
      bringBack(k);
    } else if (done && block.liveness.hostFlagsBefore(k + 1)) {
      FlagTransfer.toHost(code);
    }
    return done;
  }

  /** SWAPGS; false if it is for the interpreter. */
  boolean swapGs() {
    if (block.user()) {
      return false;
    }
    code.call(stubs.system.swapGs);
    return true;
  }

  private Context lostFlags(int k) {
    return new Context(block.view(), block.bytes, block.offsets[k], FlagCare.NONE);
  }
}

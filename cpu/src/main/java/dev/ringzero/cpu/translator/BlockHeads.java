package dev.ringzero.cpu.translator;

import static dev.ringzero.cpu.translator.Assembler.NONE;
import static dev.ringzero.cpu.translator.Assembler.R14;

/** Emits the ways into a block, the poll, and the check that vector registers are loaded. */
final class BlockHeads {
  private static final int JE = 4;
  private static final int JNE = 5;

  private final Assembler code;
  private final Stubs stubs;
  private final OutOfLine cold;
  private final SavedFlags flags;

  /** Every block polls, and a poll counts ATTENTION down to zero. */
  private final boolean blockwise;

  BlockHeads(Assembler code, Stubs stubs, OutOfLine cold, SavedFlags flags, boolean blockwise) {
    this.code = code;
    this.stubs = stubs;
    this.cold = cold;
    this.flags = flags;
    this.blockwise = blockwise;
  }

  /** Emits the heads of a block and enters them into its page. */
  void emit(GuestBlock block) {
    int offset = block.offsets[0];
    boolean wantedInHost = block.liveness.hostFlagsBefore(0);
    boolean wantedAtExit = block.liveness.exitFlagsBefore(0);
    int indirect = code.position();
    code.lea(R14, R14, NONE, 0, -offset);
    code.store(R14, StateBlock.PAGE_BASE);
    int saved = code.position();
    int direct = code.position();
    flags.saved = true;
    if (wantedInHost) {
      FlagTransfer.toHost(code);
      direct = code.position();
      flags.saved = false;
    } else if (wantedAtExit) {
      code.bytes(0xEB, 0); // jmp over the saving of flags
      int over = code.position();
      direct = code.position();
      FlagTransfer.toState(code);
      code.patchByte(over - 1, code.position() - over);
    }
    emitPoll(offset, wantedInHost);
    int polled = code.position();
    boolean flagsAtExitOnly = wantedAtExit && !wantedInHost;
    if (block.crossing != null) {
      block.page.addCrossing(offset, block.crossing, indirect);
    } else {
      block.page.add(
          offset,
          direct,
          flagsAtExitOnly || blockwise ? direct : polled,
          saved,
          wantedInHost || blockwise ? saved : polled,
          indirect);
    }
    if (block.page.mode.vectors() && block.usesVectors()) {
      emitVectorCheck(offset, wantedInHost);
    }
  }

  private void emitPoll(int offset, boolean keepFlags) {
    if (keepFlags) {
      FlagTransfer.toAx(code);
    }
    if (blockwise) {
      code.decrement32(StateBlock.ATTENTION);
    } else {
      code.compareWithZero32(StateBlock.ATTENTION);
    }
    int jump = branch(blockwise ? JE : JNE, keepFlags);
    cold.add(() -> {
      leaveHere(jump, offset, keepFlags);
      stubs.leaveWith(ExitKind.POLL);
    });
  }

  private void emitVectorCheck(int offset, boolean keepFlags) {
    if (keepFlags) {
      FlagTransfer.toAx(code);
    }
    code.compareWithZero32(StateBlock.VECTORS_LOADED);
    int jump = branch(JE, keepFlags);
    int back = code.position();
    cold.add(() -> {
      leaveHere(jump, offset, keepFlags);
      code.call(stubs.loadVectors);
      if (keepFlags) {
        FlagTransfer.toHost(code);
      }
      code.jump(back);
    });
  }

  private int branch(int condition, boolean keepFlags) {
    code.jumpIf(condition, 0);
    int jump = code.position() - 4;
    if (keepFlags) {
      FlagTransfer.fromAx(code);
    }
    return jump;
  }

  private void leaveHere(int jump, int offset, boolean keepFlags) {
    code.patch(jump, code.position());
    if (keepFlags) {
      FlagTransfer.axToState(code);
    }
    code.storeImmediate32(offset, StateBlock.RIP_OFFSET);
  }
}

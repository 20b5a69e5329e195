package dev.ringzero.cpu.translator;

import static dev.ringzero.cpu.translator.Assembler.NONE;
import static dev.ringzero.cpu.translator.Assembler.R13;
import static dev.ringzero.cpu.translator.Assembler.R14;

import dev.ringzero.cpu.translator.CheckedAccess.FlagCare;
import dev.ringzero.cpu.translator.PlainTranslator.Context;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.instruction.Decoder;
import dev.ringzero.x86.instruction.Instruction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Translates one block of guest code: from an offset in a page along the straight path, past
 * conditional jumps that are not taken, to the first instruction that always leaves it.
 *
 * <p>Nothing that is emitted holds an address of the guest or of a vCPU: guest RIP is PAGE_BASE of
 * the state block plus a constant.
 */
final class BlockTranslator {
  static final int MAX_INSTRUCTIONS = 64;

  private static final int LOOK_AHEAD = 8;
  private static final int PAGE_BYTES = 4096;
  private static final int JE = 4;
  private static final int JNE = 5;

  private final Assembler code;
  private final Stubs stubs;
  private final AccessSites sites;
  private final Ordinary ordinary;
  private final CheckedAccess access;
  private final PlainTranslator plain;
  private final StackTranslator stack;
  private final DivisionTranslator division;
  private final SystemTranslator system;
  private final InstructionCount counter;
  private final BlockRecords records;

  /** Every block polls, and a poll counts ATTENTION down to zero. */
  private final boolean blockwise;

  private final FlagLiveness liveness = new FlagLiveness();
  private final Decoder decoder = new Decoder();
  private final Instruction ahead = new Instruction();

  private final Instruction[] instructions = new Instruction[MAX_INSTRUCTIONS];
  private final int[] offsets = new int[MAX_INSTRUCTIONS + 1];
  private final int[] positions = new int[MAX_INSTRUCTIONS];
  private final List<Runnable> cold = new ArrayList<>();
  private int count;

  /** The last instruction of the page crosses its end. */
  private boolean endsInNextPage;

  /** The page in which the only instruction of the block ends, or null. */
  private TranslatedPage crossing;

  private TranslatedPage page;
  private byte[] bytes;

  /** The flags that are wanted at an exit are in the state block. */
  private boolean flagsSaved;

  BlockTranslator(
      Assembler code,
      Stubs stubs,
      AccessSites sites,
      Ordinary ordinary,
      InstructionCount counter,
      BlockRecords records,
      boolean blockwise) {
    this.blockwise = blockwise;
    this.code = code;
    this.stubs = stubs;
    this.sites = sites;
    this.ordinary = ordinary;
    this.counter = counter;
    this.records = records;
    access = new CheckedAccess(code, stubs, sites, counter);
    plain = new PlainTranslator(code, access);
    stack = new StackTranslator(code, access);
    division = new DivisionTranslator(code, access, stubs, counter);
    system = new SystemTranslator(code, stubs, sites, counter);
    Arrays.setAll(instructions, i -> new Instruction());
  }

  /**
   * Translates the block at an offset and enters it into the page.
   *
   * @param bytes what the page holds
   * @return number of guest bytes
   */
  int translate(TranslatedPage page, byte[] bytes, int offset) {
    this.page = page;
    this.bytes = bytes;
    crossing = null;
    decodeBlock(offset);
    return emit(offset);
  }

  /**
   * Translates an instruction that crosses the page's end, as a block of its own.
   *
   * @param bytes what the page holds, and the start of the one behind it
   * @return number of guest bytes
   */
  int translateCrossing(TranslatedPage page, byte[] bytes, int offset, TranslatedPage behind) {
    this.page = page;
    this.bytes = bytes;
    crossing = behind;
    offsets[0] = offset;
    count = 0;
    int length = decoder.decode(bytes, offset, Decoder.MAX_LENGTH, 64, instructions[0]);
    if (length > 0) {
      count = 1;
      offsets[1] = offset + length;
    }
    return emit(offset);
  }

  private int emit(int offset) {
    analyzeFlags();
    int start = code.position();
    emitHeads(offset);
    counter.begin();
    emitBody();
    counter.end();
    int bodyEnd = code.position();
    access.emitCold();
    division.emitCold();
    system.finish();
    cold.forEach(Runnable::run);
    cold.clear();
    records.add(page.number, start, bodyEnd, code.position(), count, offsets, positions);
    return offsets[count] - offset;
  }

  // --- what is in the block

  private void decodeBlock(int start) {
    count = 0;
    endsInNextPage = false;
    int offset = start;
    offsets[0] = start;
    while (count < MAX_INSTRUCTIONS) {
      offsets[count] = offset;
      Instruction i = instructions[count];
      int length = decoder.decode(bytes, offset, PAGE_BYTES - offset, 64, i);
      if (length <= 0) {
        endsInNextPage = length == Decoder.NEEDS_MORE;
        return;
      }
      count++;
      offset += length;
      offsets[count] = offset;
      if (endsBlock(i) || offset >= PAGE_BYTES) {
        return;
      }
    }
  }

  private boolean endsBlock(Instruction i) {
    return switch (ordinary.kind(i.form)) {
      case SPECIAL, CALL, RET, JMP, SYSCALL, SYSRET, STAC, CLAC -> true;
      case VECTOR -> !page.mode.vectors();
      default -> false;
    };
  }

  private void analyzeFlags() {
    int host = 0;
    int exit = FlagLiveness.ALL;
    if (count > 0) {
      Instruction last = instructions[count - 1];
      if (ordinary.kind(last.form) == Ordinary.Kind.JMP && !last.hasMemory() && isRelative(last)) {
        host = wantedAt(offsets[count] + last.immediate);
      }
    }
    liveness.end(count, host, exit);
    for (int k = count - 1; k >= 0; k--) {
      Instruction i = instructions[k];
      boolean conditional = ordinary.kind(i.form) == Ordinary.Kind.JCC;
      long target = offsets[k + 1] + i.immediate;
      boolean leaves = conditional && (target < 0 || target >= PAGE_BYTES);
      liveness.before(k, i, conditional ? wantedAt(target) : 0, leaves ? FlagLiveness.ALL : 0);
      switch (ordinary.kind(i.form)) {
        case SPECIAL, SYSCALL, SYSRET, STAC, CLAC -> liveness.end(k, 0, FlagLiveness.ALL);
        default -> {}
      }
    }
  }

  private static boolean isRelative(Instruction i) {
    return i.form.operands[0].place() == dev.ringzero.x86.instruction.Operand.Place.RELATIVE;
  }

  /** Flags that code at this offset of the page wants to find in the host's RFLAGS. */
  private int wantedAt(long target) {
    if (target < 0 || target >= PAGE_BYTES) {
      return 0; // leaves the page: the flags travel in the state block
    }
    int offset = (int) target;
    int open = FlagLiveness.ALL;
    int wanted = 0;
    for (int n = 0; n < LOOK_AHEAD && open != 0; n++) {
      int length = decoder.decode(bytes, offset, PAGE_BYTES - offset, 64, ahead);
      if (length <= 0 || endsBlock(ahead) || ordinary.kind(ahead.form) == Ordinary.Kind.JCC) {
        return FlagLiveness.ALL;
      }
      wanted |= FlagLiveness.read(ahead) & open;
      open &= ~FlagLiveness.killed(ahead);
      offset += length;
    }
    return wanted | open;
  }

  // --- the ways in

  private void emitHeads(int offset) {
    boolean wantedInHost = liveness.hostFlagsBefore(0);
    boolean wantedAtExit = liveness.exitFlagsBefore(0);
    int indirect = code.position();
    code.lea(R14, R14, NONE, 0, -offset);
    code.store(R14, StateBlock.PAGE_BASE);
    int saved = code.position();
    int direct;
    if (wantedInHost) {
      FlagTransfer.toHost(code);
      direct = code.position();
      flagsSaved = false;
    } else if (wantedAtExit) {
      code.bytes(0xEB, 0); // jmp over the saving of flags
      int over = code.position();
      direct = code.position();
      FlagTransfer.toState(code);
      code.patchByte(over - 1, code.position() - over);
      flagsSaved = true;
    } else {
      direct = code.position();
      flagsSaved = true;
    }
    emitPoll(offset, wantedInHost);
    int polled = code.position();
    boolean flagsAtExitOnly = wantedAtExit && !wantedInHost;
    if (crossing != null) {
      page.addCrossing(offset, crossing, indirect);
    } else {
      page.add(
          offset,
          direct,
          flagsAtExitOnly || blockwise ? direct : polled,
          saved,
          wantedInHost || blockwise ? saved : polled,
          indirect);
    }
    if (page.mode.vectors() && usesVectors()) {
      emitVectorCheck(offset, wantedInHost);
    }
  }

  private boolean usesVectors() {
    for (int k = 0; k < count; k++) {
      if (ordinary.kind(instructions[k].form) == Ordinary.Kind.VECTOR) {
        return true;
      }
    }
    return false;
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
    code.bytes(0x0F, 0x80 | (blockwise ? JE : JNE));
    code.dword(0);
    int jump = code.position() - 4;
    if (keepFlags) {
      FlagTransfer.fromAx(code);
    }
    cold.add(() -> {
      code.patch(jump, code.position());
      if (keepFlags) {
        FlagTransfer.axToState(code);
      }
      code.storeImmediate32(offset, StateBlock.RIP_OFFSET);
      stubs.leaveWith(ExitKind.POLL);
    });
  }

  private void emitVectorCheck(int offset, boolean keepFlags) {
    if (keepFlags) {
      FlagTransfer.toAx(code);
    }
    code.compareWithZero32(StateBlock.VECTORS_LOADED);
    code.bytes(0x0F, 0x80 | JE);
    code.dword(0);
    int jump = code.position() - 4;
    if (keepFlags) {
      FlagTransfer.fromAx(code);
    }
    int back = code.position();
    cold.add(() -> {
      code.patch(jump, code.position());
      if (keepFlags) {
        FlagTransfer.axToState(code);
      }
      code.storeImmediate32(offset, StateBlock.RIP_OFFSET);
      code.call(stubs.loadVectors);
      if (keepFlags) {
        FlagTransfer.toHost(code);
      }
      code.jump(back);
    });
  }

  // --- the instructions

  private void emitBody() {
    for (int k = 0; k < count; k++) {
      Instruction i = instructions[k];
      positions[k] = code.position();
      counter.instruction(offsets[k]);
      if (!emitInstruction(i, k)) {
        counter.takeBack();
        count = k + 1;
        emitSpecial(offsets[k]);
        return;
      }
      if (ordinary.kind(i.form) == Ordinary.Kind.JCC) {
        counter.end();
      }
      if (FlagLiveness.written(i.form) != 0) {
        flagsSaved = false;
      }
      if (endsBlock(i)) {
        return;
      }
    }
    if (crossing == null && endsInNextPage) {
      leavePage(offsets[count]); // to the block of that instruction alone
    } else if (offsets[count] < PAGE_BYTES && count == MAX_INSTRUCTIONS) {
      jumpTo(offsets[count], offsets[count - 1]);
    } else if (offsets[count] >= PAGE_BYTES) {
      leavePage(offsets[count]);
    } else {
      emitSpecial(offsets[count]); // an invalid instruction, or one that crosses the page's end
    }
  }

  private boolean emitInstruction(Instruction i, int k) {
    Ordinary.Kind kind = ordinary.kind(i.form);
    if (kind == Ordinary.Kind.SPECIAL || kind == Ordinary.Kind.VECTOR && !page.mode.vectors()) {
      return false;
    }
    int start = code.position();
    boolean savedBefore = flagsSaved;
    Context context = new Context(page.mode.view(), bytes, offsets[k], careAt(i, k));
    boolean done =
        switch (kind) {
          case PLAIN, VECTOR -> plain.emit(i, context);
          case LEA -> plain.lea(i, offsets[k]);
          case NOTHING -> true;
          case PUSH -> stack.push(i, context);
          case POP -> stack.pop(i, context);
          case LEAVE -> stack.leave(i, context);
          case CALL -> call(i, k);
          case RET -> ret(i, k);
          case JMP -> jump(i, k);
          case JCC -> conditional(i, k);
          case DIVISION -> division.divide(i, context);
          case PUSHF -> pushFlags(i, k);
          case CLI -> clearInterruptFlag();
          case STI -> setInterruptFlag(k);
          case SYSCALL -> user() && goThrough(k, stubs.system.syscall(page.mode));
          case SYSRET ->
              !user() && i.operandSize == 64 && goThrough(k, stubs.system.sysret(page.mode));
          case STAC -> !user() && goThrough(k, stubs.system.accessControl(page.mode, true));
          case CLAC -> !user() && goThrough(k, stubs.system.accessControl(page.mode, false));
          case SWAPGS -> swapGs();
          case STRING, TIME_STAMP, READ_BASE, WRITE_BASE, READ_SELECTOR -> system(i, kind, k);
          case SPECIAL -> false;
        };
    if (!done) {
      access.forget(start);
      division.forget(start);
      code.position(start);
      flagsSaved = savedBefore;
    }
    return done;
  }

  /** Looks after flags that a memory access of this instruction would destroy. */
  private FlagCare careAt(Instruction i, int k) {
    boolean mayAccess =
        switch (ordinary.kind(i.form)) {
          case PUSH, POP, LEAVE, DIVISION -> true;
          case PLAIN, VECTOR -> i.hasMemory();
          default -> false;
        };
    if (!mayAccess) {
      return FlagCare.NONE;
    }
    if (liveness.hostFlagsBefore(k)) {
      return FlagCare.KEEP;
    }
    if (liveness.exitFlagsBefore(k)) {
      saveFlags();
    }
    return FlagCare.NONE;
  }

  private void saveFlags() {
    if (!flagsSaved) {
      FlagTransfer.toState(code);
      flagsSaved = true;
    }
  }

  /**
   * PUSHF; the flags are in the state block afterwards, and in the host if they are wanted there.
   */
  private boolean pushFlags(Instruction i, int k) {
    if (i.operandSize != 64) {
      return false;
    }
    saveFlags();
    code.call(stubs.readFlags);
    code.store(R13, StateBlock.SCRATCH + 16);
    stack.pushScratch(StateBlock.SCRATCH + 16, lostFlags(k));
    if (liveness.hostFlagsBefore(k + 1)) {
      FlagTransfer.toHost(code);
    }
    return true;
  }

  private boolean clearInterruptFlag() {
    if (user()) {
      return false;
    }
    code.storeImmediate32(0, StateBlock.INTERRUPT_FLAG);
    return true;
  }

  /**
   * STI, where no interrupt waits for it. The block does not end here, so that nothing is delivered
   * before the next instruction.
   */
  private boolean setInterruptFlag(int k) {
    if (user() || k + 1 == count) {
      return false;
    }
    boolean keep = liveness.hostFlagsBefore(k);
    if (keep) {
      FlagTransfer.toAx(code);
    } else if (liveness.exitFlagsBefore(k)) {
      saveFlags();
    }
    code.compareWithZero32(StateBlock.INTERRUPT_WAITS);
    code.jumpIf(JNE, 0);
    int jump = code.position() - 4;
    if (keep) {
      FlagTransfer.fromAx(code);
    }
    code.storeImmediate32((int) Rflags.IF, StateBlock.INTERRUPT_FLAG);
    cold.add(() -> {
      code.patch(jump, code.position());
      if (keep) {
        FlagTransfer.axToState(code);
      }
      counter.leave(offsets[k]);
      code.storeImmediate32(offsets[k], StateBlock.RIP_OFFSET);
      stubs.leaveWith(ExitKind.SPECIAL);
    });
    return true;
  }

  private boolean user() {
    return page.mode.view() == View.USER;
  }

  /** Leaves the block through a stub that wants flags saved and the next address in R14. */
  private boolean goThrough(int k, int stub) {
    saveFlags();
    code.storeImmediate32(offsets[k], StateBlock.RIP_OFFSET);
    code.load(R14, StateBlock.PAGE_BASE);
    code.lea(R14, R14, NONE, 0, offsets[k + 1]);
    code.jump(stub);
    return true;
  }

  /** What loses flags in the middle of a block. */
  private boolean system(Instruction i, Ordinary.Kind kind, int k) {
    if (blockwise) {
      return false; // what is compared ends here
    }
    if (liveness.hostFlagsBefore(k + 1) || liveness.exitFlagsBefore(k + 1)) {
      saveFlags();
    }
    boolean done =
        switch (kind) {
          case STRING -> system.string(i, page.mode.view(), offsets[k]);
          case TIME_STAMP -> system.timeStamp(i, offsets[k]);
          case READ_BASE -> system.readBase(i, offsets[k]);
          case WRITE_BASE -> system.writeBase(i, offsets[k]);
          default -> system.readSelector(i);
        };
    if (done && liveness.hostFlagsBefore(k + 1)) {
      FlagTransfer.toHost(code);
    }
    return done;
  }

  private boolean swapGs() {
    if (user()) {
      return false;
    }
    code.call(stubs.system.swapGs);
    return true;
  }

  private Context lostFlags(int k) {
    return new Context(page.mode.view(), bytes, offsets[k], FlagCare.NONE);
  }

  private boolean call(Instruction i, int k) {
    if (i.operandSize != 64) {
      return false;
    }
    saveFlags();
    int next = offsets[k + 1];
    if (isRelative(i)) {
      stack.pushAddress(next, lostFlags(k));
      jumpTo(next + i.immediate, offsets[k]);
      return true;
    }
    if (!loadTarget(i, k)) {
      return false;
    }
    code.store(R14, StateBlock.SCRATCH + 16);
    stack.pushAddress(next, lostFlags(k));
    code.load(R14, StateBlock.SCRATCH + 16);
    code.jump(stubs.jump(page.mode));
    return true;
  }

  private boolean ret(Instruction i, int k) {
    if (i.operandSize != 64) {
      return false;
    }
    saveFlags();
    int release = i.form.operands.length == 0 ? 0 : (int) i.immediate & 0xFFFF;
    stack.popTarget(release, lostFlags(k));
    code.jump(stubs.jump(page.mode));
    return true;
  }

  private boolean jump(Instruction i, int k) {
    if (isRelative(i)) {
      if (i.operandSize == 16) {
        return false;
      }
      jumpTo(offsets[k + 1] + i.immediate, offsets[k]);
      return true;
    }
    if (i.operandSize != 64) {
      return false;
    }
    saveFlags();
    if (!loadTarget(i, k)) {
      return false;
    }
    code.jump(stubs.jump(page.mode));
    return true;
  }

  /** Puts the target of an indirect jump into R14. Flags are lost. */
  private boolean loadTarget(Instruction i, int k) {
    if (!i.hasMemory()) {
      if (Displaced.inMemory(i.rm)) {
        code.load(R14, Displaced.slot(i.rm));
      } else {
        code.move(R14, Displaced.host(i.rm));
      }
      access.requireCanonical(offsets[k]);
      return true;
    }
    int restart = code.position();
    if (!access.address(i, offsets[k + 1])) {
      return false;
    }
    access.emit(page.mode.view(), false, 8, false, FlagCare.NONE, offsets[k], restart);
    code.bytes(0x4F, 0x8B, 0x34, 0x3E); // mov r14, [r14 + r15]
    access.requireCanonical(offsets[k]);
    return true;
  }

  private boolean conditional(Instruction i, int k) {
    if (i.operandSize == 16) {
      return false;
    }
    long target = offsets[k + 1] + i.immediate;
    int condition = i.form.condition;
    if (target >= 0 && target < PAGE_BYTES) {
      boolean backward = target <= offsets[k];
      int known = page.inner((int) target, false, backward);
      code.alignForPatch(2);
      if (known != TranslatedPage.NONE) {
        code.jumpIf(condition, known);
        return true;
      }
      code.bytes(0x0F, 0x80 | condition);
      chainLater((int) target, false, backward);
      return true;
    }
    code.bytes(0x0F, 0x80 | condition);
    code.dword(0);
    int patch = code.position() - 4;
    boolean saved = flagsSaved;
    cold.add(() -> {
      code.patch(patch, code.position());
      if (!saved) {
        FlagTransfer.toState(code);
      }
      loadJump(target);
    });
    return true;
  }

  // --- the ways out

  /**
   * Goes on at an offset from the page's start, which may lie in another page.
   *
   * @param from offset of the instruction that goes there
   */
  private void jumpTo(long target, int from) {
    if (target < 0 || target >= PAGE_BYTES) {
      leavePage(target);
      return;
    }
    boolean backward = target <= from;
    int known = page.inner((int) target, flagsSaved, backward);
    code.alignForPatch(1);
    if (known != TranslatedPage.NONE) {
      code.jump(known);
      return;
    }
    code.bytes(0xE9);
    chainLater((int) target, flagsSaved, backward);
  }

  private void leavePage(long target) {
    saveFlags();
    loadJump(target);
  }

  private void loadJump(long target) {
    code.load(R14, StateBlock.PAGE_BASE);
    code.lea(R14, R14, NONE, 0, (int) target);
    code.jump(stubs.jump(page.mode));
  }

  /** Emits a rel32 that goes to an exit until the block at {@code target} is there. */
  private void chainLater(int target, boolean saved, boolean backward) {
    int patch = code.position();
    code.dword(0);
    int site = sites.chain(patch, target, saved, backward, page.number);
    cold.add(() -> {
      code.patch(patch, code.position());
      if (!saved) {
        FlagTransfer.toState(code);
      }
      code.storeImmediate32(site, StateBlock.SITE);
      stubs.leaveWith(ExitKind.CHAIN);
    });
  }

  private void emitSpecial(int offset) {
    saveFlags();
    code.storeImmediate32(offset, StateBlock.RIP_OFFSET);
    stubs.leaveWith(ExitKind.SPECIAL);
  }
}

package dev.ringzero.cpu.translator;

import dev.ringzero.cpu.translator.CheckedAccess.FlagCare;
import dev.ringzero.cpu.translator.PlainTranslator.Context;
import dev.ringzero.x86.instruction.Instruction;

/**
 * Translates one block of guest code: from an offset in a page along the straight path, past
 * conditional jumps that are not taken, to the first instruction that always leaves it.
 *
 * <p>Nothing that is emitted holds an address of the guest or of a vCPU: guest RIP is PAGE_BASE of
 * the state block plus a constant.
 */
final class BlockTranslator {
  private final Assembler code;
  private final Stubs stubs;
  private final CheckedAccess access;
  private final PlainTranslator plain;
  private final StackTranslator stack;
  private final DivisionTranslator division;
  private final SystemTranslator system;
  private final MxcsrTranslator mxcsr;
  private final StringTranslator strings;
  private final X87Translator x87;
  private final ModeTranslator modes;
  private final Transfers transfers;
  private final BlockHeads heads;
  private final InstructionCount counter;
  private final BlockRecords records;
  private final GuestBlock block;
  private final SavedFlags flags;
  private final OutOfLine cold = new OutOfLine();
  private final int[] positions = new int[GuestBlock.MAX_INSTRUCTIONS];

  BlockTranslator(
      Assembler code,
      Stubs stubs,
      AccessSites sites,
      Ordinary ordinary,
      InstructionCount counter,
      BlockRecords records,
      boolean blockwise) {
    this.code = code;
    this.stubs = stubs;
    this.counter = counter;
    this.records = records;
    block = new GuestBlock(ordinary);
    flags = new SavedFlags(code);
    access = new CheckedAccess(code, stubs, sites, counter, cold);
    plain = new PlainTranslator(code, access);
    stack = new StackTranslator(code, access, block);
    division = new DivisionTranslator(code, access, stubs, counter);
    system = new SystemTranslator(code, stubs, sites, counter);
    modes = new ModeTranslator(code, stubs, block, flags, stack, system, counter, cold, blockwise);
    mxcsr = new MxcsrTranslator(code, stubs, block, access, flags);
    strings = new StringTranslator(code, access);
    x87 = new X87Translator(code, stubs, sites, block, access, plain, flags, counter, cold);
    transfers = new Transfers(code, stubs, sites, block, access, stack, flags, cold);
    heads = new BlockHeads(code, stubs, cold, flags, blockwise);
  }

  /**
   * Translates the block at an offset and enters it into the page.
   *
   * @param bytes what the page holds
   * @return number of guest bytes
   */
  int translate(TranslatedPage page, byte[] bytes, int offset) {
    block.read(page, bytes, offset);
    return emit();
  }

  /** Tells which bytes of a page decide what is emitted from now on. */
  void watcher(GuestBlock.Watcher told) {
    block.watcher(told);
  }

  /**
   * Translates an instruction that crosses the page's end, as a block of its own.
   *
   * @param bytes what the page holds, and the start of the one behind it
   * @return number of guest bytes
   */
  int translateCrossing(TranslatedPage page, byte[] bytes, int offset, TranslatedPage behind) {
    block.readCrossing(page, bytes, offset, behind);
    return emit();
  }

  private int emit() {
    int start = code.position();
    heads.emit(block);
    counter.begin();
    access.known().forget();
    x87.begin();
    emitBody();
    counter.end();
    int bodyEnd = code.position();
    cold.emit();
    division.emitCold();
    access.emitCold();
    system.finish();
    records.add(
        block.page.number, start, bodyEnd, code.position(), block.count, block.offsets, positions);
    return block.end() - block.offsets[0];
  }

  private void emitBody() {
    for (int k = 0; k < block.count; k++) {
      Instruction i = block.instruction(k);
      positions[k] = code.position();
      counter.instruction(block.offsets[k]);
      if (!emitInstruction(i, k)) {
        counter.takeBack();
        block.count = k + 1;
        emitSpecial(block.offsets[k]);
        return;
      }
      if (block.isConditional(i)) {
        counter.end();
      }
      if (FlagLiveness.written(i.form) != 0) {
        flags.saved = false;
      }
      if (block.endsAt(i)) {
        return;
      }
    }
    fallOff();
  }

  private void fallOff() {
    int end = block.end();
    if (block.crossing == null && block.endsInNextPage) {
      flags.save();
      transfers.leavePage(end, end); // to the block of that instruction alone
    } else if (end >= GuestBlock.PAGE_BYTES || block.count == GuestBlock.MAX_INSTRUCTIONS) {
      transfers.goTo(end, block.offsets[block.count - 1]);
    } else {
      emitSpecial(end); // an invalid instruction, or one that crosses the page's end
    }
  }

  private boolean emitInstruction(Instruction i, int k) {
    Ordinary.Kind kind = block.kind(k);
    boolean vectors = block.page.mode.vectors();
    boolean vector =
        switch (kind) {
          case VECTOR, LOAD_MXCSR, STORE_MXCSR -> true;
          default -> false;
        };
    if (kind == Ordinary.Kind.SPECIAL || vector && !vectors) {
      return false;
    }
    if (!usesPair(kind)) {
      access.known().forget();
    }
    int start = code.position();
    boolean savedBefore = flags.saved;
    boolean done = emit(i, k, kind);
    if (done) {
      keepTrack(i, kind);
    } else {
      access.forget(start);
      division.forget(start);
      code.position(start);
      flags.saved = savedBefore;
    }
    return done;
  }

  /** Whether what is known of R14 and R15 may be used by an instruction, and holds until then. */
  private static boolean usesPair(Ordinary.Kind kind) {
    return switch (kind) {
      case PLAIN, VECTOR, X87, MMX, LEA, PUSH, POP, LEAVE, CALL, RET, JMP, DIVISION, NOTHING, JCC ->
          true;
      default -> false;
    };
  }

  /** Keeps what is known of R14 and R15 true. */
  private void keepTrack(Instruction i, Ordinary.Kind kind) {
    switch (kind) {
      case PLAIN, VECTOR, X87, MMX, LEA -> access.known().after(i);
      case PUSH, POP -> stack.keepTrack(i, kind == Ordinary.Kind.PUSH);
      case NOTHING, JCC -> {}
      default -> access.known().forget();
    }
  }

  private boolean emit(Instruction i, int k, Ordinary.Kind kind) {
    Context context = new Context(block.view(), block.bytes, block.offsets[k], careAt(i, k));
    return switch (kind) {
      case PLAIN, VECTOR -> plain.emit(i, context);
      case X87 -> x87.x87(i, context, k);
      case MMX -> x87.mmx(i, context, k);
      case LEA -> plain.lea(i, block.offsets[k]);
      case NOTHING -> true;
      case PREFETCH -> prefetch(i, context);
      case PUSH -> stack.push(i, context);
      case POP -> stack.pop(i, context);
      case LEAVE -> stack.leave(i, context);
      case CALL -> transfers.call(i, k);
      case RET -> transfers.ret(i, k);
      case JMP -> transfers.jump(i, k);
      case JCC -> transfers.conditional(i, k);
      case SERIALIZE -> transfers.serialize(k);
      case DIVISION -> division.divide(i, context);
      case PUSHF -> modes.pushFlags(i, k);
      case POPF -> modes.popFlags(i, k);
      case XLAT -> strings.translate(i, context);
      case OFFSET -> strings.offset(i, context);
      case LOOP -> transfers.counted(i, k);
      case LOAD_MXCSR -> mxcsr.load(i, context, k);
      case STORE_MXCSR -> mxcsr.store(i, context);
      case CLI -> modes.clearInterruptFlag();
      case STI -> modes.setInterruptFlag(k);
      case PAUSE -> modes.pause(k);
      case SYSCALL, SYSRET, STAC, CLAC -> modes.change(kind, i, k);
      case SWAPGS -> modes.swapGs();
      case STRING -> i.rep || i.repne ? modes.system(i, kind, k) : strings.single(i, context);
      case TIME_STAMP, READ_BASE, WRITE_BASE, READ_SELECTOR -> modes.system(i, kind, k);
      case SPECIAL -> false;
    };
  }

  private boolean prefetch(Instruction i, Context context) {
    GuestAddress address = GuestAddress.of(i, context.offset() + i.length);
    if (address == null) {
      return true; // only a hint
    }
    boolean write = i.form.meaning.equals("PREFETCHW");
    boolean keep = context.care() == FlagCare.KEEP;
    if (keep) {
      FlagTransfer.toState(code);
    }
    access.hint(address, block.view(), () -> code.prefetch(write ? 0x0D : 0x18, write ? 1 : i.reg));
    if (keep) {
      FlagTransfer.toHost(code);
    }
    return true;
  }

  /** Looks after flags that a memory access of this instruction would destroy. */
  private FlagCare careAt(Instruction i, int k) {
    boolean mayAccess =
        switch (block.kind(k)) {
          case PUSH, POP, LEAVE, DIVISION, PREFETCH, XLAT, OFFSET, STORE_MXCSR -> true;
          case STRING -> !i.rep && !i.repne;
          case PLAIN, VECTOR, X87, MMX -> i.hasMemory();
          default -> false;
        };
    if (!mayAccess) {
      return FlagCare.NONE;
    }
    if (block.liveness.hostFlagsBefore(k)) {
      return FlagCare.KEEP;
    }
    if (block.liveness.exitFlagsBefore(k)) {
      flags.save();
    }
    return FlagCare.NONE;
  }

  private void emitSpecial(int offset) {
    flags.save();
    code.storeImmediate32(offset, StateBlock.RIP_OFFSET);
    stubs.leaveWith(ExitKind.SPECIAL);
  }
}

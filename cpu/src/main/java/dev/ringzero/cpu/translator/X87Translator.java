package dev.ringzero.cpu.translator;

import static dev.ringzero.cpu.translator.Assembler.R13;
import static dev.ringzero.cpu.translator.Assembler.R14;

import dev.ringzero.cpu.translator.CheckedAccess.FlagCare;
import dev.ringzero.cpu.translator.PlainTranslator.Context;
import dev.ringzero.x86.instruction.Instruction;
import dev.ringzero.x86.instruction.Operand;

/**
 * Translates x87 and MMX instructions, which run on the host's unit while all exceptions are
 * masked. The first of a block requires that the guest's state is there. The host's own pointers to
 * the last instruction and operand are host addresses and stay unread; the guest's are noted behind
 * each instruction.
 *
 * <p>Not modelled natively: what reads or writes the whole environment, FNINIT, MASKMOVQ,
 * conversions between MMX and XMM registers; all of it while an exception is unmasked.
 */
final class X87Translator {
  private static final int JE = 4;

  private final Assembler code;
  private final Stubs stubs;
  private final AccessSites sites;
  private final GuestBlock block;
  private final CheckedAccess access;
  private final PlainTranslator plain;
  private final SavedFlags flags;
  private final InstructionCount counter;
  private final OutOfLine cold;
  private final RawEncoding raw = new RawEncoding();

  /** From here on the guest's state is in the unit. */
  private boolean ready;

  /** From here on the page of the last instruction is that of the block. */
  private boolean pageNoted;

  X87Translator(
      Assembler code,
      Stubs stubs,
      AccessSites sites,
      GuestBlock block,
      CheckedAccess access,
      PlainTranslator plain,
      SavedFlags flags,
      InstructionCount counter,
      OutOfLine cold) {
    this.code = code;
    this.stubs = stubs;
    this.sites = sites;
    this.block = block;
    this.access = access;
    this.plain = plain;
    this.flags = flags;
    this.counter = counter;
    this.cold = cold;
  }

  /** A block begins. */
  void begin() {
    ready = false;
    pageNoted = false;
  }

  /** An MMX instruction; false if it is for the interpreter. */
  boolean mmx(Instruction i, Context context, int k) {
    if (i.hasMemory() && GuestAddress.of(i, context.offset() + i.length) == null) {
      return false;
    }
    requireState(k);
    return plain.emit(i, context);
  }

  /** An x87 instruction; false if it is for the interpreter. */
  boolean x87(Instruction i, Context context, int k) {
    GuestAddress address = i.hasMemory() ? GuestAddress.of(i, context.offset() + i.length) : null;
    if (i.hasMemory() && address == null) {
      return false;
    }
    requireState(k);
    switch (i.form.meaning) {
      case "FWAIT" -> {} // nothing waits
      case "FLDCW" -> loadControl(address, context, k);
      case "FNSTCW", "FNSTSW", "FNCLEX" -> operate(i, address, context);
      default -> {
        operate(i, address, context);
        note(address, context.offset());
      }
    }
    return true;
  }

  private void requireState(int k) {
    if (ready) {
      return;
    }
    ready = true;
    access.known().forget();
    boolean keep = block.liveness.hostFlagsBefore(k);
    if (!keep && block.liveness.exitFlagsBefore(k)) {
      flags.save();
    }
    int check = code.position();
    if (keep) {
      FlagTransfer.toAx(code);
    }
    code.compareWithZero32(StateBlock.X87_LOADED);
    code.jumpIf(JE, 0);
    int absent = code.position() - 4;
    if (keep) {
      FlagTransfer.fromAx(code);
    }
    int offset = block.offsets[k];
    cold.add(() -> {
      code.patch(absent, code.position());
      if (keep) {
        FlagTransfer.axToState(code);
      }
      int site = sites.access(offset, 0, counter.uncounted(offset));
      code.storeImmediate32(site, StateBlock.SITE);
      stubs.leaveWith(ExitKind.X87);
      sites.position(site, code.position());
      if (keep) {
        FlagTransfer.toHost(code);
      }
      code.jump(check);
    });
  }

  private void operate(Instruction i, GuestAddress address, Context context) {
    raw.parse(context.page(), context.offset(), i);
    if (address == null) {
      code.bytes(raw.opcode, Assembler.modrm(3, i.reg, i.rm));
      return;
    }
    check(i, address, context, context.care());
    code.bytes(0x43, raw.opcode, Assembler.modrm(0, i.reg, 4), 0x3E); // of [r14 + r15]
  }

  private void check(Instruction i, GuestAddress address, Context context, FlagCare care) {
    Operand memory = OperandSizes.memory(i);
    access.check(
        address,
        context.view(),
        memory.written(),
        OperandSizes.bytes(memory, i),
        false,
        care,
        context.offset());
  }

  private void loadControl(GuestAddress address, Context context, int k) {
    boolean wantedInHost = block.liveness.hostFlagsBefore(k + 1);
    if (wantedInHost || block.liveness.exitFlagsBefore(k + 1)) {
      flags.save();
    }
    check(block.instruction(k), address, context, FlagCare.NONE);
    code.bytes(0x47, 0x0F, 0xB7, 0x2C); // movzx r13d, word [r14 + r15]
    code.bytes(0x3E);
    code.storeImmediate32(context.offset(), StateBlock.RIP_OFFSET);
    code.call(stubs.loadX87Control);
    access.known().forget();
    if (wantedInHost) {
      FlagTransfer.toHost(code);
    }
  }

  /** Notes where this instruction and its operand are. R13 is lost. */
  private void note(GuestAddress address, int offset) {
    code.storeImmediate32(offset, StateBlock.X87_OFFSET);
    if (!pageNoted) {
      pageNoted = true;
      code.load(R13, StateBlock.PAGE_BASE);
      code.store(R13, StateBlock.X87_PAGE);
    }
    if (address == null) {
      return;
    }
    boolean standIn = address.index() != Instruction.NONE && Displaced.inMemory(address.index());
    if (standIn) {
      access.known().forget();
    }
    access.effectiveAddress(address, R13, R13, R14);
    code.store(R13, StateBlock.X87_DATA);
  }
}

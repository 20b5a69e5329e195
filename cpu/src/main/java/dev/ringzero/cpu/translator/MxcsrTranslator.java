package dev.ringzero.cpu.translator;

import dev.ringzero.cpu.translator.CheckedAccess.FlagCare;
import dev.ringzero.cpu.translator.PlainTranslator.Context;
import dev.ringzero.x86.instruction.Instruction;

/**
 * Translates LDMXCSR and STMXCSR, in code for which the vector registers are loaded: MXCSR is the
 * host's then. A value that unmasks an exception is for the interpreter.
 */
final class MxcsrTranslator {
  private static final int BYTES = 4;

  private final Assembler code;
  private final Stubs stubs;
  private final GuestBlock block;
  private final CheckedAccess access;
  private final SavedFlags flags;

  MxcsrTranslator(
      Assembler code, Stubs stubs, GuestBlock block, CheckedAccess access, SavedFlags flags) {
    this.code = code;
    this.stubs = stubs;
    this.block = block;
    this.access = access;
    this.flags = flags;
  }

  /** LDMXCSR; false if it is for the interpreter. */
  boolean load(Instruction i, Context context, int k) {
    GuestAddress address = GuestAddress.of(i, context.offset() + i.length);
    if (address == null) {
      return false;
    }
    boolean wantedInHost = block.liveness.hostFlagsBefore(k + 1);
    if (wantedInHost || block.liveness.exitFlagsBefore(k + 1)) {
      flags.save();
    }
    check(address, false, context, FlagCare.NONE);
    code.bytes(0x47, 0x8B, 0x2C, 0x3E); // mov r13d, [r14 + r15]
    code.storeImmediate32(context.offset(), StateBlock.RIP_OFFSET);
    code.call(stubs.system.loadMxcsr);
    if (wantedInHost) {
      FlagTransfer.toHost(code);
    }
    return true;
  }

  /** STMXCSR; false if it is for the interpreter. */
  boolean store(Instruction i, Context context) {
    GuestAddress address = GuestAddress.of(i, context.offset() + i.length);
    if (address == null) {
      return false;
    }
    check(address, true, context, context.care());
    code.bytes(0x43, 0x0F, 0xAE, Assembler.modrm(0, 3, 4)); // stmxcsr [r14 + r15]
    code.bytes(0x3E);
    return true;
  }

  private void check(GuestAddress address, boolean write, Context context, FlagCare care) {
    access.check(address, context.view(), write, BYTES, false, care, context.offset());
  }
}

package dev.ringzero.cpu.translator;

import static dev.ringzero.cpu.translator.Assembler.NONE;
import static dev.ringzero.cpu.translator.Assembler.R14;
import static dev.ringzero.cpu.translator.Assembler.RCX;
import static dev.ringzero.cpu.translator.Assembler.RSP;

import dev.ringzero.cpu.translator.CheckedAccess.FlagCare;
import dev.ringzero.cpu.translator.PlainTranslator.Context;
import dev.ringzero.x86.instruction.Instruction;

/**
 * Translates what goes elsewhere: calls, returns, jumps, and falling off the end of a block. Jumps
 * within a page are linked to their targets; direct ones to other pages are linked behind a look at
 * the code TLB ({@link PageCrossing}); all others look their target up in the jump cache. A call is
 * one on the host's stack too, so that its return is one there, and predicted as one.
 */
final class Transfers {
  private static final int JB = 2;
  private static final int JNE = 5;

  private final Assembler code;
  private final Stubs stubs;
  private final AccessSites sites;
  private final CheckedAccess access;
  private final StackTranslator stack;
  private final SavedFlags flags;
  private final OutOfLine cold;
  private final PageCrossing crossing;
  private final GuestBlock block;

  Transfers(
      Assembler code,
      Stubs stubs,
      AccessSites sites,
      GuestBlock block,
      CheckedAccess access,
      StackTranslator stack,
      SavedFlags flags,
      OutOfLine cold) {
    this.code = code;
    this.stubs = stubs;
    this.sites = sites;
    this.block = block;
    this.access = access;
    this.stack = stack;
    this.flags = flags;
    this.cold = cold;
    crossing = new PageCrossing(code, stubs, sites, cold);
  }

  private int stub() {
    return stubs.jump(block.page.mode);
  }

  private Context lostFlags(int k) {
    return new Context(block.view(), block.bytes, block.offsets[k], FlagCare.NONE);
  }

  /** CALL; false if it is for the interpreter. */
  boolean call(Instruction i, int k) {
    if (i.operandSize != i.codeSize) {
      return false;
    }
    flags.save();
    int next = block.offsets[k + 1];
    boolean relative = GuestBlock.isRelative(i);
    if (!relative) {
      if (!loadTarget(i, k)) {
        return false;
      }
      code.store(R14, StateBlock.SCRATCH + 16);
      access.known().forget();
    }
    stack.pushAddress(next, lostFlags(k));
    requireRoom();
    if (relative) {
      callDirect(next + i.immediate, block.offsets[k]);
    } else {
      code.load(R14, StateBlock.SCRATCH + 16);
      code.pushR13();
      code.call(stub());
    }
    land(next);
    return true;
  }

  /** Drops what the host's stack holds if there is no room for more. */
  private void requireRoom() {
    code.gs(0x48, 0x3B, RSP, StateBlock.HOST_STACK_LIMIT); // cmp rsp, limit
    code.jumpIf(JB, 0);
    int full = code.position() - 4;
    int back = code.position();
    cold.add(() -> {
      code.patch(full, code.position());
      code.load(RSP, StateBlock.HOST_RSP);
      code.jump(back);
    });
  }

  /** Calls a place of this or of another page, with the guest's return address in R13. */
  private void callDirect(long target, int from) {
    if (GuestBlock.isInPage(target)) {
      boolean backward = target <= from;
      int known = block.page.inner((int) target, true, backward);
      if (known != TranslatedPage.NONE) {
        code.pushR13();
        code.call(known);
      } else {
        code.alignForPatch(3);
        code.pushR13();
        code.bytes(0xE8);
        chainLater((int) target, true, backward);
      }
      return;
    }
    code.pushR13();
    code.call(0);
    int patch = code.position() - 4;
    cold.add(() -> {
      code.patch(patch, code.position());
      leavePage(target, from);
    });
  }

  /** Where the return of a call goes on: R14 is the guest's return address. */
  private void land(int next) {
    code.release(8);
    code.lea(R14, R14, NONE, 0, -next);
    code.store(R14, StateBlock.PAGE_BASE);
    goTo(next, 0);
  }

  /** RET; false if it is for the interpreter. */
  boolean ret(Instruction i, int k) {
    if (i.operandSize != i.codeSize) {
      return false;
    }
    flags.save();
    int release = i.form.operands.length == 0 ? 0 : (int) i.immediate & 0xFFFF;
    stack.readTarget(lostFlags(k));
    code.compareWithExpected();
    code.jumpIf(JNE, 0);
    int unexpected = code.position() - 4;
    stack.release(release);
    code.ret();
    cold.add(() -> {
      code.patch(unexpected, code.position());
      access.requireCanonical(block.offsets[k]);
      stack.release(release);
      code.load(RSP, StateBlock.HOST_RSP);
      code.jump(stub());
    });
    return true;
  }

  /** JMP; false if it is for the interpreter. */
  boolean jump(Instruction i, int k) {
    if (GuestBlock.isRelative(i)) {
      if (i.operandSize == 16) {
        return false;
      }
      goTo(block.offsets[k + 1] + i.immediate, block.offsets[k]);
      return true;
    }
    if (i.operandSize != i.codeSize) {
      return false;
    }
    flags.save();
    if (!loadTarget(i, k)) {
      return false;
    }
    code.jump(stub());
    return true;
  }

  /** SERIALIZE: stores are seen by all, and the next instruction runs behind a poll. */
  boolean serialize(int k) {
    int next = block.offsets[k + 1];
    code.bytes(0x0F, 0xAE, 0xF0); // mfence
    goTo(next, next);
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
      if (block.narrow()) {
        code.move32(R14, R14);
      } else {
        access.requireCanonical(block.offsets[k]);
      }
      return true;
    }
    GuestAddress address = GuestAddress.of(i, block.offsets[k + 1]);
    if (address == null) {
      return false;
    }
    int bytes = block.page.mode.slotBytes();
    access.check(address, block.view(), false, bytes, false, FlagCare.NONE, block.offsets[k]);
    code.bytes(block.narrow() ? 0x47 : 0x4F, 0x8B, 0x34, 0x3E); // mov r14, [r14 + r15]
    access.requireCanonical(block.offsets[k]);
    return true;
  }

  /** A conditional jump; false if it is for the interpreter. */
  boolean conditional(Instruction i, int k) {
    if (i.operandSize == 16) {
      return false;
    }
    long target = block.offsets[k + 1] + i.immediate;
    int condition = i.form.condition;
    if (GuestBlock.isInPage(target)) {
      boolean backward = target <= block.offsets[k];
      int known = block.page.inner((int) target, false, backward);
      if (known != TranslatedPage.NONE) {
        code.jumpIf(condition, known);
        return true;
      }
      code.alignForPatch(2);
      code.bytes(0x0F, 0x80 | condition);
      chainLater((int) target, false, backward);
      return true;
    }
    code.jumpIf(condition, 0);
    int patch = code.position() - 4;
    boolean saved = flags.saved;
    cold.add(() -> {
      code.patch(patch, code.position());
      if (!saved) {
        FlagTransfer.toState(code);
      }
      leavePage(target, block.offsets[k]);
    });
    return true;
  }

  /** JRCXZ, LOOP and its kin; false if it is for the interpreter. Flags stay. */
  boolean counted(Instruction i, int k) {
    boolean counts = !i.form.meaning.equals("JRCXZ");
    if (i.operandSize == 16 || !counts && i.addressSize != 64) {
      return false;
    }
    if (counts && i.addressSize == 64) {
      code.lea(RCX, RCX, NONE, 0, -1);
    } else if (counts) {
      code.bytes(0x8D, Assembler.modrm(1, RCX, RCX), -1); // lea ecx, [rcx - 1]
    }
    switch (i.form.meaning) {
      case "JRCXZ" -> skipUnless(2, 0xEB);
      case "LOOPE" -> skipUnless(7, 0x75); // jne
      case "LOOPNE" -> skipUnless(7, 0x74); // je
      default -> {
        code.alignForPatch(3);
        code.bytes(0xE3, 5); // jrcxz over
      }
    }
    jumpAside(block.offsets[k + 1] + i.immediate, block.offsets[k]);
    return true;
  }

  /** {@code jrcxz} so far, and another short jump over the next five bytes. */
  private void skipUnless(int distance, int opcode) {
    code.alignForPatch(5);
    code.bytes(0xE3, distance, opcode, 5);
  }

  /** A jump of five bytes. */
  private void jumpAside(long target, int from) {
    boolean saved = flags.saved;
    if (GuestBlock.isInPage(target)) {
      int known = block.page.inner((int) target, saved, target <= from);
      if (known != TranslatedPage.NONE) {
        code.jump(known);
      } else {
        code.bytes(0xE9);
        chainLater((int) target, saved, target <= from);
      }
      return;
    }
    code.jump(0);
    int patch = code.position() - 4;
    cold.add(() -> {
      code.patch(patch, code.position());
      if (!saved) {
        FlagTransfer.toState(code);
      }
      leavePage(target, from);
    });
  }

  /**
   * Goes on at an offset from the page's start, which may lie in another page.
   *
   * @param from offset of the instruction that goes there
   */
  void goTo(long target, int from) {
    if (!GuestBlock.isInPage(target)) {
      flags.save();
      leavePage(target, from);
      return;
    }
    boolean backward = target <= from;
    int known = block.page.inner((int) target, flags.saved, backward);
    if (known != TranslatedPage.NONE) {
      code.jump(known);
      return;
    }
    code.alignForPatch(1);
    code.bytes(0xE9);
    chainLater((int) target, flags.saved, backward);
  }

  /** Goes on in another page, or at an instruction that ends there. Flags are saved. */
  void leavePage(long target, int from) {
    if (GuestBlock.isInPage(target)) {
      code.load(R14, StateBlock.PAGE_BASE);
      code.lea(R14, R14, NONE, 0, (int) target);
      code.jump(stub());
    } else {
      crossing.emit(block, target, target <= from);
    }
  }

  /** Emits a rel32 that goes to an exit until the block at {@code target} is there. */
  private void chainLater(int target, boolean saved, boolean backward) {
    int patch = code.position();
    code.dword(0);
    int site = sites.chain(patch, target, saved, backward, block.page.number);
    cold.add(() -> {
      code.patch(patch, code.position());
      if (!saved) {
        FlagTransfer.toState(code);
      }
      code.storeImmediate32(site, StateBlock.SITE);
      stubs.leaveWith(ExitKind.CHAIN);
    });
  }
}

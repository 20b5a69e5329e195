package dev.ringzero.cpu.translator;

import static dev.ringzero.cpu.translator.Assembler.NONE;
import static dev.ringzero.cpu.translator.Assembler.R13;
import static dev.ringzero.cpu.translator.Assembler.R14;
import static dev.ringzero.cpu.translator.Assembler.R15;

import dev.ringzero.x86.instruction.Instruction;
import java.util.ArrayList;
import java.util.List;

/**
 * The one place that emits the way from a guest address to host memory. After {@link #emit} the
 * access is {@code [r14 + r15]}: R14 is an offset below 4096, masked so that also a mispredicted
 * branch cannot reach beyond the page, and R15 the host page that the TLB named for this address,
 * this right and this view.
 */
final class CheckedAccess {
  private static final int JA = 7;
  private static final int JNZ = 5;

  /** What to do about status flags, which the check destroys. */
  enum FlagCare {
    /** Nobody wants them. */
    NONE,
    /** Keep them in the host's RFLAGS. */
    KEEP
  }

  /**
   * Code out of the way; {@code stub} is what to call, or 0 where the interpreter must take over.
   */
  private record Cold(
      int jump, boolean keepFlags, int stub, int ripOffset, int size, int restart) {}

  private final Assembler code;
  private final Stubs stubs;
  private final AccessSites sites;
  private final InstructionCount counter;
  private final List<Cold> cold = new ArrayList<>();

  CheckedAccess(Assembler code, Stubs stubs, AccessSites sites, InstructionCount counter) {
    this.code = code;
    this.stubs = stubs;
    this.sites = sites;
    this.counter = counter;
  }

  /**
   * Puts the linear address of the memory operand into R14; false if that needs the interpreter.
   */
  boolean address(Instruction i, int nextOffset) {
    if (!effectiveAddress(i, nextOffset, R14)) {
      return false;
    }
    segment(i.segment);
    return true;
  }

  /** As {@link #address}, but the offset in the segment, into any register. */
  boolean effectiveAddress(Instruction i, int nextOffset, int destination) {
    if (i.addressSize != 64) {
      return false;
    }
    if (i.base == Instruction.RIP) {
      long distance = nextOffset + i.displacement;
      if (distance != (int) distance) {
        return false;
      }
      code.load(R14, StateBlock.PAGE_BASE);
      code.lea(destination, R14, NONE, 0, (int) distance);
    } else {
      if (i.displacement != (int) i.displacement) {
        return false;
      }
      int base = register(i.base, R14);
      int index = register(i.index, R15);
      if (base != NONE && index == NONE && i.displacement == 0) {
        if (base != destination) {
          code.move(destination, base);
        }
      } else {
        code.lea(destination, base, index, i.scale, (int) i.displacement);
      }
    }
    return true;
  }

  private int register(int guest, int standIn) {
    if (guest == Instruction.NONE) {
      return NONE;
    }
    if (Displaced.inMemory(guest)) {
      code.load(standIn, Displaced.slot(guest));
      return standIn;
    }
    return Displaced.host(guest);
  }

  private void segment(int segment) {
    if (segment >= 4) {
      code.load(R15, segment == 4 ? StateBlock.FS_BASE : StateBlock.GS_BASE);
      code.lea(R14, R14, R15, 0, 0);
    }
  }

  /**
   * Turns the linear address in R14 into a checked host address.
   *
   * @param restart position at which the computation of R14 began
   * @param aligned whether an address that is not a multiple of the size needs the interpreter
   */
  void emit(
      View view,
      boolean write,
      int size,
      boolean aligned,
      FlagCare care,
      int ripOffset,
      int restart) {
    int tags = view.tlb() + (write ? StateBlock.WRITE_TAG : StateBlock.READ_TAG);
    boolean keep = care == FlagCare.KEEP;
    counter.access();
    if (keep) {
      FlagTransfer.toAx(code);
    }
    int sum = keep ? R14 : R13;
    code.rotateRight32(R15, R14, 12 - StateBlock.ENTRY_SHIFT);
    code.andImmediate32(R15, StateBlock.TLB_INDEX_MASK);
    if (!keep) {
      code.move(R13, R14);
    }
    code.gsAt(0x03, sum, R15, tags); // add the tag
    code.compareImmediate(sum, 4096 - size);
    cold.add(
        new Cold(forwardJump(JA), keep, stubs.miss(view, write, keep), ripOffset, size, restart));
    code.andImmediate32(R14, 4095);
    if (aligned && size > 1) {
      code.bytes(0x41, 0xF6, 0xC6, size - 1); // test r14b, size - 1
      cold.add(new Cold(forwardJump(JNZ), keep, 0, ripOffset, size, restart));
    }
    code.gsAt(0x8B, R15, R15, view.tlb() + StateBlock.HOST_PAGE);
    if (keep) {
      FlagTransfer.fromAx(code);
    }
  }

  /**
   * Lets the interpreter run the instruction at this offset if the jump target in R14 is not
   * canonical: the instruction faults, not its target. Flags and R15 are lost.
   */
  void requireCanonical(int ripOffset) {
    code.rotateRight64(R15, R14, 47); // the low 17 bits are now those that must be equal
    code.bytes(0x41, 0xFF, 0xC7); // inc r15d
    code.bytes(0x41, 0xF7, 0xC7); // test r15d, imm32
    code.dword(0x1FFFE);
    cold.add(new Cold(forwardJump(JNZ), false, 0, ripOffset, 0, 0));
  }

  private int forwardJump(int condition) {
    code.bytes(0x0F, 0x80 | condition);
    code.dword(0);
    return code.position() - 4;
  }

  /** Takes back what was emitted from this position on. */
  void forget(int position) {
    cold.removeIf(c -> c.jump >= position);
  }

  /** Emits what runs when a check of the block failed; once, behind the block. */
  void emitCold() {
    for (Cold c : cold) {
      code.patch(c.jump, code.position());
      if (c.keepFlags) {
        FlagTransfer.axToState(code);
      }
      if (c.stub == 0) {
        counter.leave(c.ripOffset);
        code.storeImmediate32(c.ripOffset, StateBlock.RIP_OFFSET);
        stubs.leaveWith(ExitKind.SPECIAL);
        continue;
      }
      int site = sites.access(c.ripOffset, c.size, counter.uncounted(c.ripOffset));
      code.storeImmediate32(site, StateBlock.SITE);
      code.call(c.stub);
      sites.position(site, code.position());
      if (c.keepFlags) {
        FlagTransfer.toHost(code);
      }
      code.jump(c.restart);
    }
    cold.clear();
  }
}

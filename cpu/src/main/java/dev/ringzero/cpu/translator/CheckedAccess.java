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
  private final OutOfLine far;
  private final KnownPage known = new KnownPage();

  CheckedAccess(
      Assembler code, Stubs stubs, AccessSites sites, InstructionCount counter, OutOfLine far) {
    this.far = far;
    this.code = code;
    this.stubs = stubs;
    this.sites = sites;
    this.counter = counter;
  }

  /** What is known of R14 and R15 between instructions. */
  KnownPage known() {
    return known;
  }

  /**
   * Makes {@code [r14 + r15]} the operand at an address.
   *
   * @param aligned whether an address that is not a multiple of the size needs the interpreter
   */
  void check(
      GuestAddress address,
      View view,
      boolean write,
      int size,
      boolean aligned,
      FlagCare care,
      int ripOffset) {
    if (known.isNear(address, write)) {
      near(address, view, size, aligned, care, ripOffset);
      known.set(address, size, known.write());
    } else {
      int restart = code.position();
      address(address);
      emit(view, write, size, aligned, care, ripOffset, restart);
      known.set(address, size, write);
    }
  }

  /** The page is that of the access before, unless this one leaves it. */
  private void near(
      GuestAddress address, View view, int size, boolean aligned, FlagCare care, int ripOffset) {
    int distance = known.distance(address);
    counter.access();
    if (distance == 0 && size <= known.sizeBytes() && !aligned) {
      return;
    }
    boolean keep = care == FlagCare.KEEP;
    if (keep) {
      FlagTransfer.toAx(code);
    }
    if (distance != 0) {
      code.lea(R14, R14, NONE, 0, distance);
    }
    code.compareImmediate(R14, 4096 - size);
    int jump = forwardJump(JA);
    code.andImmediate32(R14, 4095);
    requireAlignment(aligned, size, keep, ripOffset);
    if (keep) {
      FlagTransfer.fromAx(code);
    }
    int back = code.position();
    boolean write = known.write();
    far.add(() -> {
      code.patch(jump, code.position());
      if (keep) {
        FlagTransfer.axToState(code);
      }
      int restart = code.position();
      address(address);
      int marked = write ? size | AccessSites.UNLESS_WRITABLE : size;
      lookUp(view, write, size, FlagCare.NONE, ripOffset, marked, restart);
      requireAlignment(aligned, size, false, ripOffset);
      code.gsAt(0x8B, R15, R15, view.tlb() + StateBlock.HOST_PAGE);
      if (keep) {
        FlagTransfer.toHost(code);
      }
      code.jump(back);
    });
  }

  /** Puts a linear address into R14. */
  void address(GuestAddress address) {
    effectiveAddress(address, R14, R14, R15);
    if (address.segment() != 0) {
      code.load(R15, address.segment() == 4 ? StateBlock.FS_BASE : StateBlock.GS_BASE);
      if (address.narrow()) {
        code.lea32(R14, R14, R15, 0, 0);
      } else {
        code.lea(R14, R14, R15, 0, 0);
      }
    }
  }

  /** Puts the offset in its segment into any register; displaced ones go into stand-ins. */
  void effectiveAddress(GuestAddress address, int destination, int baseStandIn, int indexStandIn) {
    int base;
    if (address.base() == Instruction.RIP) {
      code.load(baseStandIn, StateBlock.PAGE_BASE);
      base = baseStandIn;
    } else {
      base = register(address.base(), baseStandIn);
    }
    int index = register(address.index(), indexStandIn);
    if (address.narrow()) {
      code.lea32(destination, base, index, address.scale(), address.displacement());
      return;
    }
    if (base != NONE && index == NONE && address.displacement() == 0) {
      if (base != destination) {
        code.move(destination, base);
      }
    } else {
      code.lea(destination, base, index, address.scale(), address.displacement());
    }
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
    known.forget();
    boolean keep = care == FlagCare.KEEP;
    counter.access();
    lookUp(view, write, size, care, ripOffset, size, restart);
    requireAlignment(aligned, size, keep, ripOffset);
    code.gsAt(0x8B, R15, R15, view.tlb() + StateBlock.HOST_PAGE);
    if (keep) {
      FlagTransfer.fromAx(code);
    }
  }

  /** Checks the address in R14, which becomes an offset; R15 the place in the TLB. */
  private void lookUp(
      View view,
      boolean write,
      int size,
      FlagCare care,
      int ripOffset,
      int markedSize,
      int restart) {
    boolean keep = care == FlagCare.KEEP;
    if (keep) {
      FlagTransfer.toAx(code);
    }
    int jump = compareTag(view, write, size, keep);
    int miss = stubs.miss(view, write, keep);
    cold.add(new Cold(jump, keep, miss, ripOffset, markedSize, restart));
    code.andImmediate32(R14, 4095);
  }

  /**
   * Leaves the place of the address in R14 in the TLB in R15, and the sum of address and tag in
   * R13, or R14 where R13 is in use; gives the place of the rel32 of the jump for what is not
   * there.
   */
  private int compareTag(View view, boolean write, int size, boolean keep) {
    int tags = view.tlb() + (write ? StateBlock.WRITE_TAG : StateBlock.READ_TAG);
    int sum = keep ? R14 : R13;
    code.rotateRight32(R15, R14, 12 - StateBlock.ENTRY_SHIFT);
    code.andImmediate32(R15, StateBlock.TLB_INDEX_MASK);
    if (!keep) {
      code.move(R13, R14);
    }
    code.gsAt(0x03, sum, R15, tags); // add the tag
    code.compareImmediate(sum, 4096 - size);
    return forwardJump(JA);
  }

  /**
   * Emits what works on {@code [r14 + r15]} only to be quicker later: where no level of the TLB
   * knows the page, it is passed over. Flags are lost.
   */
  void hint(GuestAddress address, View view, Runnable work) {
    int restart = code.position();
    address(address);
    int jump = compareTag(view, false, 1, false);
    code.andImmediate32(R14, 4095);
    code.gsAt(0x8B, R15, R15, view.tlb() + StateBlock.HOST_PAGE);
    work.run();
    int past = code.position();
    far.add(() -> {
      code.patch(jump, code.position());
      code.call(stubs.probe(view));
      code.bytes(0x45, 0x85, Assembler.modrm(3, R13, R13)); // test r13d, r13d
      code.jumpIf(JNZ, restart);
      code.jump(past);
    });
  }

  private void requireAlignment(boolean aligned, int size, boolean keep, int ripOffset) {
    if (aligned && size > 1) {
      code.bytes(0x41, 0xF6, 0xC6, size - 1); // test r14b, size - 1
      cold.add(new Cold(forwardJump(JNZ), keep, 0, ripOffset, size, 0));
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
    known.forget();
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

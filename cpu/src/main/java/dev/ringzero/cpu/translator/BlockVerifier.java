package dev.ringzero.cpu.translator;

import dev.ringzero.cpu.translator.HostShape.Reach;
import dev.ringzero.cpu.translator.HostShape.Role;
import dev.ringzero.x86.instruction.Decoder;
import dev.ringzero.x86.instruction.Disassembler;
import dev.ringzero.x86.instruction.Instruction;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * Reads the host code of a block again before it may run, and knows nothing of how it was made.
 * Every memory operand must be in the state block, at a constant place, or {@code [r14 + r15]}
 * where the whole sequence of a TLB check of this view, of no fewer bytes and of the right to write
 * precedes it on every way. Every jump must go to an instruction of the block, to an entry of its
 * page or to a stub. Host RSP must not be named, but where a guest call is paired with its return.
 *
 * <p>Lengths, addresses and sizes are read twice, once for each {@link HostShape}: by the
 * instruction table, from which the emitter works too, and by {@link HostInstruction}, which shares
 * nothing with it. Both must agree.
 */
final class BlockVerifier {
  private static final int SLOT = 8;
  private static final int PAGE_OFFSET = 4095;
  private static final int PAGE_ROTATION = 12 - StateBlock.ENTRY_SHIFT;

  /** How far a check has come; each step must follow the one before at once. */
  private enum Step {
    NOTHING,
    PAGE_NUMBER,
    INDEX,
    /** The address is in R13 too, for its tag to be added there. */
    COPIED,
    TAGGED,
    COMPARED,
    BRANCHED,
    MASKED,
    /** R14 + R15 may be used. */
    CHECKED,
    /** R15 is still the page, R14 the offset of another access by the same right. */
    MOVED,
    MOVED_COMPARED,
    MOVED_BRANCHED
  }

  /** What lies at a byte of the block. */
  private static final byte INSIDE = 0, INSTRUCTION = 1, TARGET = 2, JOIN = 3, FORWARD = 4;

  private final HostShapes known = new HostShapes();
  private final BitSet stubs = new BitSet();
  private final BitSet jumps = new BitSet();

  private byte[] marks = new byte[4096];
  private HostShape[] shapes = new HostShape[1024];
  private int[] places = new int[1024];
  private int count;

  private byte[] bytes;
  private int length;
  private int start;
  private View view;

  private Step step;
  private boolean write;

  /** The address plus its tag is in R13, not in R14. */
  private boolean apart;

  private int sizeBytes;

  /**
   * A moved offset was checked, and not used yet: behind the block, where it would leave the page,
   * may be a whole check that comes back here.
   */
  private boolean moved;

  /** What is checked where such a check comes back, in order of their places. */
  private int[] joins = new int[64];

  private int joinCount;

  /** R15 is an index of the code TLB. */
  private boolean codeIndex;

  /** R13 holds the number of a bit within an operand of so many bits, or 0. */
  private int bitNumber;

  /**
   * RDX was compared with the divisor in R13, or with the sign of a dividend, and a branch
   * followed.
   */
  private boolean divisorGuarded;

  private boolean dividendCompared;

  /** Further up it is asked whether the x87 unit has the guest's state. */
  private boolean x87Asked;

  /**
   * @param stubs positions that blocks may go to or call
   * @param jumps those of them that do not return when they are called
   */
  BlockVerifier(Set<Integer> stubs, Set<Integer> jumps) {
    stubs.forEach(this.stubs::set);
    jumps.forEach(this.jumps::set);
  }

  /**
   * Verifies the code of a block.
   *
   * @param code holds the block in its first {@code length} bytes
   * @param at position of the block in the code memory
   * @param isEntry whether a position is an entry to a block of the same page
   * @throws IllegalStateException if it must not run
   */
  void verify(byte[] code, int length, int at, View blockView, IntPredicate isEntry) {
    bytes = code;
    this.length = length;
    start = at;
    view = blockView;
    read();
    findTargets(isEntry);
    forgetAll();
    joinCount = 0;
    x87Asked = false;
    for (int n = 0; n < count; n++) {
      if (marks[places[n]] == TARGET && moved && !isEntry.test(start + places[n])) {
        join(places[n]);
      } else if (marks[places[n]] >= TARGET) {
        forgetAll();
      }
      HostShape shape = shapes[n];
      if (shape.isBranch) {
        comeBack(n);
      }
      if (shape.plain) {
        step = step == Step.CHECKED ? Step.CHECKED : Step.NOTHING;
        dividendCompared = false;
        continue;
      }
      surroundings(shape.role, n);
      if (shape.reach != Reach.NOTHING) {
        reach(shape, n);
      } else if (shape.role == Role.DIVISION) {
        require(divisorGuarded, n, "may fault");
      }
      advance(shape, n);
    }
  }

  private void forgetAll() {
    step = Step.NOTHING;
    moved = false;
    bitNumber = 0;
    codeIndex = false;
    divisorGuarded = false;
    dividendCompared = false;
  }

  /** What is known here is what whoever comes here must know. */
  private void join(int place) {
    if (joinCount + 3 > joins.length) {
      joins = Arrays.copyOf(joins, 2 * joins.length);
    }
    joins[joinCount++] = place;
    joins[joinCount++] = sizeBytes;
    joins[joinCount++] = write ? 1 : 0;
    marks[place] = JOIN;
    bitNumber = 0;
    codeIndex = false;
    divisorGuarded = false;
    dividendCompared = false;
  }

  /** Requires of a branch to a join that it brings what is known there. */
  private void comeBack(int n) {
    int target = places[n + 1] + immediate(n);
    if (target < 0 || target >= length || marks[target] != JOIN) {
      return;
    }
    int at = 0;
    while (joins[at] != target) {
      at += 3;
    }
    boolean same = step == Step.CHECKED && sizeBytes >= joins[at + 1];
    require(same && (write || joins[at + 2] == 0), n, "comes without a check");
  }

  private void read() {
    if (marks.length < length) {
      marks = new byte[2 * length];
    }
    Arrays.fill(marks, 0, length, INSIDE);
    count = 0;
    int at = 0;
    while (at < length) {
      if (count + 1 == places.length) {
        grow();
      }
      HostShape shape = known.at(bytes, at, length);
      places[count] = at;
      shapes[count] = shape;
      require(shape.refusal == null, count, shape.refusal);
      marks[at] = INSTRUCTION;
      at += shape.length;
      count++;
    }
    places[count] = at;
  }

  private void grow() {
    places = Arrays.copyOf(places, 2 * places.length);
    shapes = Arrays.copyOf(shapes, places.length);
  }

  private int displacement(int n) {
    return shapes[n].displacement(bytes, places[n]);
  }

  private int immediate(int n) {
    return shapes[n].immediate(bytes, places[n]);
  }

  private void findTargets(IntPredicate isEntry) {
    for (int n = 0; n < count; n++) {
      if (shapes[n].isBranch) {
        int target = places[n + 1] + immediate(n);
        int position = start + target;
        boolean stub = position >= 0 && stubs.get(position);
        if (target >= 0 && target < length && marks[target] != INSIDE) {
          boolean forward = target >= places[n] || marks[target] == FORWARD;
          marks[target] = forward ? FORWARD : TARGET;
        } else {
          require(stub || isEntry.test(position), n, "goes astray");
        }
        if (shapes[n].role == Role.CALL) {
          boolean guest = !stub || jumps.get(position);
          require(guest == isGuestCall(n), n, "is no pair with a return");
        }
      }
    }
  }

  private boolean is(int n, Role role) {
    return n >= 0 && n < count && shapes[n].role == role;
  }

  /** Whether an instruction is the CALL between {@code push r13} and {@code lea rsp, [rsp + 8]}. */
  private boolean isGuestCall(int n) {
    return is(n, Role.CALL) && is(n - 1, Role.PUSH) && is(n + 1, Role.RELEASE);
  }

  /** Requires of roles what must be around them: host calls pair guest calls with returns. */
  private void surroundings(Role role, int n) {
    boolean entered = marks[places[n]] == TARGET;
    switch (role) {
      case PUSH -> require(isGuestCall(n + 1), n, "uses RSP");
      case CALL -> require(!entered || !isGuestCall(n), n, "uses RSP");
      case RELEASE ->
          require(!entered && isGuestCall(n - 1) && displacement(n) == SLOT, n, "uses RSP");
      case RET -> require(is(n - 3, Role.COMPARE_EXPECTED), n, "is never emitted");
      case COMPARE_EXPECTED -> require(displacement(n) == SLOT, n, "uses RSP");
      case COMPARE_STACK -> require(displacement(n) == StateBlock.HOST_STACK_LIMIT, n, "uses RSP");
      case LOAD_STACK -> require(displacement(n) == StateBlock.HOST_RSP, n, "uses RSP");
      case COMPARE_STATE -> x87Asked |= displacement(n) == StateBlock.X87_LOADED;
      case X87 -> require(x87Asked, n, "may find the host's x87 state");
      default -> {}
    }
  }

  private void reach(HostShape shape, int n) {
    int displacement = shape.displacement(bytes, places[n]);
    switch (shape.reach) {
      case SCALAR -> {
        int end = displacement + shape.bytes;
        require(displacement >= 0 && end <= StateBlock.X87_IMAGE, n, "is beyond the scalars");
        require(
            !shape.written
                || displacement < StateBlock.HOST_RSP
                || displacement >= StateBlock.SCRATCH,
            n,
            "writes what is the monitor's");
      }
      case TLB ->
          require(
              shape.bytes == 8 && isNextOfTlb(displacement)
                  || codeIndex && isOfCodeTlb(displacement, shape.bytes),
              n,
              "is no part of a TLB check");
      case GUEST -> {
        require(displacement == 0, n, "has an address that was not checked");
        require(step == Step.CHECKED, n, "comes without a check");
        require(shape.bytes <= sizeBytes, n, "reaches further than its check");
        require(write || !shape.written, n, "writes where only reading was checked");
        moved = false;
        require(shape.numberedBits == 0 || isBitNumber(shape), n, "reaches beyond its operand");
      }
      case HOST_STACK, NOTHING -> {}
    }
  }

  private boolean isBitNumber(HostShape shape) {
    return shape.bitInR13 && bitNumber == shape.numberedBits;
  }

  /** Whether the displacement is that of the field of the view's TLB that is next in a check. */
  private boolean isNextOfTlb(int displacement) {
    int field = displacement - view.tlb();
    return switch (step) {
      case INDEX, COPIED -> field == StateBlock.READ_TAG || field == StateBlock.WRITE_TAG;
      case MASKED -> field == StateBlock.HOST_PAGE;
      default -> false;
    };
  }

  private boolean isOfCodeTlb(int displacement, int bytes) {
    for (TranslationMode mode : TranslationMode.ALL) {
      int field = displacement - mode.codeTlb();
      boolean found = field == 0 && bytes == 8 || field == StateBlock.CODE_PAGE && bytes == 4;
      if (found && mode.view() == view) {
        return true;
      }
    }
    return false;
  }

  // --- what is known after an instruction

  private void advance(HostShape shape, int n) {
    Step next = shape.role == Role.ANY ? Step.NOTHING : nextStep(shape.role, n);
    if (next == Step.NOTHING
        && step == Step.CHECKED
        && !shape.writesPair
        && shape.role != Role.CALL) {
      next = Step.CHECKED;
    }
    moved &= next == Step.CHECKED;
    moved |= step == Step.MOVED_BRANCHED && next == Step.CHECKED;
    step = next;
    divisorGuarded |= dividendCompared && shape.isConditional;
    dividendCompared = shape.role == Role.COMPARE_DIVIDEND;
    if (shape.role == Role.MASK_R15 && immediate(n) == StateBlock.CODE_INDEX_MASK) {
      codeIndex = true;
    } else if (shape.writesR15 || shape.role == Role.CALL) {
      codeIndex = false;
    }
    if (shape.writesR13) {
      divisorGuarded = false;
      bitNumber = shape.role == Role.BIT_NUMBER ? bitsOf(displacement(n)) : 0;
    }
  }

  private static int bitsOf(int displacement) {
    return switch (displacement) {
      case StateBlock.BIT_OF_64 -> 64;
      case StateBlock.BIT_OF_32 -> 32;
      default -> 0;
    };
  }

  private Step nextStep(Role role, int n) {
    int immediate = immediate(n);
    return switch (role) {
      case PAGE_NUMBER -> immediate == PAGE_ROTATION ? Step.PAGE_NUMBER : Step.NOTHING;
      case MASK_R15 -> after(Step.PAGE_NUMBER, immediate == StateBlock.TLB_INDEX_MASK, Step.INDEX);
      case COPY -> after(Step.INDEX, true, Step.COPIED);
      case ADD_TO_R14 -> tagged(n, after(Step.INDEX, true, Step.TAGGED), false);
      case ADD_TO_R13 -> tagged(n, after(Step.COPIED, true, Step.TAGGED), true);
      case COMPARE_R14, COMPARE_R13 -> {
        boolean right = apart == (role == Role.COMPARE_R13);
        boolean inPage = immediate > 0 && immediate <= PAGE_OFFSET;
        Step next = after(Step.TAGGED, right && inPage, Step.COMPARED);
        if (role == Role.COMPARE_R14 && inPage && (step == Step.MOVED || step == Step.CHECKED)) {
          next = Step.MOVED_COMPARED;
        }
        sizeBytes = next == Step.NOTHING ? sizeBytes : PAGE_OFFSET + 1 - immediate;
        yield next;
      }
      case JUMP_ABOVE ->
          switch (step) {
            case MASKED -> Step.MASKED;
            case COMPARED -> Step.BRANCHED;
            case MOVED_COMPARED -> Step.MOVED_BRANCHED;
            default -> Step.NOTHING;
          };
      case MASK_R14 ->
          step == Step.MOVED_BRANCHED
              ? after(Step.MOVED_BRANCHED, immediate == PAGE_OFFSET, Step.CHECKED)
              : after(Step.BRANCHED, immediate == PAGE_OFFSET, Step.MASKED);
      case MOVE_R14 -> after(Step.CHECKED, true, Step.MOVED);
      case JCC, TEST -> after(Step.MASKED, true, Step.MASKED);
      case LOAD_HOST_PAGE -> after(Step.MASKED, true, Step.CHECKED);
      case PUSH, RELEASE, RET, COMPARE_EXPECTED, COMPARE_STACK, LOAD_STACK -> Step.NOTHING;
      case ANY, JMP, COUNTED, CALL, DIVISION, COMPARE_DIVIDEND, BIT_NUMBER, COMPARE_STATE, X87 ->
          Step.NOTHING;
    };
  }

  private Step tagged(int n, Step next, boolean inR13) {
    apart = inR13;
    write = displacement(n) - view.tlb() == StateBlock.WRITE_TAG;
    return next;
  }

  private Step after(Step before, boolean good, Step next) {
    return step == before && good ? next : Step.NOTHING;
  }

  private void require(boolean good, int n, String why) {
    if (!good) {
      Instruction i = new Instruction();
      new Decoder().decode(bytes, places[n], length - places[n], 64, i);
      throw new IllegalStateException(
          "emitted code refused: %s at %x %s"
              .formatted(Disassembler.format(i, places[n]), start + places[n], why));
    }
  }
}

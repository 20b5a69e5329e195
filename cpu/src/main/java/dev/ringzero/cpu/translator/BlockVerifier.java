package dev.ringzero.cpu.translator;

import static dev.ringzero.cpu.translator.Assembler.R13;
import static dev.ringzero.cpu.translator.Assembler.R14;
import static dev.ringzero.cpu.translator.Assembler.R15;
import static dev.ringzero.cpu.translator.Assembler.RDX;
import static dev.ringzero.cpu.translator.Assembler.RSP;

import dev.ringzero.x86.instruction.Attribute;
import dev.ringzero.x86.instruction.Decoder;
import dev.ringzero.x86.instruction.Disassembler;
import dev.ringzero.x86.instruction.Instruction;
import dev.ringzero.x86.instruction.InstructionForm;
import dev.ringzero.x86.instruction.Operand;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * Reads the host code of a block again before it may run, with the decoder of guest code, and knows
 * nothing of how it was made. Every memory operand must be in the state block, at a constant place,
 * or {@code [r14 + r15]} where the whole sequence of a TLB check of this view, of no fewer bytes
 * and of the right to write precedes it on every way. Every jump must go to an instruction of the
 * block, to an entry of its page or to a stub. Host RSP must not be named.
 *
 * <p>Lengths, addresses and sizes are read twice: by the instruction table, from which the emitter
 * works too, and by {@link HostInstruction}, which shares nothing with it. Both must agree.
 */
final class BlockVerifier {
  private static final int GS = 5;
  private static final int PAGE_OFFSET = 4095;
  private static final int PAGE_ROTATION = 12 - StateBlock.ENTRY_SHIFT;

  /** What can do harm without an explicit memory operand, or is never emitted. */
  private static final Set<String> REFUSED =
      Set.of(
          "RET",
          "PUSH",
          "POP",
          "PUSHF",
          "POPF",
          "PUSHA",
          "POPA",
          "ENTER",
          "LEAVE",
          "XLAT",
          "INT",
          "INT1",
          "INT3",
          "INTO",
          "SYSCALL",
          "SYSENTER",
          "UD0",
          "UD1",
          "UD2",
          "RDFSBASE",
          "RDGSBASE",
          "WRFSBASE",
          "WRGSBASE",
          "MASKMOVDQU",
          "VMASKMOVDQU",
          "LDMXCSR",
          "STMXCSR",
          "VLDMXCSR",
          "VSTMXCSR",
          "CLD",
          "STD",
          "MOV_SREG",
          "PUSH_SREG",
          "POP_SREG",
          "XGETBV",
          "CALL_FAR",
          "JMP_FAR",
          "RET_FAR",
          "MOVDIR64B",
          "XBEGIN",
          "EMMS",
          "CPUID",
          "RDTSC",
          "RDTSCP",
          "RDPID");

  /** What an instruction is to the verifier. */
  private enum Role {
    ANY,
    REFUSED,
    JMP,
    JCC,
    CALL,
    LEA,
    DIVISION,
    BIT_TEST,
    RORX,
    AND,
    ADD,
    CMP,
    TEST,
    MOV,
    PEXT
  }

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
    CHECKED
  }

  private final Decoder decoder = new Decoder();
  private final HostInstruction second = new HostInstruction();
  private final Role[] roles = new Role[8192];
  private final Set<Integer> stubs;
  private final List<Instruction> instructions = new ArrayList<>();
  private final BitSet boundaries = new BitSet();
  private final BitSet targets = new BitSet();
  private int[] places = new int[1024];
  private int count;
  private int start;

  /** R15 is an index of the code TLB. */
  private boolean codeIndex;

  private View view;
  private Step step;
  private boolean write;

  /** Register that holds the address plus its tag. */
  private int sum;

  private int sizeBytes;

  /** R13 holds the number of a bit within an operand of so many bits, or 0. */
  private int bitNumber;

  /**
   * RDX was compared with the divisor in R13, or with the sign of a dividend, and a branch
   * followed.
   */
  private boolean divisorGuarded;

  private boolean dividendCompared;

  BlockVerifier(Set<Integer> stubs) {
    this.stubs = stubs;
  }

  /**
   * Verifies the code of a block.
   *
   * @param bytes the code, from its position {@code at} in the code memory on
   * @param isEntry whether a position is an entry to a block of the same page
   * @throws IllegalStateException if it must not run
   */
  void verify(byte[] bytes, int at, View blockView, IntPredicate isEntry) {
    start = at;
    view = blockView;
    decode(bytes);
    collectTargets(isEntry);
    step = Step.NOTHING;
    bitNumber = 0;
    codeIndex = false;
    for (int n = 0; n < count; n++) {
      Instruction i = instructions.get(n);
      if (targets.get(places[n])) {
        step = Step.NOTHING;
        bitNumber = 0;
        divisorGuarded = false;
        codeIndex = false;
      }
      require(role(i) != Role.REFUSED, n, "is never emitted");
      second.read(bytes, places[n]);
      require(second.length == i.length, n, "is not known to the second reader");
      registers(i, n);
      if (i.hasMemory() && role(i) != Role.LEA && accesses(i)) {
        memory(i, n);
      }
      advance(i);
    }
  }

  private void decode(byte[] bytes) {
    boundaries.clear();
    count = 0;
    int at = 0;
    while (at < bytes.length) {
      if (count == instructions.size()) {
        instructions.add(new Instruction());
      }
      if (count == places.length) {
        places = Arrays.copyOf(places, 2 * count);
      }
      places[count] = at;
      int length = decoder.decode(bytes, at, bytes.length - at, 64, instructions.get(count));
      if (length <= 0) {
        throw new IllegalStateException("emitted code cannot be decoded at " + (start + at));
      }
      boundaries.set(at);
      at += length;
      count++;
    }
  }

  private void collectTargets(IntPredicate isEntry) {
    targets.clear();
    for (int n = 0; n < count; n++) {
      Instruction i = instructions.get(n);
      switch (role(i)) {
        case JMP, JCC, CALL -> {
          require(isRelative(i), n, "is no relative branch");
          int target = places[n] + i.length + (int) i.immediate;
          boolean inside = target >= 0 && boundaries.get(target);
          boolean call = role(i) == Role.CALL;
          require(
              stubs.contains(start + target) || !call && (inside || isEntry.test(start + target)),
              n,
              "goes astray");
          if (inside) {
            targets.set(target);
          }
        }
        default -> {}
      }
    }
  }

  private static boolean isRelative(Instruction i) {
    return i.form.operands[0].place() == Operand.Place.RELATIVE;
  }

  private Role role(Instruction i) {
    Role role = roles[i.form.id];
    if (role == null) {
      role = isRefused(i.form) ? Role.REFUSED : roleOf(i.form.meaning);
      roles[i.form.id] = role;
    }
    return role;
  }

  private static boolean isRefused(InstructionForm form) {
    return REFUSED.contains(form.meaning)
        || form.is(Attribute.STRING | Attribute.X87 | Attribute.MMX | Attribute.PRIVILEGED)
        || !form.is(Attribute.USER);
  }

  private static Role roleOf(String meaning) {
    return switch (meaning) {
      case "JMP" -> Role.JMP;
      case "JCC" -> Role.JCC;
      case "CALL" -> Role.CALL;
      case "LEA" -> Role.LEA;
      case "DIV", "IDIV" -> Role.DIVISION;
      case "BT", "BTS", "BTR", "BTC" -> Role.BIT_TEST;
      case "RORX" -> Role.RORX;
      case "AND" -> Role.AND;
      case "ADD" -> Role.ADD;
      case "CMP" -> Role.CMP;
      case "TEST" -> Role.TEST;
      case "MOV" -> Role.MOV;
      case "PEXT" -> Role.PEXT;
      default -> Role.ANY;
    };
  }

  /** Refuses host RSP in any place, and divisions that could fault. */
  private void registers(Instruction i, int n) {
    int stack = 1 << RSP;
    boolean call = role(i) == Role.CALL;
    require(call || ((i.form.implicitRead | i.form.implicitWritten) & stack) == 0, n, "uses RSP");
    require(!i.hasMemory() || i.base != RSP, n, "uses RSP");
    for (Operand operand : i.form.operands) {
      if (register(operand, i) == RSP && !OperandSizes.highByte(operand, i)) {
        require(false, n, "uses RSP");
      }
    }
    if (role(i) == Role.DIVISION) {
      require(!i.hasMemory() && i.rm == R13 && divisorGuarded, n, "may fault");
    }
  }

  /** General register of an operand, or -1. */
  private static int register(Operand operand, Instruction i) {
    return switch (operand.place()) {
      case REG -> i.reg;
      case RM, RM_REGISTER -> i.hasMemory() ? -1 : i.rm;
      case OPCODE_REGISTER -> i.opcodeRegister;
      case VVVV_GPR -> i.vvvv;
      default -> -1;
    };
  }

  private static boolean accesses(Instruction i) {
    Operand memory = OperandSizes.memory(i);
    return memory == null || memory.size() != Operand.Size.NONE;
  }

  private void memory(Instruction i, int n) {
    Operand operand = OperandSizes.memory(i);
    require(operand != null && i.addressSize == 64, n, "has an operand of unknown size");
    int bytes = i.width(operand) / 8;
    require(bytes > 0, n, "has an operand of unknown size");
    require(agrees(i, bytes, operand.written()), n, "has another operand for the second reader");
    if (i.segment == GS) {
      stateBlock(i, n, bytes, operand.written());
      return;
    }
    require(
        i.base == R14 && i.index == R15 && i.scale == 0 && i.displacement == 0 && i.segment < 4,
        n,
        "has an address that was not checked");
    require(step == Step.CHECKED, n, "comes without a check");
    require(bytes <= sizeBytes, n, "reaches further than its check");
    require(write || !operand.written(), n, "writes where only reading was checked");
    boolean bits = role(i) == Role.BIT_TEST && i.operand(1).place() == Operand.Place.REG;
    require(!bits || i.reg == R13 && bitNumber == i.operandSize, n, "reaches beyond its operand");
  }

  private boolean agrees(Instruction i, int bytes, boolean written) {
    return second.accesses
        && second.bytes == bytes
        && second.writes == written
        && register(i.base) == second.base
        && register(i.index) == second.index
        && (i.index == Instruction.NONE || i.scale == second.scale)
        && i.displacement == second.displacement
        && second.gs == (i.segment == GS);
  }

  private static int register(int number) {
    return number == Instruction.NONE ? HostInstruction.NONE : number;
  }

  private void stateBlock(Instruction i, int n, int bytes, boolean written) {
    if (i.base == Instruction.NONE && i.index == Instruction.NONE) {
      long end = i.displacement + bytes;
      require(i.displacement >= 0 && end <= StateBlock.JUMP_TABLE, n, "is beyond the scalars");
      require(
          !written || i.displacement < StateBlock.HOST_RSP || i.displacement >= StateBlock.SCRATCH,
          n,
          "writes what is the monitor's");
      require(role(i) != Role.BIT_TEST, n, "reaches beyond the state block");
      return;
    }
    require(
        i.base == R15
            && i.index == Instruction.NONE
            && !written
            && (bytes == 8 && isOfTlb(i) || codeIndex && isOfCodeTlb(i, bytes)),
        n,
        "is no part of a TLB check");
  }

  private boolean isOfCodeTlb(Instruction i, int bytes) {
    for (TranslationMode mode : TranslationMode.ALL) {
      long field = i.displacement - mode.codeTlb();
      boolean found = field == 0 && bytes == 8 || field == StateBlock.CODE_PAGE && bytes == 4;
      if (found && mode.view() == view) {
        return true;
      }
    }
    return false;
  }

  /** Whether the displacement is that of the field of the view's TLB that is next in a check. */
  private boolean isOfTlb(Instruction i) {
    long field = i.displacement - view.tlb();
    return switch (step) {
      case INDEX, COPIED -> field == StateBlock.READ_TAG || field == StateBlock.WRITE_TAG;
      case MASKED -> field == StateBlock.HOST_PAGE;
      default -> false;
    };
  }

  // --- what is known after an instruction

  private void advance(Instruction i) {
    Step next = nextStep(i);
    boolean writesPair = writes(i, R14) || writes(i, R15);
    if (next == Step.NOTHING && step == Step.CHECKED && !writesPair && role(i) != Role.CALL) {
      next = Step.CHECKED;
    }
    followR13(i);
    if (role(i) == Role.AND && isImmediate(i, R15, StateBlock.CODE_INDEX_MASK)) {
      codeIndex = true;
    } else if (writes(i, R15) || role(i) == Role.CALL) {
      codeIndex = false;
    }
    step = next;
  }

  private Step nextStep(Instruction i) {
    return switch (role(i)) {
      case RORX ->
          i.reg == R15 && i.rm == R14 && i.immediate == PAGE_ROTATION && !i.w && !i.hasMemory()
              ? Step.PAGE_NUMBER
              : Step.NOTHING;
      case AND -> {
        if (step == Step.PAGE_NUMBER && isImmediate(i, R15, StateBlock.TLB_INDEX_MASK)) {
          yield Step.INDEX;
        }
        yield step == Step.BRANCHED && isImmediate(i, R14, PAGE_OFFSET)
            ? Step.MASKED
            : Step.NOTHING;
      }
      case ADD -> {
        sum = step == Step.COPIED ? R13 : R14;
        boolean adds = step == Step.INDEX || step == Step.COPIED;
        if (!adds || !i.hasMemory() || i.segment != GS || i.base != R15 || i.reg != sum) {
          yield Step.NOTHING;
        }
        write = i.displacement - view.tlb() == StateBlock.WRITE_TAG;
        yield i.operandSize == 64 && writes(i, sum) ? Step.TAGGED : Step.NOTHING;
      }
      case CMP -> {
        boolean compared =
            step == Step.TAGGED
                && !i.hasMemory()
                && i.rm == sum
                && i.operandSize == 64
                && i.operand(1).place() == Operand.Place.IMMEDIATE
                && i.immediate > 0
                && i.immediate <= PAGE_OFFSET;
        sizeBytes = compared ? 4096 - (int) i.immediate : sizeBytes;
        yield compared ? Step.COMPARED : Step.NOTHING;
      }
      case JCC -> {
        if (step == Step.COMPARED && i.form.condition == 7) {
          yield Step.BRANCHED;
        }
        yield step == Step.MASKED ? Step.MASKED : Step.NOTHING;
      }
      case TEST -> step == Step.MASKED ? Step.MASKED : Step.NOTHING;
      case MOV -> {
        if (step == Step.INDEX && copiesAddress(i)) {
          yield Step.COPIED;
        }
        yield step == Step.MASKED
                && i.reg == R15
                && i.hasMemory()
                && i.segment == GS
                && i.base == R15
                && i.operandSize == 64
                && writes(i, R15)
            ? Step.CHECKED
            : Step.NOTHING;
      }
      default -> Step.NOTHING;
    };
  }

  /** {@code mov r13, r14}. */
  private static boolean copiesAddress(Instruction i) {
    return !i.hasMemory()
        && i.reg == R14
        && i.rm == R13
        && i.operandSize == 64
        && i.operand(0).place() == Operand.Place.RM
        && i.operand(1).place() == Operand.Place.REG
        && writes(i, R13);
  }

  /** Whether this is an operation on 32 bits of a register and an immediate. */
  private static boolean isImmediate(Instruction i, int register, int value) {
    return !i.hasMemory()
        && i.rm == register
        && i.operandSize == 32
        && i.operand(0).size() == Operand.Size.OPERAND
        && i.operand(1).place() == Operand.Place.IMMEDIATE
        && i.immediate == value;
  }

  private void followR13(Instruction i) {
    boolean comparison = role(i) == Role.CMP && !i.hasMemory() && i.rm == RDX && i.reg == R13;
    boolean signs = role(i) == Role.CMP && !i.hasMemory() && i.rm == RDX && i.reg == R14;
    divisorGuarded |= dividendCompared && role(i) == Role.JCC;
    dividendCompared = comparison || signs;
    if (writes(i, R13)) {
      bitNumber = 0;
      divisorGuarded = false;
      if (role(i) == Role.PEXT && i.hasMemory() && i.segment == GS) {
        bitNumber =
            i.displacement == StateBlock.BIT_OF_64
                ? 64
                : i.displacement == StateBlock.BIT_OF_32 ? 32 : 0;
      }
    }
  }

  private static boolean writes(Instruction i, int register) {
    for (Operand operand : i.form.operands) {
      if (operand.written() && register(operand, i) == register) {
        return true;
      }
    }
    return (i.form.implicitWritten & 1 << register) != 0;
  }

  private void require(boolean good, int n, String why) {
    if (!good) {
      Instruction i = instructions.get(n);
      throw new IllegalStateException(
          "emitted code refused: %s at %x %s"
              .formatted(Disassembler.format(i, places[n]), start + places[n], why));
    }
  }
}

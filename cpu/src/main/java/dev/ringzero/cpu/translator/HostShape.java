package dev.ringzero.cpu.translator;

import static dev.ringzero.cpu.translator.Assembler.R13;
import static dev.ringzero.cpu.translator.Assembler.R14;
import static dev.ringzero.cpu.translator.Assembler.R15;
import static dev.ringzero.cpu.translator.Assembler.RDX;
import static dev.ringzero.cpu.translator.Assembler.RSP;

import dev.ringzero.x86.instruction.Attribute;
import dev.ringzero.x86.instruction.Instruction;
import dev.ringzero.x86.instruction.InstructionForm;
import dev.ringzero.x86.instruction.Operand;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Set;

/**
 * What is true of all emitted instructions that differ in displacement and immediate only, as the
 * instruction table and {@link HostInstruction} agree on it.
 */
final class HostShape {
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int GS = 5;
  private static final int FIRST_OVERRIDE = 4;
  private static final int ABOVE = 7;

  /** What can do harm without an explicit memory operand, or is never emitted. */
  private static final Set<String> REFUSED =
      Set.of(
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
          "CPUID",
          "RDTSC",
          "RDTSCP",
          "RDPID",
          "FNSTENV",
          "FLDENV",
          "FNSAVE",
          "FRSTOR",
          "FLDCW",
          "FNINIT",
          "FWAIT",
          "MASKMOVQ");

  /** What an instruction is to the verifier. */
  enum Role {
    ANY,
    JMP,
    JCC,
    /** JRCXZ. */
    COUNTED,
    /** JCC by "above". */
    JUMP_ABOVE,
    CALL,
    /** {@code push r13}. */
    PUSH,
    /** {@code lea rsp, [rsp + displacement]}. */
    RELEASE,
    RET,
    /** {@code cmp r14, [rsp + displacement]}. */
    COMPARE_EXPECTED,
    /** {@code cmp rsp, gs:[displacement]}. */
    COMPARE_STACK,
    /** {@code mov rsp, gs:[displacement]}. */
    LOAD_STACK,
    DIVISION,
    /** {@code rorx r15d, r14d, count}. */
    PAGE_NUMBER,
    /** {@code and r15d, immediate}. */
    MASK_R15,
    /** {@code and r14d, immediate}. */
    MASK_R14,
    /** {@code mov r13, r14}. */
    COPY,
    /** {@code add r14, gs:[r15 + displacement]}. */
    ADD_TO_R14,
    /** {@code add r13, gs:[r15 + displacement]}. */
    ADD_TO_R13,
    /** {@code cmp r14, immediate}. */
    COMPARE_R14,
    /** {@code cmp r13, immediate}. */
    COMPARE_R13,
    /** {@code mov r15, gs:[r15 + displacement]}. */
    LOAD_HOST_PAGE,
    /** {@code cmp rdx, r13} or {@code cmp rdx, r14}, of any width. */
    COMPARE_DIVIDEND,
    TEST,
    /** {@code lea r14, [r14 + displacement]}. */
    MOVE_R14,
    /** {@code pext r13, register, gs:[displacement]}. */
    BIT_NUMBER,
    /** {@code cmp dword gs:[displacement], immediate}. */
    COMPARE_STATE,
    /** On the x87 unit. */
    X87
  }

  /** How an instruction reaches memory. */
  enum Reach {
    NOTHING,
    /** {@code gs:[displacement]}. */
    SCALAR,
    /** {@code [rsp + displacement]}. */
    HOST_STACK,
    /** {@code gs:[r15 + displacement]}. */
    TLB,
    /** {@code [r14 + r15 + displacement]}. */
    GUEST
  }

  /** Why it must not be emitted, or null. */
  final String refusal;

  final Role role;
  final Reach reach;

  /** Of the whole instruction, in bytes. */
  final int length;

  /** Before displacement and immediate. */
  final int fixedBytes;

  private final int displacementBytes;
  private final int immediateAt;
  private final int immediateBytes;

  /** Whether it takes part in nothing that the verifier follows. */
  final boolean plain;

  /** Of the memory operand. */
  final int bytes;

  final boolean written;

  /** Whether R14 or R15 is written. */
  final boolean writesPair;

  final boolean writesR13;
  final boolean writesR15;

  /** Bit tests: operand size in bits where the bit's number is in a register, else 0. */
  final int numberedBits;

  /** Whether that register is R13. */
  final boolean bitInR13;

  final boolean isBranch;
  final boolean isConditional;

  private final boolean bitTest;

  /** Of an instruction that both readers have read at the same place. */
  HostShape(Instruction i, HostInstruction second) {
    Operand memory = OperandSizes.memory(i);
    String meaning = i.form.meaning;
    boolean isHint = meaning.startsWith("PREFETCH"); // which shows by its time what is there
    boolean accesses =
        i.hasMemory()
            && !meaning.equals("LEA")
            && (isHint || memory == null || memory.size() != Operand.Size.NONE);
    bitTest =
        switch (meaning) {
          case "BT", "BTS", "BTR", "BTC" -> true;
          default -> false;
        };
    numberedBits = bitTest && i.operand(1).place() == Operand.Place.REG ? i.operandSize : 0;
    bitInR13 = i.reg == R13;
    writesR15 = writes(i, R15);
    writesPair = writesR15 || writes(i, R14);
    writesR13 = writes(i, R13);
    bytes = isHint ? 1 : accesses && memory != null ? i.width(memory) / 8 : 0;
    written = accesses && !isHint && memory != null && memory.written();
    reach = accesses ? reachOf(i) : Reach.NOTHING;
    role = roleOf(meaning, i);
    isConditional = role == Role.JCC || role == Role.JUMP_ABOVE;
    isBranch = isConditional || role == Role.JMP || role == Role.CALL || role == Role.COUNTED;
    refusal = refusalOf(i, second, accesses);
    plain = role == Role.ANY && reach == Reach.NOTHING && !writesPair && !writesR13;
    length = second.length;
    fixedBytes = second.fixedBytes;
    displacementBytes = second.displacementBytes;
    immediateAt = fixedBytes + displacementBytes;
    immediateBytes = second.immediateBytes;
  }

  /** Of the instruction of this shape at a place: sign-extended. */
  int displacement(byte[] code, int place) {
    return number(code, place + fixedBytes, displacementBytes);
  }

  /** As {@link #displacement}; of eight bytes the low half. */
  int immediate(byte[] code, int place) {
    return number(code, place + immediateAt, immediateBytes);
  }

  private static int number(byte[] code, int at, int bytes) {
    return switch (bytes) {
      case 0 -> 0;
      case 1 -> code[at];
      case 2 -> code[at] & 0xFF | code[at + 1] << 8;
      default -> (int) INT.get(code, at);
    };
  }

  private String refusalOf(Instruction i, HostInstruction second, boolean accesses) {
    boolean stack = i.form.meaning.equals("PUSH") || i.form.meaning.equals("RET");
    if (stack ? !pairs() : isNeverEmitted(i.form)) {
      return "is never emitted";
    }
    if (isBranch && i.form.operands[0].place() != Operand.Place.RELATIVE) {
      return "is no relative branch";
    }
    if (second.length != i.length) {
      return "is not known to the second reader";
    }
    if (!pairs() && usesStack(i)) {
      return "uses RSP";
    }
    if (role == Role.DIVISION && (i.hasMemory() || i.rm != R13)) {
      return "may fault";
    }
    if (accesses && (bytes == 0 || i.addressSize != 64)) {
      return "has an operand of unknown size";
    }
    if (accesses != second.accesses || accesses && !agrees(i, second)) {
      return "has another operand for the second reader";
    }
    return accesses ? refusedReach(i) : null;
  }

  /** Whether it is one of those that pair guest calls with returns on the host's stack. */
  private boolean pairs() {
    return switch (role) {
      case CALL, PUSH, RELEASE, RET, COMPARE_EXPECTED, COMPARE_STACK, LOAD_STACK -> true;
      default -> false;
    };
  }

  private String refusedReach(Instruction i) {
    return switch (reach) {
      case NOTHING ->
          i.segment == GS ? "is no part of a TLB check" : "has an address that was not checked";
      case SCALAR -> bitTest ? "reaches beyond the state block" : null;
      case TLB -> written || bitTest ? "is no part of a TLB check" : null;
      case HOST_STACK -> role == Role.COMPARE_EXPECTED ? null : "uses RSP";
      case GUEST -> null;
    };
  }

  private static boolean isNeverEmitted(InstructionForm form) {
    return REFUSED.contains(form.meaning)
        || form.is(Attribute.STRING | Attribute.PRIVILEGED)
        || !form.is(Attribute.USER) && !form.meaning.equals("STMXCSR");
  }

  private static Reach reachOf(Instruction i) {
    boolean indexed = i.index != Instruction.NONE;
    if (i.segment == GS && !indexed) {
      return i.base == Instruction.NONE ? Reach.SCALAR : i.base == R15 ? Reach.TLB : Reach.NOTHING;
    }
    if (i.base == RSP && !indexed && i.segment < FIRST_OVERRIDE) {
      return Reach.HOST_STACK;
    }
    boolean pair = i.base == R14 && i.index == R15 && i.scale == 0;
    return pair && i.segment < FIRST_OVERRIDE ? Reach.GUEST : Reach.NOTHING;
  }

  private static boolean usesStack(Instruction i) {
    if (((i.form.implicitRead | i.form.implicitWritten) & 1 << RSP) != 0
        || i.hasMemory() && i.base == RSP) {
      return true;
    }
    for (Operand operand : i.form.operands) {
      if (register(operand, i) == RSP && !OperandSizes.highByte(operand, i)) {
        return true;
      }
    }
    return false;
  }

  private boolean agrees(Instruction i, HostInstruction second) {
    return second.bytes == bytes
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

  // --- parts of a check

  private Role roleOf(String meaning, Instruction i) {
    boolean wide = i.operandSize == 64;
    if (i.form.is(Attribute.X87 | Attribute.MMX)) {
      return Role.X87;
    }
    return switch (meaning) {
      case "JMP" -> Role.JMP;
      case "JRCXZ" -> Role.COUNTED;
      case "JCC" -> i.form.condition == ABOVE ? Role.JUMP_ABOVE : Role.JCC;
      case "CALL" -> Role.CALL;
      case "PUSH" -> i.opcodeRegister == R13 && i.length == 2 ? Role.PUSH : Role.ANY;
      case "RET" -> i.length == 1 ? Role.RET : Role.ANY;
      case "LEA" ->
          movesR14(i)
              ? Role.MOVE_R14
              : wide && i.reg == RSP && reachOf(i) == Reach.HOST_STACK && i.addressSize == 64
                  ? Role.RELEASE
                  : Role.ANY;
      case "DIV", "IDIV" -> Role.DIVISION;
      case "TEST" -> Role.TEST;
      case "RORX" ->
          !i.hasMemory() && i.reg == R15 && i.rm == R14 && !i.w ? Role.PAGE_NUMBER : Role.ANY;
      case "AND" -> masks(i, R15) ? Role.MASK_R15 : masks(i, R14) ? Role.MASK_R14 : Role.ANY;
      case "CMP" -> comparison(i);
      case "ADD" ->
          reach != Reach.TLB || !wide || !writes(i, i.reg)
              ? Role.ANY
              : i.reg == R14 ? Role.ADD_TO_R14 : i.reg == R13 ? Role.ADD_TO_R13 : Role.ANY;
      case "MOV" ->
          reach == Reach.SCALAR && wide && i.reg == RSP && writes(i, RSP)
              ? Role.LOAD_STACK
              : copiesAddress(i)
                  ? Role.COPY
                  : reach == Reach.TLB && wide && i.reg == R15 && writes(i, R15)
                      ? Role.LOAD_HOST_PAGE
                      : Role.ANY;
      case "PEXT" -> writesR13 && reach == Reach.SCALAR ? Role.BIT_NUMBER : Role.ANY;
      default -> Role.ANY;
    };
  }

  private Role comparison(Instruction i) {
    if (i.hasMemory()) {
      boolean state = reach == Reach.SCALAR && i.operandSize == 32;
      if (state && i.operand(1).place() == Operand.Place.IMMEDIATE) {
        return Role.COMPARE_STATE;
      }
      boolean wide = i.operandSize == 64 && i.operand(0).place() == Operand.Place.REG;
      return wide && reach == Reach.HOST_STACK && i.reg == R14
          ? Role.COMPARE_EXPECTED
          : wide && reach == Reach.SCALAR && i.reg == RSP ? Role.COMPARE_STACK : Role.ANY;
    }
    if (i.operand(1).place() == Operand.Place.IMMEDIATE) {
      return i.operandSize != 64
          ? Role.ANY
          : i.rm == R14 ? Role.COMPARE_R14 : i.rm == R13 ? Role.COMPARE_R13 : Role.ANY;
    }
    return i.rm == RDX && (i.reg == R13 || i.reg == R14) ? Role.COMPARE_DIVIDEND : Role.ANY;
  }

  /** Whether this is an operation on 32 bits of a register and an immediate. */
  private static boolean masks(Instruction i, int register) {
    return !i.hasMemory()
        && i.rm == register
        && i.operandSize == 32
        && i.operand(0).size() == Operand.Size.OPERAND
        && i.operand(1).place() == Operand.Place.IMMEDIATE;
  }

  private static boolean movesR14(Instruction i) {
    return i.reg == R14
        && i.base == R14
        && i.index == Instruction.NONE
        && i.operandSize == 64
        && i.addressSize == 64;
  }

  private static boolean copiesAddress(Instruction i) {
    return !i.hasMemory()
        && i.reg == R14
        && i.rm == R13
        && i.operandSize == 64
        && i.operand(0).place() == Operand.Place.RM
        && i.operand(1).place() == Operand.Place.REG
        && writes(i, R13);
  }

  private static boolean writes(Instruction i, int register) {
    for (Operand operand : i.form.operands) {
      if (operand.written() && register(operand, i) == register) {
        return true;
      }
    }
    return (i.form.implicitWritten & 1 << register) != 0;
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
}

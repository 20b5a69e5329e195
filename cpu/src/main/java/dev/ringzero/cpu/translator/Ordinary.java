package dev.ringzero.cpu.translator;

import dev.ringzero.x86.instruction.Attribute;
import dev.ringzero.x86.instruction.Instruction;
import dev.ringzero.x86.instruction.InstructionForm;
import dev.ringzero.x86.instruction.Operand;
import java.util.Set;

/**
 * Which instructions run on the host's processor and how: a kind for each row of the instruction
 * table. Whatever is not known to be safe goes to the interpreter.
 *
 * <p>Not modelled: far transfers, IRET, string instructions downwards or with 32-bit addresses, REP
 * LODS, MASKMOVQ and MASKMOVDQU, gathers and masked moves on the host; SSE where XSAVE is not
 * enabled.
 */
final class Ordinary {
  /** How an instruction is translated. */
  enum Kind {
    /** The interpreter runs it. */
    SPECIAL,
    /** Re-encoded with mapped registers and a checked memory operand. */
    PLAIN,
    /** As {@link #PLAIN}, with vector registers. */
    VECTOR,
    /** As {@link #PLAIN}, on the host's x87 unit. */
    X87,
    /** As {@link #PLAIN}, with MMX registers. */
    MMX,
    /** Address arithmetic only. */
    LEA,
    /** Does nothing that can be seen. */
    NOTHING,
    /** Brings memory nearer, where the TLB knows it. */
    PREFETCH,
    PUSH,
    POP,
    LEAVE,
    CALL,
    RET,
    JMP,
    JCC,
    /** DIV and IDIV, of dividends that cannot overflow. */
    DIVISION,
    PUSHF,
    POPF,
    CLI,
    STI,
    PAUSE,
    SYSCALL,
    SYSRET,
    SWAPGS,
    READ_BASE,
    WRITE_BASE,
    READ_SELECTOR,
    TIME_STAMP,
    STRING,
    XLAT,
    /** MOV of the accumulator with an address in the instruction. */
    OFFSET,
    /** JRCXZ, LOOP and its kin: a branch that counts in RCX. */
    LOOP,
    LOAD_MXCSR,
    STORE_MXCSR,
    STAC,
    CLAC,
    /** Looks for code that other processors have written, as every poll does. */
    SERIALIZE
  }

  /** Ordinary by their attributes, but with effects or operands that re-encoding does not cover. */
  private static final Set<String> FOR_THE_INTERPRETER =
      Set.of(
          "ENTER",
          "RDPKRU",
          "WRPKRU",
          "MASKMOVDQU",
          "VMASKMOVDQU",
          "VMASKMOVPS",
          "VMASKMOVPD",
          "VPMASKMOVD",
          "VPMASKMOVQ",
          "BOUND",
          "PUSHA",
          "POPA",
          "CALL_FAR",
          "JMP_FAR",
          "RET_FAR",
          "INT",
          "INT3",
          "INT1",
          "INTO",
          "SYSENTER",
          "RDPID",
          "RDRAND",
          "RDSEED",
          "CPUID",
          "STD",
          "CLFLUSH",
          "CLFLUSHOPT",
          "CLWB",
          "CLDEMOTE",
          "UD0",
          "UD1",
          "UD2",
          "XGETBV",
          "MOV_SREG",
          "PUSH_SREG",
          "POP_SREG",
          "MOVDIR64B",
          "XBEGIN",
          "XEND",
          "XABORT",
          "XTEST",
          "MOVQ2DQ",
          "MOVDQ2Q",
          "CVTPI2PS",
          "CVTPS2PI",
          "CVTTPS2PI",
          "CVTPI2PD",
          "CVTPD2PI",
          "CVTTPD2PI",
          "SALC",
          "FNSTENV",
          "FLDENV",
          "FNSAVE",
          "FRSTOR",
          "FNINIT",
          "FNENI",
          "FNDISI",
          "FNSETPM",
          "MASKMOVQ");

  private static final Set<String> BIT_TESTS = Set.of("BT", "BTS", "BTR", "BTC");

  private final Set<String> hostFeatures;
  private final Kind[] kinds = new Kind[8192];

  /**
   * @param hostFeatures what the host's processor has, by the table's names, base features included
   */
  Ordinary(Set<String> hostFeatures) {
    this.hostFeatures = hostFeatures;
  }

  Kind kind(InstructionForm form) {
    Kind kind = kinds[form.id];
    if (kind == null) {
      kind = classify(form);
      kinds[form.id] = kind;
    }
    return kind;
  }

  private Kind classify(InstructionForm form) {
    switch (form.meaning) {
      case "CLI" -> {
        return Kind.CLI;
      }
      case "STI" -> {
        return Kind.STI;
      }
      case "PAUSE" -> {
        return Kind.PAUSE;
      }
      case "SYSCALL" -> {
        return Kind.SYSCALL;
      }
      case "SYSRET" -> {
        return Kind.SYSRET;
      }
      case "SWAPGS" -> {
        return Kind.SWAPGS;
      }
      case "STAC" -> {
        return Kind.STAC;
      }
      case "CLAC" -> {
        return Kind.CLAC;
      }
      case "SERIALIZE" -> {
        return Kind.SERIALIZE;
      }
      case "CLD" -> { // it is clear: see TranslationMode
        return Kind.NOTHING;
      }
      case "PUSHF" -> {
        return Kind.PUSHF;
      }
      case "POPF" -> {
        return Kind.POPF;
      }
      default -> {}
    }
    switch (form.meaning) {
      case "LDMXCSR", "VLDMXCSR" -> {
        return Kind.LOAD_MXCSR;
      }
      case "STMXCSR", "VSTMXCSR" -> {
        return Kind.STORE_MXCSR;
      }
      case "RDTSC", "RDTSCP" -> {
        return Kind.TIME_STAMP;
      }
      case "RDFSBASE", "RDGSBASE" -> {
        return Kind.READ_BASE;
      }
      case "WRFSBASE", "WRGSBASE" -> {
        return Kind.WRITE_BASE;
      }
      case "STOS", "MOVS", "LODS", "CMPS", "SCAS" -> {
        return Kind.STRING;
      }
      case "MOV_SREG" -> {
        return form.operands[1].place() == Operand.Place.SEGMENT
            ? Kind.READ_SELECTOR
            : Kind.SPECIAL;
      }
      default -> {}
    }
    boolean short32 = form.meaning.equals("INC") || form.meaning.equals("DEC");
    if (!form.is(Attribute.USER)
        || form.is(Attribute.STRING)
        || form.is(Attribute.NOT_IN_64) && !short32
        || FOR_THE_INTERPRETER.contains(form.meaning)
        || !form.feature.isEmpty() && !hostFeatures.contains(form.feature)) {
      return Kind.SPECIAL;
    }
    if (form.is(Attribute.X87)) {
      return Kind.X87;
    }
    if (form.is(Attribute.MMX)) {
      return form.is(Attribute.SSE) ? Kind.SPECIAL : Kind.MMX;
    }
    return switch (form.meaning) {
      case "NOP" -> Kind.NOTHING;
      case "PREFETCHNTA", "PREFETCHT0", "PREFETCHT1", "PREFETCHT2", "PREFETCHW" -> Kind.PREFETCH;
      case "LEA" -> Kind.LEA;
      case "PUSH" -> Kind.PUSH;
      case "POP" -> Kind.POP;
      case "LEAVE" -> Kind.LEAVE;
      case "CALL" -> Kind.CALL;
      case "RET" -> Kind.RET;
      case "JMP" -> Kind.JMP;
      case "JCC" -> Kind.JCC;
      case "JRCXZ", "LOOP", "LOOPE", "LOOPNE" -> Kind.LOOP;
      case "XLAT" -> Kind.XLAT;
      case "DIV", "IDIV" -> Kind.DIVISION;
      default -> byOperands(form);
    };
  }

  private static Kind byOperands(InstructionForm form) {
    boolean vector = form.is(Attribute.SSE | Attribute.AVX);
    for (Operand operand : form.operands) {
      switch (operand.place()) {
        case MOFFS -> {
          return Kind.OFFSET;
        }
        case FIXED_SEGMENT,
            SEGMENT,
            CONTROL,
            DEBUG,
            MMX_REG,
            MMX_RM,
            ST,
            FIXED_ST,
            FAR_POINTER,
            VSIB,
            STRING_SOURCE,
            STRING_DESTINATION,
            RELATIVE -> {
          return Kind.SPECIAL;
        }
        case VECTOR_REG, VECTOR_RM, VECTOR_VVVV, VECTOR_IMMEDIATE -> vector = true;
        default -> {}
      }
      if (operand.size() == Operand.Size.IMAGE) {
        return Kind.SPECIAL;
      }
    }
    return vector ? Kind.VECTOR : Kind.PLAIN;
  }

  /** Whether the memory operand is a bit string: a register says which bit, far beyond its size. */
  static boolean addressesBits(Instruction i) {
    return i.hasMemory()
        && BIT_TESTS.contains(i.form.meaning)
        && i.form.operands[1].place() == Operand.Place.REG;
  }
}

package dev.ringzero.x86.instruction;

/**
 * One operand of a table row: where it lives, how wide it is, and whether it is read or written.
 *
 * @param code the manual's operand code as written in the table ("Eb", "Gv", "Wps", "Ib", "AL")
 * @param place where the operand lives
 * @param size how wide it is, in memory and, if {@code registerSize} does not differ, in a register
 * @param registerSize how wide it is where it is a register: PEXTRB writes a byte of memory, but
 *     all of a general register. A vector register written with fewer than 128 bits by a legacy
 *     instruction keeps the rest
 * @param register the fixed register number of {@link Place#FIXED_GPR}, {@link
 *     Place#FIXED_SEGMENT}, {@link Place#FIXED_ST} and {@link Place#FIXED_VECTOR}; else -1
 * @param read whether the instruction reads it
 * @param written whether the instruction writes it
 */
public record Operand(
    String code,
    Place place,
    Size size,
    Size registerSize,
    int register,
    boolean read,
    boolean written) {

  /** Where an operand lives. */
  public enum Place {
    /** General register or memory, by ModRM.rm. */
    RM,
    /** Memory only, by ModRM.rm. */
    MEMORY,
    /** General register, by ModRM.reg. */
    REG,
    /** General register, by ModRM.rm (mod is 3). */
    RM_REGISTER,
    /** General register in the low three opcode bits. */
    OPCODE_REGISTER,
    /** General register by VEX.vvvv. */
    VVVV_GPR,
    /** A fixed general register (AL, AX, eAX, rAX, CL, DX …). */
    FIXED_GPR,
    /** A fixed segment register. */
    FIXED_SEGMENT,
    /** Segment register by ModRM.reg. */
    SEGMENT,
    /** Control register by ModRM.reg. */
    CONTROL,
    /** Debug register by ModRM.reg. */
    DEBUG,
    /** XMM or YMM register by ModRM.reg. */
    VECTOR_REG,
    /** XMM or YMM register or memory, by ModRM.rm. */
    VECTOR_RM,
    /** XMM or YMM register by VEX.vvvv. */
    VECTOR_VVVV,
    /** XMM or YMM register in bits 7:4 of the immediate byte. */
    VECTOR_IMMEDIATE,
    /** A fixed vector register (XMM0 of the legacy variable blends). */
    FIXED_VECTOR,
    /** MMX register by ModRM.reg. */
    MMX_REG,
    /** MMX register or memory, by ModRM.rm. */
    MMX_RM,
    /** x87 stack register ST(i), i by ModRM.rm. */
    ST,
    /** A fixed x87 stack register. */
    FIXED_ST,
    /** The first immediate. */
    IMMEDIATE,
    /** The second immediate. */
    IMMEDIATE2,
    /** A constant one (shifts by 1). */
    ONE,
    /** Distance of a relative branch. */
    RELATIVE,
    /** Far pointer in the instruction: immediate is the offset, immediate2 the selector. */
    FAR_POINTER,
    /** Memory at an absolute offset in the instruction (moffs). */
    MOFFS,
    /** Memory addressed by vector indices (VSIB). */
    VSIB,
    /** Memory at DS:rSI. */
    STRING_SOURCE,
    /** Memory at ES:rDI. */
    STRING_DESTINATION
  }

  /** How wide an operand is. */
  public enum Size {
    BYTE,
    WORD,
    DWORD,
    QWORD,
    /** 128 bits. */
    DQWORD,
    /** 256 bits. */
    QQWORD,
    /** The effective operand size: 16, 32 or 64 bits. */
    OPERAND,
    /** 16 or 32 bits: the operand size, but 32 where that is 64. */
    OPERAND_NOT_64,
    /** 32 or 64 bits: 64 with REX.W, else 32. */
    DWORD_OR_QWORD,
    /** 64 bits in 64-bit mode, else 32 (control registers, native size). */
    NATIVE,
    /** The effective vector length: 128 or 256 bits. */
    VECTOR,
    /** Half the effective vector length. */
    HALF_VECTOR,
    /** A quarter of the effective vector length. */
    QUARTER_VECTOR,
    /** An eighth of the effective vector length. */
    EIGHTH_VECTOR,
    /** Two values of the effective operand size (BOUND). */
    BOUNDS,
    /** A 16-bit selector with an offset of operand size. */
    FAR_POINTER,
    /** A 16-bit limit with a 32- or 64-bit base (GDTR, IDTR). */
    PSEUDO_DESCRIPTOR,
    /** 80-bit x87 extended, or packed BCD. */
    TBYTE,
    /** A memory image whose size the instruction tells (FXSAVE, XSAVE, FNSTENV …). */
    IMAGE,
    /** No data: an address only (LEA, INVLPG, prefetches). */
    NONE
  }

  /** Whether it is memory when ModRM.mod is not 3, or always. */
  public boolean mayBeMemory() {
    return switch (place) {
      case RM, MEMORY, VECTOR_RM, MMX_RM, MOFFS, VSIB, STRING_SOURCE, STRING_DESTINATION -> true;
      default -> false;
    };
  }
}

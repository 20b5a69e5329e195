package dev.ringzero.x86.instruction;

/**
 * One decoded instruction: the row of the instruction table that it matched, and the fields of its
 * encoding. It holds no address, so that the same bytes at two places decode to equal instructions.
 * The fields are plain because interpreter and translator read them on their hot paths; they are
 * written by the {@link Decoder} alone.
 *
 * @spec Intel SDM Vol. 2A, "Instruction Format"
 */
public final class Instruction {
  /** {@link #base} or {@link #index} of a memory operand without one. */
  public static final int NONE = 16;

  /** {@link #base} of a RIP-relative operand: the address of the next instruction is the base. */
  public static final int RIP = 17;

  /** The row of the instruction table. */
  public InstructionForm form;

  /** Length in bytes, 1 to 15. */
  public int length;

  /** Effective operand size in bits: 16, 32 or 64. Byte operands are told by the operand itself. */
  public int operandSize;

  /** Effective address size in bits: 16, 32 or 64. */
  public int addressSize;

  /** Effective vector length in bits: 128 or 256; 0 where the instruction has none. */
  public int vectorLength;

  /** A LOCK prefix is present (and legal). */
  public boolean lock;

  /** An F3 prefix is present that the opcode does not consume (REP, REPE, or a hint). */
  public boolean rep;

  /** An F2 prefix is present that the opcode does not consume (REPNE, or a hint). */
  public boolean repne;

  /** Any REX prefix is present: byte registers 4 to 7 are SPL, BPL, SIL, DIL. */
  public boolean rex;

  /** REX.W or VEX.W. */
  public boolean w;

  /** The instruction is VEX encoded: vector destinations clear their upper bits. */
  public boolean vex;

  /** ModRM.mod; 3 where the r/m operand is a register. Instructions without ModRM: 3. */
  public int mod;

  /** ModRM.reg with its extension bit, 0 to 15. */
  public int reg;

  /** ModRM.rm with its extension bit, 0 to 15, where {@link #mod} is 3. */
  public int rm;

  /**
   * The register in the low three opcode bits with REX.B, 0 to 15 (PUSH, POP, BSWAP, XCHG, MOV
   * r,imm).
   */
  public int opcodeRegister;

  /** VEX.vvvv, not inverted, 0 to 15. */
  public int vvvv;

  /** Operand size by default of the code that it is in: 16, 32, or 64 in 64-bit mode. */
  public int codeSize;

  /** Segment of the memory operand, override included: 0 ES, 1 CS, 2 SS, 3 DS, 4 FS, 5 GS. */
  public int segment;

  /** Base register 0 to 15, {@link #NONE} or {@link #RIP}. */
  public int base;

  /** Index register 0 to 15 (vector register for VSIB), or {@link #NONE}. */
  public int index;

  /** Shift of the index register: 0 to 3. */
  public int scale;

  /** Displacement, sign-extended; for moffs operands the whole address. */
  public long displacement;

  /**
   * First immediate, sign-extended to the operand size where the row says so and zero-extended from
   * there; relative branches: the signed distance from the next instruction.
   */
  public long immediate;

  /** Second immediate (ENTER, far pointers: the selector; EXTRQ). */
  public int immediate2;

  /** Whether the r/m operand is in memory. */
  public boolean hasMemory() {
    return mod != 3;
  }

  /** The operand at this place, 0 is the leftmost (destination). */
  public Operand operand(int place) {
    return form.operands[place];
  }

  /**
   * Width of an operand of this instruction in bits: of the register where it is one, else of the
   * memory; 0 for an address without data and for images whose size depends on processor state.
   */
  public int width(Operand operand) {
    return switch (mod == 3 ? operand.registerSize() : operand.size()) {
      case BYTE -> 8;
      case WORD -> 16;
      case DWORD -> 32;
      case QWORD -> 64;
      case DQWORD -> 128;
      case QQWORD -> 256;
      case TBYTE -> 80;
      case OPERAND -> operandSize;
      case OPERAND_NOT_64 -> Math.min(operandSize, 32);
      case DWORD_OR_QWORD -> w ? 64 : 32;
      case NATIVE -> operandSize == 64 ? 64 : 32;
      case VECTOR -> vectorLength;
      case HALF_VECTOR -> vectorLength / 2;
      case QUARTER_VECTOR -> vectorLength / 4;
      case EIGHTH_VECTOR -> vectorLength / 8;
      case BOUNDS -> 2 * operandSize;
      case FAR_POINTER -> 16 + operandSize;
      case PSEUDO_DESCRIPTOR -> operandSize == 64 ? 80 : 48;
      case IMAGE, NONE -> 0;
    };
  }
}

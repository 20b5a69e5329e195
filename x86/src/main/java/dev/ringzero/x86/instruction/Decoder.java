package dev.ringzero.x86.instruction;

/**
 * Decodes instruction bytes by the instruction table. A decoder keeps its place in the bytes while
 * it works, so that it allocates nothing; each thread has its own.
 *
 * <p>Restrictions by processor state other than the size of the code segment (real or virtual-8086
 * mode, CR4, XCR0, CPUID) are left to those who run the instruction: {@link Attribute} tells them.
 *
 * <p>Not modelled: AVX-512, XOP, 3DNow!, MPX, CET, TSX, AMX. Their hints in NOP space are NOPs, the
 * rest is invalid.
 *
 * @spec Intel SDM Vol. 2A, "Instruction Format"
 */
public final class Decoder {
  /** An instruction is no longer than this. */
  public static final int MAX_LENGTH = 15;

  /** More bytes are needed than were given. */
  public static final int NEEDS_MORE = 0;

  /** No instruction has this encoding in this mode: #UD. */
  public static final int INVALID = -1;

  /** The instruction would be longer than {@link #MAX_LENGTH}: #GP. */
  public static final int TOO_LONG = -2;

  private static final int PREFIX_66 = 1;
  private static final int PREFIX_67 = 2;
  private static final int PREFIX_LOCK = 4;
  private static final int REX_W = 8;
  private static final int REX_R = 4;
  private static final int REX_X = 2;
  private static final int REX_B = 1;
  private static final int RSP = 4;
  private static final int RBP = 5;
  private static final int SS = 2;
  private static final int DS = 3;

  /** Base and index of 16-bit addressing, by r/m. */
  private static final int[] BASE_16 = {3, 3, 5, 5, 6, 7, 5, 3};

  private static final int[] INDEX_16 = {
    6, 7, 6, 7, Instruction.NONE, Instruction.NONE, Instruction.NONE, Instruction.NONE
  };

  private byte[] code;
  private int position;
  private int limit;
  private boolean exhausted;

  private boolean mode64;
  private int prefixes;
  private int repeat; // 2 or 3 for F3 or F2 as VEX.pp numbers them, whichever came last, else 0
  private int override; // segment register of the last override that counts, or -1
  private int rex; // low four bits as REX has them, from REX or VEX

  private int map;
  private int opcode;
  private int vexPrefix;
  private boolean vexLong;
  private boolean vvvvUsed;

  /**
   * Decodes the instruction at the start of a range of bytes.
   *
   * @param code bytes of code; no more than {@link #MAX_LENGTH} are read
   * @param offset where the instruction starts
   * @param available how many bytes may be read from there
   * @param mode default size of the code segment: 16, 32, or 64 in 64-bit mode
   * @param out takes the instruction; meaningless unless the result is positive
   * @return the length of the instruction, or {@link #NEEDS_MORE}, {@link #INVALID} or {@link
   *     #TOO_LONG}
   */
  public int decode(byte[] code, int offset, int available, int mode, Instruction out) {
    this.code = code;
    position = offset;
    limit = offset + Math.min(available, MAX_LENGTH);
    exhausted = false;
    mode64 = mode == 64;
    out.codeSize = mode;
    int length = instruction(mode, out) ? position - offset : INVALID;
    if (exhausted) {
      return available >= MAX_LENGTH ? TOO_LONG : NEEDS_MORE;
    }
    out.length = length;
    return length;
  }

  /** Decodes into a new instruction, or gives null if the bytes do not start with one. */
  public static Instruction decode(byte[] code, int mode) {
    Instruction instruction = new Instruction();
    int length = new Decoder().decode(code, 0, code.length, mode, instruction);
    return length > 0 ? instruction : null;
  }

  private boolean instruction(int mode, Instruction out) {
    int first = prefixes();
    out.rex = rex != 0;
    out.vex = false;
    out.vvvv = 0;
    if (!opcode(first, out)) {
      return false;
    }
    InstructionForm[] rows = InstructionTable.MAPS.rows(map, opcode);
    if (exhausted || rows == null) {
      return false;
    }
    int modrm = (rows[0].fields & Fields.MODRM) != 0 ? next() : 0xC0;
    out.w = (rex & REX_W) != 0;
    out.addressSize = addressSize(mode);
    InstructionForm form = select(rows, modrm, out);
    if (exhausted || form == null) {
      return false;
    }
    out.w &= mode64;
    out.form = form;
    out.operandSize = operandSize(form, mode, out);
    out.vectorLength = vectorLength(form);
    out.lock = (prefixes & PREFIX_LOCK) != 0;
    boolean repeats = (form.fields & Fields.TAKES_REPEAT) == 0;
    out.rep = repeat == 2 && repeats;
    out.repne = repeat == 3 && repeats;
    out.opcodeRegister = opcode & 7 | (rex & REX_B) << 3;
    modrm(form, modrm, out);
    immediates(form, out);
    return legal(form, out);
  }

  private int next() {
    if (position >= limit) {
      exhausted = true;
      return 0;
    }
    return code[position++] & 0xFF;
  }

  private int prefixes() {
    prefixes = 0;
    repeat = 0;
    override = -1;
    rex = 0;
    while (true) {
      int b = next();
      switch (b) {
        case 0x66 -> prefixes |= PREFIX_66;
        case 0x67 -> prefixes |= PREFIX_67;
        case 0xF0 -> prefixes |= PREFIX_LOCK;
        case 0xF2 -> repeat = 3;
        case 0xF3 -> repeat = 2;
        case 0x26, 0x2E, 0x36, 0x3E -> override = mode64 ? override : b >> 3 & 3;
        case 0x64, 0x65 -> override = b & 7;
        default -> {
          if (!mode64 || (b & 0xF0) != 0x40) {
            return b;
          }
          rex = b;
          continue;
        }
      }
      rex = 0; // only a REX right before the opcode counts
    }
  }

  private boolean opcode(int first, Instruction out) {
    vexPrefix = 0;
    vexLong = false;
    vvvvUsed = false;
    map = OpcodeMaps.ONE_BYTE;
    opcode = first;
    if (first == 0x0F) {
      map = OpcodeMaps.TWO_BYTE;
      opcode = next();
      if (opcode == 0x38 || opcode == 0x3A) {
        map = opcode == 0x38 ? OpcodeMaps.MAP_0F38 : OpcodeMaps.MAP_0F3A;
        opcode = next();
      }
    } else if ((first & 0xFE) == 0xC4 && startsVex()) {
      return vex(first == 0xC4, out);
    }
    return true;
  }

  /** Outside 64-bit mode C4 and C5 are LES and LDS where a memory operand follows. */
  private boolean startsVex() {
    if (mode64) {
      return true;
    }
    if (position >= limit) {
      exhausted = true;
      return false;
    }
    return (code[position] & 0xC0) == 0xC0;
  }

  private boolean vex(boolean threeBytes, Instruction out) {
    if ((prefixes & ~PREFIX_67) != 0 || repeat != 0 || rex != 0) {
      return false;
    }
    out.vex = true;
    int last = next();
    map = OpcodeMaps.VEX_0F;
    if (threeBytes) {
      int select = last & 0x1F;
      if (select == 0 || select > 3) {
        return false;
      }
      map = OpcodeMaps.VEX_0F - 1 + select;
      rex = mode64 ? ~last >> 5 & 7 : 0;
      last = next();
      rex |= last >> 4 & REX_W;
    } else {
      rex = mode64 ? ~last >> 5 & REX_R : 0;
    }
    vexPrefix = last & 3;
    vexLong = (last & 4) != 0;
    vvvvUsed = (last & 0x78) != 0x78;
    out.vvvv = ~last >> 3 & (mode64 ? 15 : 7);
    opcode = next();
    return true;
  }

  private InstructionForm select(InstructionForm[] rows, int modrm, Instruction out) {
    int prefix = out.vex ? vexPrefix : repeat != 0 ? repeat : prefixes & PREFIX_66;
    long state =
        1L << (Selector.PREFIX + prefix)
            | 1L << (Selector.REG + (modrm >> 3 & 7))
            | 1L << (Selector.RM + (modrm & 7))
            | (modrm >= 0xC0 ? Selector.REGISTER : Selector.MEMORY)
            | (!out.w ? Selector.W0 : mode64 ? Selector.W1 : Selector.W1_NOT_64)
            | (vexLong ? Selector.L1 : Selector.L0)
            | (mode64 ? Selector.MODE_64 : Selector.MODE_NOT_64)
            | Selector.ADDRESS_16 << (Integer.numberOfTrailingZeros(out.addressSize) - 4)
            | ((rex & REX_B) != 0 ? Selector.EXTENDED : 0)
            | (vvvvUsed ? Selector.VVVV_USED : 0);
    for (InstructionForm form : rows) {
      if ((state & form.reject) == 0) {
        return form;
      }
    }
    return null;
  }

  private int addressSize(int mode) {
    if ((prefixes & PREFIX_67) == 0) {
      return mode;
    }
    return mode == 32 ? 16 : 32;
  }

  private int operandSize(InstructionForm form, int mode, Instruction out) {
    boolean other = (prefixes & PREFIX_66) != 0 && (form.fields & Fields.TAKES_66) == 0;
    if (!mode64) {
      boolean takes66 = (form.fields & (Fields.TAKES_66 | Fields.VEX)) != 0;
      return takes66 || (mode == 32) != other ? 32 : 16;
    }
    if (out.w || form.is(Attribute.FORCE_64)) {
      return 64;
    }
    if (other) {
      return 16;
    }
    return form.is(Attribute.DEFAULT_64) ? 64 : 32;
  }

  private int vectorLength(InstructionForm form) {
    if ((form.fields & Fields.VECTOR) == 0) {
      return 0;
    }
    return vexLong && (form.fields & Fields.SCALAR) == 0 ? 256 : 128;
  }

  private void modrm(InstructionForm form, int modrm, Instruction out) {
    int fields = form.fields;
    out.mod = (fields & Fields.IGNORES_MOD) != 0 ? 3 : modrm >> 6;
    out.reg = modrm >> 3 & 7;
    if ((fields & Fields.LOW_REG) == 0) {
      out.reg |= (rex & REX_R) << 1;
    }
    out.rm = modrm & 7;
    out.base = Instruction.NONE;
    out.index = Instruction.NONE;
    out.scale = 0;
    out.displacement = 0;
    out.segment = DS;
    if (out.mod == 3) {
      if ((fields & Fields.LOW_RM) == 0) {
        out.rm |= (rex & REX_B) << 3;
      }
    } else if (out.addressSize == 16) {
      memory16(out);
    } else {
      memory(out, (fields & Fields.VSIB) != 0);
    }
    if (override >= 0) {
      out.segment = override;
    }
  }

  private void memory16(Instruction out) {
    int rm = out.rm;
    if (out.mod == 0 && rm == 6) {
      out.displacement = (short) word();
      return;
    }
    out.base = BASE_16[rm];
    out.index = INDEX_16[rm];
    if (out.base == RBP) {
      out.segment = SS;
    }
    out.displacement = out.mod == 0 ? 0 : out.mod == 1 ? (byte) next() : (short) word();
  }

  private void memory(Instruction out, boolean vectorIndex) {
    int base = out.rm;
    boolean sib = base == RSP;
    if (sib) {
      int bits = next();
      out.scale = bits >> 6;
      int index = bits >> 3 & 7 | (rex & REX_X) << 2;
      out.index = index == RSP && !vectorIndex ? Instruction.NONE : index;
      base = bits & 7;
    }
    if (out.mod == 0 && base == RBP) {
      out.base = mode64 && !sib ? Instruction.RIP : Instruction.NONE;
      out.displacement = dword();
      return;
    }
    if (base == RSP || base == RBP) {
      // a REX bit makes it R12 or R13, whose default is DS
      out.segment = (rex & REX_B) == 0 ? SS : DS;
    }
    out.base = base | (rex & REX_B) << 3;
    out.displacement = out.mod == 0 ? 0 : out.mod == 1 ? (byte) next() : dword();
  }

  private void immediates(InstructionForm form, Instruction out) {
    out.immediate = 0;
    out.immediate2 = 0;
    if (form.fields >>> Fields.SECOND_BYTE_SHIFT == 0) {
      return;
    }
    boolean word = out.operandSize == 16;
    switch (form.fields >> Fields.IMMEDIATE & 15) {
      case Fields.BYTE -> out.immediate = next();
      case Fields.SIGNED_BYTE -> out.immediate = (byte) next() & mask(out.operandSize);
      case Fields.WORD -> out.immediate = word();
      case Fields.OPERAND_NOT_64 -> out.immediate = word ? word() : dword() & mask(out.operandSize);
      case Fields.OPERAND ->
          out.immediate = word ? word() : out.operandSize == 64 ? qword() : unsignedDword();
      case Fields.DISTANCE_BYTE -> out.immediate = (byte) next();
      case Fields.DISTANCE -> out.immediate = word ? (short) word() : dword();
      case Fields.FAR_POINTER -> {
        out.immediate = word ? word() : unsignedDword();
        out.immediate2 = word();
      }
      case Fields.REGISTER_NUMBER -> out.immediate = next() & (mode64 ? 0xFF : 0x7F);
      case Fields.OFFSET -> out.displacement = offset(out.addressSize);
      default -> {}
    }
    if ((form.fields & Fields.SECOND_BYTE) != 0) {
      out.immediate2 = next();
    }
  }

  private long offset(int addressSize) {
    return addressSize == 64 ? qword() : addressSize == 32 ? unsignedDword() : word();
  }

  private static long mask(int bits) {
    return -1L >>> (64 - bits);
  }

  private int word() {
    return next() | next() << 8;
  }

  private int dword() {
    return word() | word() << 16;
  }

  private long unsignedDword() {
    return dword() & 0xFFFF_FFFFL;
  }

  private long qword() {
    return unsignedDword() | unsignedDword() << 32;
  }

  private boolean legal(InstructionForm form, Instruction out) {
    if (out.lock && !(form.is(Attribute.LOCKABLE) && out.mod != 3)) {
      return false;
    }
    if ((form.fields & Fields.RARE) == 0) {
      return true;
    }
    if ((form.fields & Fields.SEGMENT_REG) != 0) {
      boolean loadsCs = out.reg == 1 && form.operands[0].place() == Operand.Place.SEGMENT;
      return out.reg < 6 && !loadsCs;
    }
    if ((form.fields & Fields.CONTROL_REG) != 0) {
      return out.reg == 0 || out.reg >= 2 && out.reg <= 4 || out.reg == 8;
    }
    if ((form.fields & Fields.DEBUG_REG) != 0) {
      return out.reg < 8;
    }
    boolean sib = out.addressSize != 16 && out.rm == RSP;
    return sib && out.reg != out.index && out.reg != out.vvvv && out.index != out.vvvv;
  }
}

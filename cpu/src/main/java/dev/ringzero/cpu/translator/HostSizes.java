package dev.ringzero.cpu.translator;

/**
 * How much memory the instructions that may be emitted read or write, by map, mandatory prefix and
 * opcode. Written from the manual's opcode maps, apart from the instruction table, so that a wrong
 * row there does not deceive the verifier. What is not in here is never emitted.
 *
 * @spec Intel SDM Vol. 2D, "Opcode Map"; Vol. 2A to 2C, the instructions
 */
final class HostSizes {
  /** Sizes; those from {@link #OPERAND} on depend on prefixes. */
  static final int REFUSED = 0, REGISTERS = -1, ADDRESS = -2;

  static final int OPERAND = 100; // 2, 4 or 8, by 66 and W
  static final int GENERAL = 101; // 4 or 8, by W
  static final int VECTOR = 102; // 16 or 32, by L
  static final int HALF = 103, QUARTER = 104, EIGHTH = 105; // of a vector
  static final int PAIR = 106; // 8 or 16, by W: CMPXCHG8B, CMPXCHG16B
  static final int DUPLICATED = 107; // 8 or 32, by L: MOVDDUP

  private static final int NP = 1, P66 = 2, PF3 = 4, PF2 = 8, ALL = 15;
  // Not FLDENV, FLDCW, FNSTENV, FRSTOR, FNSAVE.
  private static final int[] X87_D9 = {4, REFUSED, 4, 4, REFUSED, REFUSED, REFUSED, 2};
  private static final int[] X87_DB = {4, 4, 4, 4, REFUSED, 10, REFUSED, 10};
  private static final int[] X87_DD = {8, 8, 8, 8, REFUSED, REFUSED, REFUSED, 2};
  private static final int[] X87_DF = {2, 2, 2, 2, 10, 8, 10, 8};

  private static final int MAPS = 4, PREFIXES = 4;

  private final short[] sizes = new short[MAPS * PREFIXES * 256];
  private final boolean[] writes = new boolean[MAPS * PREFIXES * 256];

  HostSizes() {
    oneByte();
    vectors();
    generalOf0F();
    map38();
    map3A();
  }

  /** Size for a prefix: 0 none, 1 66, 2 F3, 3 F2. */
  int size(int map, int prefix, int opcode) {
    return sizes[(map * PREFIXES + prefix) * 256 + opcode];
  }

  boolean writes(int map, int prefix, int opcode) {
    return writes[(map * PREFIXES + prefix) * 256 + opcode];
  }

  /** Bytes of the memory operand of an x87 instruction, D8 to DF, by ModRM.reg. */
  int x87(int opcode, int reg) {
    return switch (opcode) {
      case 0xD8, 0xDA -> 4;
      case 0xDC -> 8;
      case 0xDE -> 2;
      case 0xD9 -> X87_D9[reg];
      case 0xDB -> X87_DB[reg];
      case 0xDD -> X87_DD[reg];
      default -> X87_DF[reg];
    };
  }

  boolean x87Writes(int opcode, int reg) {
    boolean stores = (opcode & 1) != 0;
    return stores && (reg == 1 || reg == 2 || reg == 3 || reg >= 6);
  }

  /** Of the forms without memory, that of the whole unit's state is refused: FNINIT and its kin. */
  int x87Registers(int opcode, int reg, int rm) {
    return opcode == 0xDB && reg == 4 && rm != 2 ? REFUSED : REGISTERS;
  }

  private void set(int map, int prefixes, int first, int last, int size, boolean write) {
    for (int prefix = 0; prefix < PREFIXES; prefix++) {
      if ((prefixes & 1 << prefix) != 0) {
        for (int opcode = first; opcode <= last; opcode++) {
          int at = (map * PREFIXES + prefix) * 256 + opcode;
          sizes[at] = (short) size;
          writes[at] = write;
        }
      }
    }
  }

  private void read(int map, int prefixes, int first, int last, int size) {
    set(map, prefixes, first, last, size, false);
  }

  private void write(int map, int prefixes, int first, int last, int size) {
    set(map, prefixes, first, last, size, true);
  }

  /** Opcodes whose size is 1 or that of the operand by their low bit. */
  private void pair(int map, int opcode, boolean write) {
    set(map, ALL, opcode, opcode, 1, write);
    set(map, ALL, opcode + 1, opcode + 1, OPERAND, write);
  }

  private void oneByte() {
    for (int opcode = 0; opcode < 0x40; opcode += 8) {
      pair(0, opcode, opcode != 0x38);
      pair(0, opcode + 2, false);
      read(0, ALL, opcode + 4, opcode + 5, REGISTERS);
    }
    read(0, ALL, 0x55, 0x55, REGISTERS); // PUSH
    read(0, ALL, 0x63, 0x63, 4);
    read(0, ALL, 0x69, 0x69, OPERAND);
    read(0, ALL, 0x6B, 0x6B, OPERAND);
    read(0, ALL, 0x70, 0x7F, REGISTERS); // Jcc
    pair(0, 0x80, true);
    write(0, ALL, 0x83, 0x83, OPERAND);
    pair(0, 0x84, false);
    pair(0, 0x86, true);
    pair(0, 0x88, true);
    pair(0, 0x8A, false);
    read(0, ALL, 0x8D, 0x8D, ADDRESS);
    read(0, ALL, 0x90, 0x99, REGISTERS); // NOP, XCHG, CBW and kin
    read(0, ALL, 0x9E, 0x9F, REGISTERS); // SAHF, LAHF
    read(0, ALL, 0xA8, 0xA9, REGISTERS);
    read(0, ALL, 0xB0, 0xBF, REGISTERS);
    pair(0, 0xC0, true);
    pair(0, 0xC6, true);
    pair(0, 0xD0, true);
    pair(0, 0xD2, true);
    read(0, ALL, 0xC3, 0xC3, REGISTERS); // RET
    read(0, ALL, 0xE3, 0xE3, REGISTERS); // JRCXZ
    read(0, ALL, 0xE8, 0xE9, REGISTERS); // CALL, JMP
    read(0, ALL, 0xEB, 0xEB, REGISTERS);
    read(0, ALL, 0xF5, 0xF5, REGISTERS);
    pair(0, 0xF6, true);
    read(0, ALL, 0xF8, 0xF9, REGISTERS);
    pair(0, 0xFE, true);
  }

  /** SSE, AVX and MMX in map 0F. */
  private void vectors() {
    for (int opcode : new int[] {0x51, 0x58, 0x59, 0x5C, 0x5D, 0x5E, 0x5F, 0xC2}) {
      packedOrScalar(opcode, false);
    }
    packedOrScalar(0x10, false);
    packedOrScalar(0x11, true);
    read(1, NP | P66, 0x12, 0x12, 8);
    read(1, PF3, 0x12, 0x12, VECTOR);
    read(1, PF2, 0x12, 0x12, DUPLICATED);
    write(1, NP | P66, 0x13, 0x13, 8);
    read(1, NP | P66, 0x14, 0x15, VECTOR);
    read(1, NP | P66, 0x16, 0x16, 8);
    read(1, PF3, 0x16, 0x16, VECTOR);
    write(1, NP | P66, 0x17, 0x17, 8);
    read(1, NP | P66, 0x28, 0x28, VECTOR);
    write(1, NP | P66, 0x29, 0x29, VECTOR);
    read(1, PF3 | PF2, 0x2A, 0x2A, GENERAL);
    write(1, NP | P66, 0x2B, 0x2B, VECTOR);
    read(1, PF3, 0x2C, 0x2D, 4);
    read(1, PF2, 0x2C, 0x2D, 8);
    read(1, NP, 0x2E, 0x2F, 4);
    read(1, P66, 0x2E, 0x2F, 8);
    read(1, ALL, 0x50, 0x50, REGISTERS);
    read(1, NP, 0x52, 0x53, VECTOR);
    read(1, PF3, 0x52, 0x53, 4);
    read(1, NP | P66, 0x54, 0x57, VECTOR);
    read(1, NP, 0x5A, 0x5A, HALF);
    read(1, P66, 0x5A, 0x5A, VECTOR);
    read(1, PF3, 0x5A, 0x5A, 4);
    read(1, PF2, 0x5A, 0x5A, 8);
    read(1, NP | P66 | PF3, 0x5B, 0x5B, VECTOR);
    integers(0x60, 0x6D);
    read(1, NP, 0x60, 0x62, 4);
    read(1, NP | P66, 0x6E, 0x6E, GENERAL);
    read(1, NP, 0x6F, 0x70, 8);
    read(1, P66 | PF3, 0x6F, 0x70, VECTOR);
    read(1, PF2, 0x70, 0x70, VECTOR);
    read(1, ALL, 0x71, 0x73, REGISTERS);
    integers(0x74, 0x76);
    read(1, NP, 0x77, 0x77, REGISTERS); // VZEROUPPER, EMMS
    read(1, P66 | PF2, 0x7C, 0x7D, VECTOR);
    write(1, NP | P66, 0x7E, 0x7E, GENERAL);
    read(1, PF3, 0x7E, 0x7E, 8);
    write(1, NP, 0x7F, 0x7F, 8);
    write(1, P66 | PF3, 0x7F, 0x7F, VECTOR);
    read(1, NP | P66, 0xC4, 0xC4, 2);
    read(1, NP | P66, 0xC5, 0xC5, REGISTERS);
    read(1, NP | P66, 0xC6, 0xC6, VECTOR);
    read(1, P66 | PF2, 0xD0, 0xD0, VECTOR);
    integers(0xD1, 0xD5);
    write(1, P66, 0xD6, 0xD6, 8);
    read(1, NP | P66, 0xD7, 0xD7, REGISTERS);
    integers(0xD8, 0xE5);
    read(1, P66 | PF2, 0xE6, 0xE6, VECTOR);
    read(1, PF3, 0xE6, 0xE6, HALF);
    write(1, NP, 0xE7, 0xE7, 8);
    write(1, P66, 0xE7, 0xE7, VECTOR);
    integers(0xE8, 0xEF);
    read(1, PF2, 0xF0, 0xF0, VECTOR);
    integers(0xF1, 0xF6);
    integers(0xF8, 0xFE);
    read(1, P66, 0xD1, 0xD3, 16); // shifts: the count
    read(1, P66, 0xE1, 0xE2, 16);
    read(1, P66, 0xF1, 0xF3, 16);
  }

  private void packedOrScalar(int opcode, boolean write) {
    set(1, NP | P66, opcode, opcode, VECTOR, write);
    set(1, PF3, opcode, opcode, 4, write);
    set(1, PF2, opcode, opcode, 8, write);
  }

  private void integers(int first, int last) {
    read(1, NP, first, last, 8);
    read(1, P66, first, last, VECTOR);
  }

  private void generalOf0F() {
    read(1, NP, 0x0D, 0x0D, 1); // PREFETCHW
    read(1, NP, 0x18, 0x18, 1); // PREFETCH
    read(1, NP, 0x1F, 0x1F, REGISTERS); // NOP
    read(1, ALL, 0x40, 0x4F, OPERAND);
    read(1, ALL, 0x80, 0x8F, REGISTERS); // Jcc
    write(1, ALL, 0x90, 0x9F, 1);
    read(1, ALL, 0xA3, 0xA3, OPERAND);
    write(1, ALL, 0xA4, 0xA5, OPERAND);
    write(1, ALL, 0xAB, 0xAD, OPERAND);
    read(1, NP, 0xAE, 0xAE, REGISTERS); // fences
    read(1, ALL, 0xAF, 0xAF, OPERAND);
    pair(1, 0xB0, true);
    write(1, ALL, 0xB3, 0xB3, OPERAND);
    read(1, ALL, 0xB6, 0xB6, 1);
    read(1, ALL, 0xB7, 0xB7, 2);
    read(1, PF3, 0xB8, 0xB8, OPERAND);
    write(1, ALL, 0xBA, 0xBB, OPERAND);
    read(1, ALL, 0xBC, 0xBD, OPERAND);
    read(1, ALL, 0xBE, 0xBE, 1);
    read(1, ALL, 0xBF, 0xBF, 2);
    pair(1, 0xC0, true);
    write(1, NP, 0xC3, 0xC3, GENERAL);
    write(1, ALL, 0xC7, 0xC7, PAIR);
    read(1, ALL, 0xC8, 0xCF, REGISTERS);
  }

  private void map38() {
    read(2, NP, 0x00, 0x0B, 8);
    read(2, P66, 0x00, 0x0F, VECTOR);
    read(2, P66, 0x10, 0x10, VECTOR);
    read(2, P66, 0x13, 0x13, HALF);
    read(2, P66, 0x14, 0x17, VECTOR);
    read(2, P66, 0x18, 0x18, 4);
    read(2, P66, 0x19, 0x19, 8);
    read(2, P66, 0x1A, 0x1A, 16);
    read(2, NP, 0x1C, 0x1E, 8);
    read(2, P66, 0x1C, 0x1E, VECTOR);
    for (int opcode : new int[] {0x20, 0x30}) {
      read(2, P66, opcode, opcode, HALF);
      read(2, P66, opcode + 1, opcode + 1, QUARTER);
      read(2, P66, opcode + 2, opcode + 2, EIGHTH);
      read(2, P66, opcode + 3, opcode + 3, HALF);
      read(2, P66, opcode + 4, opcode + 4, QUARTER);
      read(2, P66, opcode + 5, opcode + 5, HALF);
    }
    read(2, P66, 0x28, 0x2B, VECTOR);
    read(2, P66, 0x36, 0x41, VECTOR);
    read(2, P66, 0x45, 0x47, VECTOR);
    read(2, P66, 0x58, 0x58, 4);
    read(2, P66, 0x59, 0x59, 8);
    read(2, P66, 0x5A, 0x5A, 16);
    read(2, P66, 0x78, 0x78, 1);
    read(2, P66, 0x79, 0x79, 2);
    for (int group = 0x90; group <= 0xB0; group += 0x10) {
      read(2, P66, group + 6, group + 7, VECTOR);
      for (int opcode = group + 8; opcode < group + 16; opcode += 2) {
        read(2, P66, opcode, opcode, VECTOR);
        read(2, P66, opcode + 1, opcode + 1, GENERAL); // a scalar: double by W
      }
    }
    read(2, NP, 0xC8, 0xCD, 16);
    read(2, P66, 0xDB, 0xDF, VECTOR);
    read(2, NP | P66, 0xF0, 0xF0, OPERAND);
    write(2, NP | P66, 0xF1, 0xF1, OPERAND);
    read(2, PF2, 0xF0, 0xF0, 1);
    read(2, PF2, 0xF1, 0xF1, OPERAND);
    read(2, NP, 0xF2, 0xF3, GENERAL);
    read(2, NP | PF3 | PF2, 0xF5, 0xF5, GENERAL);
    read(2, P66 | PF3 | PF2, 0xF6, 0xF6, GENERAL);
    read(2, ALL, 0xF7, 0xF7, GENERAL);
    write(2, NP, 0xF9, 0xF9, GENERAL);
  }

  private void map3A() {
    read(3, P66, 0x00, 0x09, VECTOR);
    read(3, P66, 0x0A, 0x0A, 4);
    read(3, P66, 0x0B, 0x0B, 8);
    read(3, P66, 0x0C, 0x0F, VECTOR);
    read(3, NP, 0x0F, 0x0F, 8);
    write(3, P66, 0x14, 0x14, 1);
    write(3, P66, 0x15, 0x15, 2);
    write(3, P66, 0x16, 0x16, GENERAL);
    write(3, P66, 0x17, 0x17, 4);
    read(3, P66, 0x18, 0x18, 16);
    write(3, P66, 0x19, 0x19, 16);
    write(3, P66, 0x1D, 0x1D, HALF);
    read(3, P66, 0x20, 0x20, 1);
    read(3, P66, 0x21, 0x21, 4);
    read(3, P66, 0x22, 0x22, GENERAL);
    read(3, P66, 0x38, 0x38, 16);
    write(3, P66, 0x39, 0x39, 16);
    read(3, P66, 0x40, 0x42, VECTOR);
    read(3, P66, 0x44, 0x44, VECTOR);
    read(3, P66, 0x46, 0x46, VECTOR);
    read(3, P66, 0x4A, 0x4C, VECTOR);
    read(3, P66, 0x60, 0x63, 16);
    read(3, NP, 0xCC, 0xCC, 16);
    read(3, P66, 0xDF, 0xDF, 16);
    read(3, PF2, 0xF0, 0xF0, GENERAL);
  }
}

package dev.ringzero.x86.instruction;

/** What a row tells the decoder of the bytes after the opcode and of the prefixes, as bits. */
final class Fields {
  static final int MODRM = 1; // a ModRM byte follows
  static final int IGNORES_MOD = 1 << 1; // r/m is a register whatever mod says
  static final int TAKES_66 = 1 << 2; // 66 is part of the opcode
  static final int TAKES_REPEAT = 1 << 3; // F2 or F3 is part of the opcode
  static final int VEX = 1 << 4;
  static final int VECTOR = 1 << 5; // has vector operands
  static final int SCALAR = 1 << 6; // VEX.L is ignored
  static final int VSIB = 1 << 7;
  static final int LOW_REG = 1 << 8; // ModRM.reg has no extension (MMX, segment registers)
  static final int LOW_RM = 1 << 9; // ModRM.rm has no extension (MMX, x87)
  static final int SEGMENT_REG = 1 << 10;
  static final int CONTROL_REG = 1 << 11;
  static final int DEBUG_REG = 1 << 12;
  static final int GATHER = 1 << 13; // destination, index and mask must differ
  static final int SECOND_BYTE_SHIFT = 14; // the bits from here on are the immediates
  static final int SECOND_BYTE = 1 << SECOND_BYTE_SHIFT; // a second immediate of one byte

  /** Fields with operands that not all numbers name. */
  static final int RARE = SEGMENT_REG | CONTROL_REG | DEBUG_REG | GATHER;

  static final int IMMEDIATE = 16; // 4 bits: kind of the first immediate, 0 for none
  static final int BYTE = 1;
  static final int SIGNED_BYTE = 2;
  static final int WORD = 3;
  static final int OPERAND_NOT_64 = 4; // 2 or 4 bytes, sign-extended
  static final int OPERAND = 5; // 2, 4 or 8 bytes
  static final int DISTANCE_BYTE = 6;
  static final int DISTANCE = 7; // 2 or 4 bytes
  static final int FAR_POINTER = 8;
  static final int OFFSET = 9; // as wide as an address

  static final int REGISTER_NUMBER = 10; // a vector register in the upper half of a byte

  private Fields() {}
}

package dev.ringzero.cpu.translator;

import static dev.ringzero.cpu.translator.Assembler.R14;
import static dev.ringzero.cpu.translator.Assembler.R15;

/**
 * Writes a guest instruction as a host instruction: the same opcode and immediate, other registers,
 * and {@code [r14 + r15]} in place of its memory operand.
 */
final class Reencoder {
  private static final int GS_PREFIX = 0x65;
  private static final int SIB_DISPLACEMENT = 0x25;
  private static final int SIB_R14_R15 = (R15 & 7) << 3 | R14 & 7;

  private final Assembler code;

  Reencoder(Assembler code) {
    this.code = code;
  }

  /** With a register, or the opcode's extension, in both fields of ModRM. */
  void registers(RawEncoding raw, byte[] bytes, int reg, int rm, int vvvv) {
    prefixes(raw, reg >> 3, 0, rm >> 3, vvvv, raw.rex || (reg | rm) >= 8);
    code.bytes(raw.opcode, Assembler.modrm(3, reg, rm));
    immediate(raw, bytes);
  }

  /** With the checked guest address as memory operand. */
  void memory(RawEncoding raw, byte[] bytes, int reg, int vvvv) {
    prefixes(raw, reg >> 3, 1, 1, vvvv, true);
    code.bytes(raw.opcode, Assembler.modrm(0, reg, 4), SIB_R14_R15);
    immediate(raw, bytes);
  }

  /** With a place of the state block as memory operand. */
  void slot(RawEncoding raw, byte[] bytes, int reg, int displacement) {
    code.bytes(GS_PREFIX);
    prefixes(raw, reg >> 3, 0, 0, 0, raw.rex || reg >= 8);
    code.bytes(raw.opcode, Assembler.modrm(0, reg, 4), SIB_DISPLACEMENT);
    code.dword(displacement);
    immediate(raw, bytes);
  }

  /** Without ModRM, a register in the low bits of the opcode. */
  void opcodeRegister(RawEncoding raw, byte[] bytes, int register) {
    if (raw.map == 0 && raw.opcode >> 4 == 4) { // INC and DEC of 32-bit code
      prefixes(raw, 0, 0, register >> 3, 0, register >= 8);
      code.bytes(0xFF, Assembler.modrm(3, raw.opcode >> 3 & 1, register));
      return;
    }
    prefixes(raw, 0, 0, register >> 3, 0, raw.rex || register >= 8);
    code.bytes(raw.opcode & ~7 | register & 7);
    immediate(raw, bytes);
  }

  /** As it is. */
  void verbatim(byte[] bytes, int at, int length) {
    for (int i = at; i < at + length; i++) {
      code.bytes(bytes[i]);
    }
  }

  private void prefixes(RawEncoding raw, int r, int x, int b, int vvvv, boolean rex) {
    if (raw.vex) {
      code.bytes(0xC4, (r ^ 1) << 7 | (x ^ 1) << 6 | (b ^ 1) << 5 | raw.map);
      code.bytes((raw.w ? 0x80 : 0) | (~vvvv & 15) << 3 | raw.vexL << 2 | raw.vexPp);
      return;
    }
    if (raw.lock) {
      code.bytes(0xF0);
    }
    if (raw.operandSizePrefix) {
      code.bytes(0x66);
    }
    if (raw.repeatPrefix != 0) {
      code.bytes(raw.repeatPrefix);
    }
    if (rex) {
      code.bytes(0x40 | (raw.w ? 8 : 0) | r << 2 | x << 1 | b);
    }
    switch (raw.map) {
      case 1 -> code.bytes(0x0F);
      case 2 -> code.bytes(0x0F, 0x38);
      case 3 -> code.bytes(0x0F, 0x3A);
      default -> {}
    }
  }

  private void immediate(RawEncoding raw, byte[] bytes) {
    if (raw.immediateOfEight) {
      code.bytes(bytes[raw.immediateAt] & 0x7F);
    } else {
      verbatim(bytes, raw.immediateAt, raw.immediateBytes);
    }
  }
}

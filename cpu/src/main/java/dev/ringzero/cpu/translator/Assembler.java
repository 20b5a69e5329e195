package dev.ringzero.cpu.translator;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Writes host machine code, byte after byte. It knows encodings, not what they are for. Positions
 * are offsets in the code memory, for which a piece is written here first. Memory is reached in two
 * forms only: relative to GS, which points to the vCPU's {@link StateBlock}, and {@code [r14 +
 * r15]}, the checked address of a guest access.
 *
 * @spec Intel SDM Vol. 2, "Instruction Format" and "Instruction Set Reference"
 */
final class Assembler {
  static final int RAX = 0, RCX = 1, RDX = 2, RBX = 3, RSP = 4, RBP = 5, RSI = 6, RDI = 7;
  static final int R12 = 12, R13 = 13, R14 = 14, R15 = 15;

  /** No register, in a place where one may be. */
  static final int NONE = -1;

  private static final int GS_PREFIX = 0x65;

  private static final int SPARE = 16;
  static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private byte[] code = new byte[1 << 14];
  private int start;
  private int position;

  /** Begins a new piece at a position. */
  void begin(int position) {
    start = position;
    this.position = position;
  }

  /** What was written since {@link #begin}: the first {@link #length} bytes. */
  byte[] written() {
    return code;
  }

  int length() {
    return position - start;
  }

  int position() {
    return position;
  }

  /** Takes back what was written from a position on. */
  void position(int position) {
    this.position = position;
  }

  void bytes(int a) {
    int at = position++ - start;
    if (at + SPARE > code.length) {
      code = Arrays.copyOf(code, 2 * code.length);
    }
    code[at] = (byte) a;
  }

  void bytes(int a, int b) {
    bytes(a);
    bytes(b);
  }

  void bytes(int a, int b, int c) {
    bytes(a, b);
    bytes(c);
  }

  void bytes(int a, int b, int c, int d) {
    bytes(a, b);
    bytes(c, d);
  }

  void dword(int value) {
    int at = position - start;
    if (at + SPARE > code.length) {
      code = Arrays.copyOf(code, 2 * code.length);
    }
    INT.set(code, at, value);
    position += 4;
  }

  void qword(long value) {
    dword((int) value);
    dword((int) (value >>> 32));
  }

  /** Replaces four bytes. */
  void dwordAt(int at, int value) {
    INT.set(code, at - start, value);
  }

  // --- registers

  void move(int destination, int source) {
    bytes(0x48 | (source >> 3) << 2 | destination >> 3, 0x89, modrm(3, source, destination));
  }

  /** Moves the low half and clears the high half. */
  void move32(int destination, int source) {
    bytes(0x40 | (source >> 3) << 2 | destination >> 3, 0x89, modrm(3, source, destination));
  }

  /** Sets the low half and clears the high half. */
  void moveImmediate32(int destination, int value) {
    if (destination >= 8) {
      bytes(0x41);
    }
    bytes(0xB8 | destination & 7);
    dword(value);
  }

  /**
   * Address arithmetic without flags: {@code destination = base + (index << scale) + displacement}.
   */
  void lea(int destination, int base, int index, int scale, int displacement) {
    int rex = 0x48 | (destination >> 3) << 2;
    rex |= index == NONE ? 0 : (index >> 3) << 1;
    rex |= base == NONE ? 0 : base >> 3;
    bytes(rex, 0x8D);
    address(destination, base, index, scale, displacement);
  }

  /** As {@link #lea} in 32 bits: the high half is cleared. */
  void lea32(int destination, int base, int index, int scale, int displacement) {
    int rex = 0x40 | (destination >> 3) << 2;
    rex |= index == NONE ? 0 : (index >> 3) << 1;
    rex |= base == NONE ? 0 : base >> 3;
    bytes(rex, 0x8D);
    address(destination, base, index, scale, displacement);
  }

  private void address(int register, int base, int index, int scale, int displacement) {
    int x = index == NONE ? 4 : index & 7;
    if (base == NONE) {
      bytes(modrm(0, register, 4), scale << 6 | x << 3 | 5);
      dword(displacement);
      return;
    }
    boolean sib = index != NONE || (base & 7) == 4;
    boolean small = displacement == (byte) displacement;
    int mod = displacement == 0 && (base & 7) != 5 ? 0 : small ? 1 : 2;
    bytes(modrm(mod, register, sib ? 4 : base));
    if (sib) {
      bytes(scale << 6 | x << 3 | base & 7);
    }
    if (mod == 1) {
      bytes(displacement);
    } else if (mod == 2) {
      dword(displacement);
    }
  }

  /** {@code rorx destination32, source32, count}: a rotate that leaves flags alone (BMI2). */
  void rotateRight32(int destination, int source, int count) {
    int notR = destination < 8 ? 0x80 : 0;
    int notB = source < 8 ? 0x20 : 0;
    bytes(0xC4, notR | 0x40 | notB | 3, 0x7B, 0xF0);
    bytes(modrm(3, destination, source), count);
  }

  /** {@code rorx destination, source, count}. */
  void rotateRight64(int destination, int source, int count) {
    int notR = destination < 8 ? 0x80 : 0;
    int notB = source < 8 ? 0x20 : 0;
    bytes(0xC4, notR | 0x40 | notB | 3, 0xFB, 0xF0);
    bytes(modrm(3, destination, source), count);
  }

  /** {@code sarx destination, source, count}: without flags (BMI2). */
  void shiftRightArithmetic(int destination, int source, int count) {
    vexMap2(destination, source);
    bytes(0x80 | (~count & 15) << 3 | 2, 0xF7, modrm(3, destination, source));
  }

  /** {@code pext destination, source, gs:[mask]}: without flags (BMI2). */
  void extractBits(int destination, int source, int mask) {
    bytes(GS_PREFIX);
    vexMap2(destination, 0);
    bytes(0x80 | (~source & 15) << 3 | 2, 0xF5, modrm(0, destination, 4), 0x25);
    dword(mask);
  }

  private void vexMap2(int register, int rm) {
    bytes(0xC4, (register < 8 ? 0x80 : 0) | 0x40 | (rm < 8 ? 0x20 : 0) | 2);
  }

  /** {@code movsxd destination, source32}. */
  void moveSignExtended(int destination, int source) {
    bytes(0x48 | (destination >> 3) << 2 | source >> 3, 0x63, modrm(3, destination, source));
  }

  void andImmediate32(int register, int value) {
    if (register >= 8) {
      bytes(0x41);
    }
    bytes(0x81, modrm(3, 4, register));
    dword(value);
  }

  void compareImmediate(int register, int value) {
    bytes(0x48 | register >> 3, 0x81, modrm(3, 7, register));
    dword(value);
  }

  // --- the state block, relative to GS

  /** {@code mov register, gs:[displacement]}. */
  void load(int register, int displacement) {
    gs(0x48, 0x8B, register, displacement);
  }

  /** {@code mov gs:[displacement], register}. */
  void store(int register, int displacement) {
    gs(0x48, 0x89, register, displacement);
  }

  /** {@code mov dword gs:[displacement], value}. */
  void storeImmediate32(int value, int displacement) {
    gs(0, 0xC7, 0, displacement);
    dword(value);
  }

  /** {@code sub qword gs:[displacement], value}. */
  void subtract64(int value, int displacement) {
    gs(0x48, 0x81, 5, displacement);
    dword(value);
  }

  /** {@code lock dec dword gs:[displacement]}. */
  void decrement32(int displacement) {
    bytes(0xF0);
    gs(0, 0xFF, 1, displacement);
  }

  /** {@code cmp dword gs:[displacement], 0}. */
  void compareWithZero32(int displacement) {
    gs(0, 0x83, 7, displacement);
    bytes(0);
  }

  /** {@code jmp gs:[displacement]}. */
  void jumpThrough(int displacement) {
    gs(0, 0xFF, 4, displacement);
  }

  /** {@code opcode register, gs:[displacement]}; a two-byte opcode has its first byte (0F) low. */
  void gs(int rexBase, int opcode, int register, int displacement) {
    bytes(GS_PREFIX);
    int rex = rexBase | (register >= 8 ? 0x44 : 0);
    if (rex != 0) {
      bytes(rex);
    }
    bytes(opcode);
    if (opcode > 0xFF) {
      bytes(opcode >> 8);
    }
    bytes(modrm(0, register, 4), 0x25);
    dword(displacement);
  }

  /** {@code opcode register, gs:[base + displacement]}, 64 bits wide; base R13 or R15. */
  void gsAt(int opcode, int register, int base, int displacement) {
    bytes(GS_PREFIX, 0x49 | (register >> 3) << 2, opcode, modrm(2, register, base));
    dword(displacement);
  }

  /** {@code cmp dword gs:[r15 + displacement], value}; base R13 or R15. */
  void compareAt32(int base, int displacement, int value) {
    bytes(GS_PREFIX, 0x41, 0x81, modrm(2, 7, base));
    dword(displacement);
    dword(value);
  }

  /** A hint about {@code [r14 + r15]}: opcode 0F 18 or 0F 0D, and which of its kind. */
  void prefetch(int opcode, int kind) {
    bytes(0x43, 0x0F, opcode);
    bytes(modrm(0, kind, 4), (R15 & 7) << 3 | R14 & 7);
  }

  // --- the host's stack, which pairs calls with returns

  /** {@code push r13}. */
  void pushR13() {
    bytes(0x41, 0x55);
  }

  /** {@code lea rsp, [rsp + bytes]}. */
  void release(int bytes) {
    bytes(0x48, 0x8D, 0x64, 0x24);
    bytes(bytes);
  }

  /** {@code cmp r14, [rsp + 8]}. */
  void compareWithExpected() {
    bytes(0x4C, 0x3B, 0x74, 0x24);
    bytes(8);
  }

  /** {@code ret}. */
  void ret() {
    bytes(0xC3);
  }

  // --- control flow

  /** {@code jmp rel32}. */
  void jump(int target) {
    bytes(0xE9);
    dword(target - (position + 4));
  }

  /** {@code call rel32}. */
  void call(int target) {
    bytes(0xE8);
    dword(target - (position + 4));
  }

  /** {@code jcc rel32}. */
  void jumpIf(int condition, int target) {
    bytes(0x0F, 0x80 | condition);
    dword(target - (position + 4));
  }

  /** Lets the rel32 at this position point to the target. The position must not cross 8 bytes. */
  void patch(int at, int target) {
    INT.set(code, at - start, target - (at + 4));
  }

  /** Sets the distance of a short jump. */
  void patchByte(int at, int value) {
    if (value != (byte) value) {
      throw new IllegalStateException("a short jump does not reach " + value + " bytes");
    }
    code[at - start] = (byte) value;
  }

  /** Fills with NOPs so that a rel32 after {@code opcodeBytes} bytes lies within 8 bytes. */
  void alignForPatch(int opcodeBytes) {
    int misplaced = position + opcodeBytes & 7;
    pad(misplaced > 4 ? 8 - misplaced : 0);
  }

  /** Pads so that what is emitted so many bytes further on is at a multiple of four. */
  void alignForPatches(int bytesFurther) {
    pad(-(position + bytesFurther) & 3);
  }

  /** Fills up to three bytes with one instruction that does nothing. */
  private void pad(int bytes) {
    switch (bytes) {
      case 0 -> {}
      case 1 -> bytes(0x90);
      case 2 -> bytes(0x66, 0x90);
      default -> bytes(0x0F, 0x1F, 0xC0); // nop eax
    }
  }

  static int modrm(int mod, int register, int rm) {
    return mod << 6 | (register & 7) << 3 | rm & 7;
  }
}

package dev.ringzero.cpu.vector;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Semantics;
import dev.ringzero.x86.instruction.Instruction;

/**
 * AES rounds by tables that join byte substitution and column mixing.
 *
 * @spec FIPS 197, "Cipher", "Inverse Cipher"
 * @spec Intel SDM Vol. 1, "Programming with Intel AES-NI"
 */
final class Aes {
  private static final long LOW = 0xFFFF_FFFFL;
  private static final int[] SUBSTITUTION = new int[256];
  private static final int[] INVERSE = new int[256];

  /** A substituted byte of row 0 mixed into its column; other rows are rotations. */
  private static final int[] MIXED = new int[256];

  private static final int[] INVERSE_MIXED = new int[256];

  static {
    for (int x = 0; x < 256; x++) {
      int s = affine(reciprocal(x));
      SUBSTITUTION[x] = s;
      INVERSE[s] = x;
    }
    for (int x = 0; x < 256; x++) {
      MIXED[x] = column(SUBSTITUTION[x], 2, 1, 1, 3);
      INVERSE_MIXED[x] = column(INVERSE[x], 14, 9, 13, 11);
    }
  }

  private Aes() {}

  static Semantics of(String name) {
    return switch (name) {
      case "AESENC" ->
          (c, i) ->
              Shapes.lanes(
                  c,
                  i,
                  (low, high, keyLow, keyHigh) -> encrypt(low, high) ^ keyLow,
                  (low, high, keyLow, keyHigh) -> encrypt(high, low) ^ keyHigh);
      case "AESENCLAST" ->
          (c, i) ->
              Shapes.lanes(
                  c,
                  i,
                  (low, high, keyLow, keyHigh) -> encryptLast(low, high) ^ keyLow,
                  (low, high, keyLow, keyHigh) -> encryptLast(high, low) ^ keyHigh);
      case "AESDEC" ->
          (c, i) ->
              Shapes.lanes(
                  c,
                  i,
                  (low, high, keyLow, keyHigh) -> decrypt(low, high) ^ keyLow,
                  (low, high, keyLow, keyHigh) -> decrypt(high, low) ^ keyHigh);
      case "AESDECLAST" ->
          (c, i) ->
              Shapes.lanes(
                  c,
                  i,
                  (low, high, keyLow, keyHigh) -> decryptLast(low, high) ^ keyLow,
                  (low, high, keyLow, keyHigh) -> decryptLast(high, low) ^ keyHigh);
      case "AESIMC" -> (c, i) -> Shapes.unary(c, i, Aes::inverseMix);
      case "AESKEYGENASSIST" -> Aes::assistKeyGeneration;
      default -> null;
    };
  }

  // The field of 256 elements

  private static int times(int a, int b) {
    int product = 0;
    for (int x = a, y = b; y != 0; y >>= 1) {
      if ((y & 1) != 0) {
        product ^= x;
      }
      x = x << 1 ^ ((x & 0x80) != 0 ? 0x11B : 0);
    }
    return product;
  }

  private static int reciprocal(int x) {
    int power = 1;
    for (int n = 0; n < 254; n++) {
      power = times(power, x);
    }
    return power;
  }

  private static int affine(int x) {
    int doubled = x << 8 | x;
    return (doubled >> 4 ^ doubled >> 5 ^ doubled >> 6 ^ doubled >> 7 ^ doubled ^ 0x63) & 0xFF;
  }

  private static int column(int s, int row0, int row1, int row2, int row3) {
    return times(s, row0) | times(s, row1) << 8 | times(s, row2) << 16 | times(s, row3) << 24;
  }

  // Two columns of a round: "here" holds them, "there" the other two of the state

  private static int octet(long quadword, int n) {
    return (int) (quadword >>> 8 * n) & 0xFF;
  }

  private static long mix(int[] table, int row0, int row1, int row2, int row3) {
    int column =
        table[row0]
            ^ Integer.rotateLeft(table[row1], 8)
            ^ Integer.rotateLeft(table[row2], 16)
            ^ Integer.rotateLeft(table[row3], 24);
    return column & LOW;
  }

  private static long plain(int[] table, int row0, int row1, int row2, int row3) {
    int column = table[row0] | table[row1] << 8 | table[row2] << 16 | table[row3] << 24;
    return column & LOW;
  }

  static long encrypt(long here, long there) {
    long first = mix(MIXED, octet(here, 0), octet(here, 5), octet(there, 2), octet(there, 7));
    long second = mix(MIXED, octet(here, 4), octet(there, 1), octet(there, 6), octet(here, 3));
    return first | second << 32;
  }

  static long encryptLast(long here, long there) {
    int[] s = SUBSTITUTION;
    long first = plain(s, octet(here, 0), octet(here, 5), octet(there, 2), octet(there, 7));
    long second = plain(s, octet(here, 4), octet(there, 1), octet(there, 6), octet(here, 3));
    return first | second << 32;
  }

  static long decrypt(long here, long there) {
    int[] t = INVERSE_MIXED;
    long first = mix(t, octet(here, 0), octet(there, 5), octet(there, 2), octet(here, 7));
    long second = mix(t, octet(here, 4), octet(here, 1), octet(there, 6), octet(there, 3));
    return first | second << 32;
  }

  static long decryptLast(long here, long there) {
    int[] s = INVERSE;
    long first = plain(s, octet(here, 0), octet(there, 5), octet(there, 2), octet(here, 7));
    long second = plain(s, octet(here, 4), octet(here, 1), octet(there, 6), octet(there, 3));
    return first | second << 32;
  }

  private static long inverseMix(long quadword) {
    return inverseMixColumn((int) quadword) | inverseMixColumn((int) (quadword >> 32)) << 32;
  }

  private static long inverseMixColumn(int column) {
    int[] s = SUBSTITUTION;
    return mix(
        INVERSE_MIXED,
        s[column & 0xFF],
        s[column >> 8 & 0xFF],
        s[column >> 16 & 0xFF],
        s[column >>> 24]);
  }

  private static void assistKeyGeneration(Cpu cpu, Instruction i) {
    Access.check(cpu, i);
    int b = Access.rm(cpu, i);
    int constant = (int) i.immediate & 0xFF;
    long low = assist((int) (cpu.vector[b] >> 32), constant);
    long high = assist((int) (cpu.vector[b + 1] >> 32), constant);
    Access.write128(cpu, i, Access.reg(i), low, high);
  }

  private static long assist(int word, int constant) {
    int[] s = SUBSTITUTION;
    int substituted =
        s[word & 0xFF]
            | s[word >> 8 & 0xFF] << 8
            | s[word >> 16 & 0xFF] << 16
            | s[word >>> 24] << 24;
    long rotated = (Integer.rotateRight(substituted, 8) ^ constant) & LOW;
    return substituted & LOW | rotated << 32;
  }
}

package dev.ringzero.selftest;

import dev.ringzero.x86.instruction.Decoder;
import dev.ringzero.x86.instruction.Instruction;
import java.util.Arrays;
import java.util.HexFormat;

/** The bytes of one instruction, while they are made and afterwards. */
final class Encoding {
  /** No base or index register. */
  static final int NONE = -1;

  /** Base "register" of an operand at a 32-bit displacement: RIP-relative in 64-bit code. */
  static final int RIP = -2;

  final byte[] bytes = new byte[40];
  int length;

  /** Length with the branch that may follow, see {@link EncodingGenerator#addBranch}. */
  int total;

  /** The memory operand as it was encoded, independent of the decoder. */
  boolean memory;

  int base, index, scale;
  long displacement;
  boolean address32;

  /** Where a RIP-relative displacement stands in the bytes. */
  int displacementAt;

  /** Of the code: 64, or 32 for compatibility mode. */
  final int codeSize;

  final Instruction instruction = new Instruction();
  private final Decoder decoder = new Decoder();

  Encoding(int codeSize) {
    this.codeSize = codeSize;
  }

  void clear() {
    length = 0;
    memory = false;
    address32 = false;
    Arrays.fill(bytes, (byte) 0);
  }

  void add(int value) {
    bytes[length++] = (byte) value;
  }

  void addDword(long value) {
    for (int shift = 0; shift < 32; shift += 8) {
      add((int) (value >>> shift));
    }
  }

  void setDword(int at, long value) {
    for (int n = 0; n < 4; n++) {
      bytes[at + n] = (byte) (value >>> 8 * n);
    }
  }

  /** Decodes the bytes; whether they are an instruction. */
  boolean decode() {
    int result = decoder.decode(bytes, 0, Decoder.MAX_LENGTH, codeSize, instruction);
    length = Math.max(result, 0);
    total = length;
    return result > 0;
  }

  /** The bytes in hexadecimal. */
  String hex() {
    return HexFormat.ofDelimiter(" ").formatHex(bytes, 0, total);
  }
}

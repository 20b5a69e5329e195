package dev.ringzero.x86.instruction;

/**
 * The rows of each opcode, by map. Rows of one opcode stand in the order in which the decoder tries
 * them: those that reject more come first.
 */
final class OpcodeMaps {
  static final int ONE_BYTE = 0;
  static final int TWO_BYTE = 1;
  static final int MAP_0F38 = 2;
  static final int MAP_0F3A = 3;
  static final int VEX_0F = 5; // VEX maps follow, by VEX.mmmmm
  static final int VEX_0F38 = 6;
  static final int VEX_0F3A = 7;

  private final InstructionForm[][] rows = new InstructionForm[8 * 256][];

  /** Rows of an opcode, or null if it has none. */
  InstructionForm[] rows(int map, int opcode) {
    return rows[map << 8 | opcode];
  }

  void add(int map, int opcode, InstructionForm form) {
    int at = map << 8 | opcode;
    InstructionForm[] before = rows[at];
    int count = before == null ? 0 : before.length;
    InstructionForm[] after = new InstructionForm[count + 1];
    int rank = Long.bitCount(form.reject);
    int place = 0;
    while (place < count && Long.bitCount(before[place].reject) >= rank) {
      after[place] = before[place];
      place++;
    }
    after[place] = form;
    for (int i = place; i < count; i++) {
      after[i + 1] = before[i];
    }
    rows[at] = after;
  }
}

package dev.ringzero.x86.instruction;

import java.util.List;

/** The instruction table: every row, and where it stands in the opcode maps. */
public final class InstructionTable {
  static final OpcodeMaps MAPS;
  private static final List<InstructionForm> FORMS;

  static {
    RowParser parser = new RowParser();
    parser.parse(IntegerRows.ROWS);
    parser.parse(SystemRows.ROWS);
    parser.parse(X87Rows.ROWS);
    parser.parse(MmxRows.ROWS);
    parser.parse(SseRows.ROWS);
    parser.parse(AvxRows.ROWS);
    parser.parse(FmaRows.ROWS);
    parser.parse(BitManipulationRows.ROWS);
    MAPS = parser.maps();
    FORMS = List.copyOf(parser.forms());
  }

  private InstructionTable() {}

  /** All rows, by {@link InstructionForm#id}. */
  public static List<InstructionForm> forms() {
    return FORMS;
  }
}

package dev.ringzero.x86.instruction;

/** Bit manipulation: BMI1, BMI2, ADX, MOVBE, CRC32, POPCNT, LZCNT and TZCNT. */
final class BitManipulationRows {
  static final String ROWS =
      """
      @ user +BMI1
      F3 0F BC /r             | TZCNT Gv,Ev     | w:zc u:osap
      VEX.LZ.0F38 F2 /r       | ANDN Gy,By,Ey   | w:oszc u:ap
      VEX.LZ.0F38 F3 /1       | BLSR By,Ey      | w:oszc u:ap
      VEX.LZ.0F38 F3 /2       | BLSMSK By,Ey    | w:oszc u:ap
      VEX.LZ.0F38 F3 /3       | BLSI By,Ey      | w:oszc u:ap
      VEX.LZ.0F38 F7 /r       | BEXTR Gy,Ey,By  | w:ozc u:sap
      @ user +BMI2
      VEX.LZ.0F38 F5 /r       | BZHI Gy,Ey,By   | w:oszc u:ap
      VEX.LZ.F3.0F38 F5 /r    | PEXT Gy,By,Ey
      VEX.LZ.F2.0F38 F5 /r    | PDEP Gy,By,Ey
      VEX.LZ.F2.0F38 F6 /r    | MULX Gy,By:w,Ey |  | <RDX
      VEX.LZ.66.0F38 F7 /r    | SHLX Gy,Ey,By
      VEX.LZ.F3.0F38 F7 /r    | SARX Gy,Ey,By
      VEX.LZ.F2.0F38 F7 /r    | SHRX Gy,Ey,By
      VEX.LZ.F2.0F3A F0 /r ib | RORX Gy,Ey,Ib
      @ user +LZCNT
      F3 0F BD /r             | LZCNT Gv,Ev     | w:zc u:osap
      @ user +POPCNT
      F3 0F B8 /r             | POPCNT Gv,Ev    | w:oszapc
      @ user +SSE4_2
      F2 0F 38 F0 /r          | CRC32 Gy:rw,Eb
      F2 0F 38 F1 /r          | CRC32 Gy:rw,Ev
      @ user +ADX
      66 0F 38 F6 /r          | ADCX Gy:rw,Ey   | r:c w:c
      F3 0F 38 F6 /r          | ADOX Gy:rw,Ey   | r:o w:o
      @ user +MOVBE
      NFx 0F 38 F0 /r         | MOVBE Gv,Mv
      NFx 0F 38 F1 /r         | MOVBE Mv,Gv
      """;

  private BitManipulationRows() {}
}

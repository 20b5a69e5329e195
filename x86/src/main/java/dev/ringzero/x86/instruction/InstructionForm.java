package dev.ringzero.x86.instruction;

/**
 * One row of the instruction table: an encoding, its operands, and what engines must know of it
 * before they run it. Rows are shared and never change.
 */
public final class InstructionForm {
  /** Place in the table, dense from 0: engines keep their own data for a row in an array by it. */
  public final int id;

  /**
   * What the instruction does, by name: the key that binds a row to its meaning. It is the manual's
   * mnemonic in capitals; where one mnemonic stands for several meanings a suffix tells them apart
   * (MOV, MOV_CR, MOV_DR, MOV_SREG). String instructions go by their name without a width (MOVS,
   * CMPS, STOS, LODS, SCAS, INS, OUTS), conditional ones without a condition (JCC, SETCC, CMOVCC).
   */
  public final String meaning;

  /**
   * The mnemonic as a disassembler prints it, in lower case. Where the manual has one for each
   * operand size this is the one for 16 bits; {@link Disassembler} knows the others.
   */
  public final String mnemonic;

  /** One mnemonic, or those for an operand size of 16, 32 and 64 bits. */
  final String[] mnemonics;

  /** The encoding in the manual's notation. */
  public final String encoding;

  /** Operands from left (destination) to right. */
  public final Operand[] operands;

  /** Condition code 0 to 15 of Jcc, SETcc and CMOVcc; else -1. */
  public final int condition;

  /** Status flags that it reads, as {@link dev.ringzero.x86.Rflags} bits. */
  public final long flagsRead;

  /** Status flags that it writes or leaves undefined, as {@link dev.ringzero.x86.Rflags} bits. */
  public final long flagsWritten;

  /** Status flags that the manual leaves undefined, as {@link dev.ringzero.x86.Rflags} bits. */
  public final long flagsUndefined;

  /**
   * General registers that it reads without naming them in an operand or an address, one bit each.
   * RCX of a repeated string instruction is not among them: that depends on the prefix.
   */
  public final int implicitRead;

  /** General registers that it writes without naming them in an operand, one bit each. */
  public final int implicitWritten;

  /** Further facts, as bits of {@link Attribute}. */
  public final long attributes;

  /** CPUID feature that it needs ("AVX2", "BMI1" …), or "" for the base architecture. */
  public final String feature;

  /** Bits of {@link Selector} that this row does not accept. */
  final long reject;

  /** Bits of {@link Fields}: what follows the opcode, and how prefixes are taken. */
  final int fields;

  InstructionForm(
      int id,
      String meaning,
      String[] mnemonics,
      String encoding,
      Operand[] operands,
      int condition,
      long flagsRead,
      long flagsWritten,
      long flagsUndefined,
      int implicitRead,
      int implicitWritten,
      long attributes,
      String feature,
      long reject,
      int fields) {
    this.id = id;
    this.meaning = meaning;
    this.mnemonic = mnemonics[0];
    this.mnemonics = mnemonics;
    this.encoding = encoding;
    this.operands = operands;
    this.condition = condition;
    this.flagsRead = flagsRead;
    this.flagsWritten = flagsWritten;
    this.flagsUndefined = flagsUndefined;
    this.implicitRead = implicitRead;
    this.implicitWritten = implicitWritten;
    this.attributes = attributes;
    this.feature = feature;
    this.reject = reject;
    this.fields = fields;
  }

  /** Whether the row has this {@link Attribute} bit. */
  public boolean is(long attribute) {
    return (attributes & attribute) != 0;
  }

  @Override
  public String toString() {
    return mnemonic + " [" + encoding + "]";
  }
}

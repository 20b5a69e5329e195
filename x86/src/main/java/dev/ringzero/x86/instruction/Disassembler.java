package dev.ringzero.x86.instruction;

/** Writes decoded instructions as text in Intel's syntax. */
public final class Disassembler {
  private static final int SS = 2;
  private static final int DS = 3;

  private final StringBuilder text = new StringBuilder();
  private final Instruction instruction;
  private final long address;

  private Disassembler(Instruction instruction, long address) {
    this.instruction = instruction;
    this.address = address;
  }

  /**
   * Gives the text of an instruction.
   *
   * @param address where the instruction lies, for the targets of relative branches
   */
  public static String format(Instruction instruction, long address) {
    return new Disassembler(instruction, address).format();
  }

  /** The mnemonic of an instruction: that of its operand size where there are several. */
  public static String mnemonic(Instruction instruction) {
    String[] mnemonics = instruction.form.mnemonics;
    return mnemonics[mnemonics.length == 1 ? 0 : instruction.operandSize >> 5];
  }

  /** The text of one operand. */
  static String operand(Instruction instruction, Operand operand) {
    Disassembler disassembler = new Disassembler(instruction, 0);
    disassembler.operand(operand);
    return disassembler.text.toString();
  }

  private String format() {
    prefix();
    text.append(mnemonic(instruction));
    Operand[] operands = instruction.form.operands;
    for (int i = 0; i < operands.length; i++) {
      text.append(i == 0 ? " " : ", ");
      operand(operands[i]);
    }
    return text.toString();
  }

  private void prefix() {
    if (instruction.lock) {
      text.append("lock ");
    }
    if (instruction.form.is(Attribute.STRING)) {
      boolean compares = instruction.form.flagsWritten != 0;
      if (instruction.repne) {
        text.append("repne ");
      } else if (instruction.rep) {
        text.append(compares ? "repe " : "rep ");
      }
    }
  }

  private void operand(Operand operand) {
    int width = instruction.width(operand);
    switch (operand.place()) {
      case RM -> {
        if (instruction.hasMemory()) {
          memory(width);
        } else {
          general(instruction.rm, width);
        }
      }
      case MEMORY -> memory(width);
      case VECTOR_RM -> {
        if (instruction.hasMemory()) {
          memory(width);
        } else {
          text.append(RegisterNames.vector(instruction.rm, width));
        }
      }
      case MMX_RM -> {
        if (instruction.hasMemory()) {
          memory(width);
        } else {
          text.append("mm").append(instruction.rm);
        }
      }
      case VSIB -> vsib(operand, width);
      case MOFFS -> {
        pointer(width);
        segmentUnless(DS);
        text.append('[');
        hex(truncate(instruction.displacement, instruction.addressSize));
        text.append(']');
      }
      case STRING_SOURCE -> string(width, instruction.segment, 6);
      case STRING_DESTINATION -> string(width, 0, 7);
      case IMMEDIATE, IMMEDIATE2, ONE, RELATIVE, FAR_POINTER -> immediate(operand, width);
      default -> register(operand, width);
    }
  }

  private void register(Operand operand, int width) {
    switch (operand.place()) {
      case REG -> general(instruction.reg, width);
      case RM_REGISTER -> general(instruction.rm, width);
      case OPCODE_REGISTER -> general(instruction.opcodeRegister, width);
      case VVVV_GPR -> general(instruction.vvvv, width);
      case FIXED_GPR -> general(operand.register(), width);
      case SEGMENT -> text.append(RegisterNames.segment(instruction.reg));
      case FIXED_SEGMENT -> text.append(RegisterNames.segment(operand.register()));
      case CONTROL -> text.append("cr").append(instruction.reg);
      case DEBUG -> text.append("dr").append(instruction.reg);
      case VECTOR_REG -> text.append(RegisterNames.vector(instruction.reg, width));
      case VECTOR_VVVV -> text.append(RegisterNames.vector(instruction.vvvv, width));
      case VECTOR_IMMEDIATE ->
          text.append(RegisterNames.vector((int) instruction.immediate >> 4, width));
      case FIXED_VECTOR -> text.append(RegisterNames.vector(operand.register(), width));
      case MMX_REG -> text.append("mm").append(instruction.reg);
      case ST -> text.append("st(").append(instruction.rm).append(')');
      case FIXED_ST -> text.append("st(").append(operand.register()).append(')');
      default -> throw new IllegalStateException(operand.code());
    }
  }

  private void general(int number, int width) {
    text.append(RegisterNames.general(number, width, instruction.rex));
  }

  private void immediate(Operand operand, int width) {
    switch (operand.place()) {
      case IMMEDIATE -> hex(truncate(instruction.immediate, width));
      case IMMEDIATE2 -> hex(instruction.immediate2);
      case ONE -> text.append('1');
      case RELATIVE ->
          hex(
              truncate(
                  address + instruction.length + instruction.immediate, instruction.operandSize));
      default -> {
        hex(instruction.immediate2);
        text.append(':');
        hex(instruction.immediate);
      }
    }
  }

  private void pointer(int width) {
    String name =
        switch (width) {
          case 8 -> "byte";
          case 16 -> "word";
          case 32 -> "dword";
          case 48 -> "fword";
          case 64 -> "qword";
          case 80 -> "tbyte";
          case 128 -> "xmmword";
          case 256 -> "ymmword";
          default -> null;
        };
    if (name != null) {
      text.append(name).append(" ptr ");
    }
  }

  private void segmentUnless(int implied) {
    if (instruction.segment != implied) {
      text.append(RegisterNames.segment(instruction.segment)).append(':');
    }
  }

  private void string(int width, int segment, int register) {
    pointer(width);
    text.append(RegisterNames.segment(segment)).append(":[");
    text.append(RegisterNames.general(register, instruction.addressSize, false)).append(']');
  }

  private void memory(int width) {
    String index =
        instruction.index == Instruction.NONE
            ? null
            : RegisterNames.general(instruction.index, instruction.addressSize, false);
    memory(width, index);
  }

  private void vsib(Operand operand, int width) {
    boolean halfIndex =
        operand.size() == Operand.Size.QWORD && instruction.form.meaning.contains("GATHERD");
    int length = halfIndex ? instruction.vectorLength / 2 : instruction.vectorLength;
    memory(width, RegisterNames.vector(instruction.index, length));
  }

  private void memory(int width, String index) {
    pointer(width);
    boolean stack = instruction.base == 4 || instruction.base == 5;
    segmentUnless(stack ? SS : DS);
    text.append('[');
    boolean something = false;
    if (instruction.base != Instruction.NONE) {
      text.append(
          instruction.base == Instruction.RIP
              ? instruction.addressSize == 64 ? "rip" : "eip"
              : RegisterNames.general(instruction.base, instruction.addressSize, false));
      something = true;
    }
    if (index != null) {
      text.append(something ? " + " : "").append(index);
      if (instruction.scale != 0) {
        text.append('*').append(1 << instruction.scale);
      }
      something = true;
    }
    long displacement = instruction.displacement;
    if (!something) {
      hex(truncate(displacement, instruction.addressSize));
    } else if (displacement != 0) {
      text.append(displacement < 0 ? " - " : " + ");
      hex(Math.abs(displacement));
    }
    text.append(']');
  }

  private static long truncate(long value, int width) {
    return width >= 64 || width == 0 ? value : value & ((1L << width) - 1);
  }

  private void hex(long value) {
    text.append("0x").append(Long.toHexString(value));
  }
}

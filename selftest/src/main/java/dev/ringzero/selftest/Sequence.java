package dev.ringzero.selftest;

import dev.ringzero.testkit.silicon.NativeCpu;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.instruction.Attribute;
import dev.ringzero.x86.instruction.Decoder;
import dev.ringzero.x86.instruction.Disassembler;
import dev.ringzero.x86.instruction.Instruction;
import dev.ringzero.x86.instruction.InstructionForm;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HexFormat;

/** Instructions one behind the other, while they are made and afterwards. */
final class Sequence {
  private static final int MOST_BYTES = 0x1700;
  private static final int LOOK_AHEAD = 6;

  private byte[] bytes = new byte[MOST_BYTES];
  private int length;
  private int codeSize = 64;
  private boolean onlyOurs;

  /** Offsets at which instructions begin. */
  final BitSet starts = new BitSet();

  void clear(int newCodeSize) {
    codeSize = newCodeSize;
    onlyOurs = false;
    length = 0;
    starts.clear();
  }

  int length() {
    return length;
  }

  /** 64, or 32 for compatibility mode. */
  int codeSize() {
    return codeSize;
  }

  /** Says that it depends on what the host's processor has otherwise, such as bases of segments. */
  void setOnlyOurs() {
    onlyOurs = true;
  }

  boolean onlyOurs() {
    return onlyOurs;
  }

  /** Adds an instruction. */
  void add(byte[] instruction, int lengthBytes) {
    starts.set(length);
    System.arraycopy(instruction, 0, bytes, length, lengthBytes);
    length += lengthBytes;
  }

  /** Adds an instruction. */
  void add(int... instruction) {
    starts.set(length);
    for (int value : instruction) {
      bytes[length++] = (byte) value;
    }
  }

  /** Leaves room that is never run. */
  void skipTo(int offset) {
    Arrays.fill(bytes, length, offset, (byte) 0x90);
    length = offset;
  }

  void setDword(int at, int value) {
    for (int n = 0; n < 4; n++) {
      bytes[at + n] = (byte) (value >>> 8 * n);
    }
  }

  /** The bytes, of which each call gives a copy. */
  byte[] bytes() {
    return Arrays.copyOf(bytes, length);
  }

  /** The instruction that begins at an offset. */
  Instruction at(int offset) {
    Instruction instruction = new Instruction();
    int most = Math.min(Decoder.MAX_LENGTH, length - offset);
    int size = new Decoder().decode(bytes, offset, most, codeSize, instruction);
    return size > 0 ? instruction : null;
  }

  /**
   * Whether a repeated string instruction was itself written to, given what the bytes are after a
   * run. It may be interrupted between any two of its steps, and is fetched again then, so that how
   * far it comes as what it was is open: to its end where nothing interrupts it, as on processors
   * and in our interpreter, or to the write, where our translator has to look at the code again.
   *
   * @spec Intel SDM Vol. 1, "Repeated String Operations"; Vol. 3A, "Handling Self- and
   *     Cross-Modifying Code"
   */
  boolean repeatsOverItself(byte[] after) {
    for (int at = starts.nextSetBit(0); at >= 0; at = starts.nextSetBit(at + 1)) {
      Instruction i = at(at);
      boolean repeated = i != null && i.form.is(Attribute.STRING) && (i.rep || i.repne);
      if (repeated && !Arrays.equals(bytes, at, at + i.length, after, at, at + i.length)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Status flags that the instruction at an offset and those behind it write, whichever way they
   * go, before anything reads them: what they are if that instruction faults is nobody's business
   * but a debugger's.
   */
  long deadFlags(int offset) {
    return deadFlags(offset, LOOK_AHEAD);
  }

  private long deadFlags(int offset, int depth) {
    long open = Rflags.STATUS;
    long dead = 0;
    for (int at = offset; at >= 0 && at < length && open != 0; ) {
      Instruction i = at(at);
      if (i == null) {
        break;
      }
      InstructionForm form = i.form;
      boolean shift = isShift(form);
      if (!shift) {
        open &= ~form.flagsRead;
      } else if (form.meaning.startsWith("RC")) {
        open &= ~Rflags.CF;
      }
      at += i.length;
      if (isConditional(form) && depth > 0) {
        int target = at + (int) i.immediate;
        return dead | open & deadFlags(at, depth - 1) & deadFlags(target, depth - 1);
      }
      if (form.is(Attribute.BRANCH)) {
        break;
      }
      long written =
          shift && !shiftsForSure(i) ? 0 : open & (form.flagsWritten | form.flagsUndefined);
      dead |= written;
      open &= ~written;
    }
    return dead;
  }

  /** Whether it goes elsewhere or on. */
  private static boolean isConditional(InstructionForm form) {
    return switch (form.meaning) {
      case "JCC", "JRCXZ", "LOOP", "LOOPE", "LOOPNE" -> true;
      default -> false;
    };
  }

  /** Shifts keep all flags where their count is zero; the table says that they read them. */
  private static boolean isShift(InstructionForm form) {
    return switch (form.meaning) {
      case "SHL", "SAL", "SHR", "SAR", "ROL", "ROR", "RCL", "RCR" -> true;
      default -> false;
    };
  }

  private static boolean shiftsForSure(Instruction i) {
    return switch (i.operand(i.form.operands.length - 1).place()) {
      case ONE -> true;
      case IMMEDIATE -> (i.immediate & (i.width(i.operand(0)) == 64 ? 63 : 31)) != 0;
      default -> false;
    };
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (int at = starts.nextSetBit(0); at >= 0 && at < length; at = starts.nextSetBit(at + 1)) {
      Instruction i = at(at);
      int size = i == null ? 1 : i.length;
      text.append(
          "    %x  %-30s  %s%n"
              .formatted(
                  NativeCpu.CODE + at,
                  HexFormat.ofDelimiter(" ").formatHex(bytes, at, at + size),
                  i == null ? "(bad)" : Disassembler.format(i, NativeCpu.CODE + at)));
    }
    return text.toString();
  }
}

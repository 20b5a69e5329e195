package dev.ringzero.cpu.translator;

import dev.ringzero.x86.instruction.Instruction;

/**
 * How the linear address of an access comes about.
 *
 * @param base guest register, {@link Instruction#RIP} for the page's base, or {@link
 *     Instruction#NONE}
 * @param segment FS or GS, or 0 for those without a base
 * @param narrow it has 32 bits
 */
record GuestAddress(int base, int index, int scale, int displacement, int segment, boolean narrow) {
  private static final int CS = 1, FS = 4;

  /** The address of a memory operand; null if the interpreter must work it out. */
  static GuestAddress of(Instruction i, int nextOffset) {
    if (i.addressSize != i.codeSize) {
      return null;
    }
    boolean narrow = i.codeSize == 32;
    boolean relative = i.base == Instruction.RIP;
    long displacement = relative ? nextOffset + i.displacement : i.displacement;
    if (narrow ? i.segment == CS || i.segment == FS : displacement != (int) displacement) {
      return null;
    }
    int index = relative ? Instruction.NONE : i.index;
    int scale = index == Instruction.NONE ? 0 : i.scale;
    int segment = i.segment >= FS ? i.segment : 0;
    return new GuestAddress(i.base, index, scale, (int) displacement, segment, narrow);
  }

  /** A place relative to a register. */
  static GuestAddress at(int register, int displacement, boolean narrow) {
    return new GuestAddress(register, Instruction.NONE, 0, displacement, 0, narrow);
  }

  /** Whether another address differs in its displacement at most. */
  boolean isNear(GuestAddress other) {
    return base == other.base
        && index == other.index
        && scale == other.scale
        && segment == other.segment
        && Math.abs((long) displacement - other.displacement) < GuestBlock.PAGE_BYTES;
  }

  boolean uses(int register) {
    return base == register || index == register;
  }
}

package dev.ringzero.testkit.silicon;

import java.util.Arrays;

/**
 * The user-mode state of a 64-bit x86 processor around one instruction, in the form in which two
 * processors are compared. The x87 registers are in stack order: element i is ST(i), as in an
 * FXSAVE image.
 */
public final class ProcessorState {
  /** Bytes of {@link #memory}, which lies at {@link NativeCpu#DATA}. */
  public static final int MEMORY_BYTES = 8192;

  public final long[] gpr = new long[16];

  /** Address of the instruction before, of the next one (or the faulting one) after. */
  public long rip;

  /** The status flags and DF. */
  public long flags;

  /** YMM n is elements {@code 4 n} (low) to {@code 4 n + 3} (high). */
  public final long[] vector = new long[64];

  public int mxcsr = 0x1F80;

  public int controlWord = 0x37F;

  /** With TOP. */
  public int statusWord;

  /** One bit a physical register, set where it is not empty. */
  public int abridgedTag;

  public int opcode;
  public long instructionPointer;
  public long dataPointer;

  /** Significands of ST(0) to ST(7); also the MMX registers where TOP is 0. */
  public final long[] significand = new long[8];

  /** Sign and biased exponent of ST(0) to ST(7). */
  public final int[] signExponent = new int[8];

  public final byte[] memory = new byte[MEMORY_BYTES];

  /** The exception that the instruction raised, or -1. */
  public int exception = -1;

  public long errorCode;

  /** The address of a page fault. */
  public long faultAddress;

  public void copyFrom(ProcessorState other) {
    System.arraycopy(other.gpr, 0, gpr, 0, gpr.length);
    rip = other.rip;
    flags = other.flags;
    System.arraycopy(other.vector, 0, vector, 0, vector.length);
    mxcsr = other.mxcsr;
    controlWord = other.controlWord;
    statusWord = other.statusWord;
    abridgedTag = other.abridgedTag;
    opcode = other.opcode;
    instructionPointer = other.instructionPointer;
    dataPointer = other.dataPointer;
    System.arraycopy(other.significand, 0, significand, 0, significand.length);
    System.arraycopy(other.signExponent, 0, signExponent, 0, signExponent.length);
    System.arraycopy(other.memory, 0, memory, 0, memory.length);
    exception = other.exception;
    errorCode = other.errorCode;
    faultAddress = other.faultAddress;
  }

  /** Index of the first byte of memory that differs, or -1. */
  public int memoryMismatch(ProcessorState other) {
    return Arrays.mismatch(memory, other.memory);
  }
}

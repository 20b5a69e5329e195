package dev.ringzero.cpu.x87;

import dev.ringzero.engine.state.StateException;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import dev.ringzero.engine.state.Stateful;
import java.util.Arrays;

/**
 * State of the x87 unit, and of MMX, whose registers are its significands. Registers are physical
 * (R0 to R7): ST(i) is register {@code (top + i) & 7}.
 *
 * <p>Not modelled: the last opcode (kept as loaded), and the selectors of the last instruction and
 * operand, which CPUID calls deprecated and which read as zero.
 *
 * @spec Intel SDM Vol. 1, "Programming with the x87 FPU"
 */
public final class X87 implements Stateful {
  /**
   * Significands of R0 to R7 with explicit integer bit; MMX register n is {@code significand[n]}.
   */
  public final long[] significand = new long[8];

  /** Sign (bit 15) and biased exponent (bits 14:0) of R0 to R7. */
  public final int[] signExponent = new int[8];

  public int controlWord = ControlWord.INITIAL;

  /** Status word without TOP, which is {@link #top}. */
  public int statusWord;

  /** Top of stack, 0 to 7. */
  public int top;

  /** One bit a register R0 to R7, set where it is not empty; see {@link #tagWord()}. */
  public int occupied;

  public long instructionPointer;
  public long dataPointer;

  /** Last opcode, 11 bits. */
  public int opcode;

  final Result result = new Result();
  final Transcendental transcendental = new Transcendental();

  /** What FNINIT does. */
  public void initialize() {
    controlWord = ControlWord.INITIAL;
    statusWord = 0;
    top = 0;
    occupied = 0;
    instructionPointer = 0;
    dataPointer = 0;
    opcode = 0;
  }

  /** State after power-up and hardware reset. */
  public void reset() {
    initialize();
    controlWord = ControlWord.RESET;
    Arrays.fill(significand, 0);
    Arrays.fill(signExponent, 0);
  }

  // --- the words that instructions load and store

  /** The status word with TOP. */
  public int status() {
    return statusWord | top << StatusWord.TOP_SHIFT;
  }

  /** Sets the status word and TOP; the exception summary follows from flags and masks. */
  public void status(int value) {
    top = value >>> StatusWord.TOP_SHIFT & 7;
    statusWord = value & (StatusWord.EXCEPTIONS | StatusWord.SF | StatusWord.CONDITIONS);
    summarize();
  }

  /** Sets the control word; the exception summary follows. */
  public void control(int value) {
    controlWord = value & ControlWord.WRITABLE | ControlWord.FIXED_ONE;
    summarize();
  }

  /** The full tag word: 0 valid, 1 zero, 2 special, 3 empty. */
  public int tagWord() {
    int word = 0;
    for (int register = 0; register < 8; register++) {
      word |= tag(register) << 2 * register;
    }
    return word;
  }

  private int tag(int register) {
    if ((occupied >>> register & 1) == 0) {
      return 3;
    }
    if (Extended.isZero(signExponent[register], significand[register])) {
      return 1;
    }
    return Extended.isNormal(signExponent[register], significand[register]) ? 0 : 2;
  }

  /** Sets which registers are empty from a full tag word. */
  public void tagWord(int word) {
    occupied = 0;
    for (int register = 0; register < 8; register++) {
      if ((word >>> 2 * register & 3) != 3) {
        occupied |= 1 << register;
      }
    }
  }

  // --- the stack

  /** Number of the register that is ST(i). */
  int st(int i) {
    return top + i & 7;
  }

  boolean isEmpty(int register) {
    return (occupied >>> register & 1) == 0;
  }

  void set(int register, int signExponent, long significand) {
    this.signExponent[register] = signExponent;
    this.significand[register] = significand;
    occupied |= 1 << register;
  }

  void setIndefinite(int register) {
    set(register, Extended.INDEFINITE, Extended.INDEFINITE_SIGNIFICAND);
  }

  void push(int signExponent, long significand) {
    top = top - 1 & 7;
    set(top, signExponent, significand);
  }

  void pop() {
    occupied &= ~(1 << top);
    top = top + 1 & 7;
  }

  void pop(int times) {
    for (int n = 0; n < times; n++) {
      pop();
    }
  }

  // --- exceptions

  /** Whether an unmasked exception waits for the next waiting instruction. */
  public boolean exceptionPending() {
    return (statusWord & StatusWord.ES) != 0;
  }

  /** Takes the exceptions and C1 of an operation into the status word. */
  void raise(int raised) {
    statusWord &= ~StatusWord.C1;
    raiseKeepingC1(raised);
  }

  void raiseKeepingC1(int raised) {
    statusWord |= raised;
    if ((raised & ~controlWord & StatusWord.EXCEPTIONS) != 0) {
      statusWord |= StatusWord.ES | StatusWord.B;
    }
  }

  /** Raises a stack fault: C1 tells overflow. Returns whether the masked response follows. */
  boolean stackFault(boolean overflow) {
    raise(StatusWord.IE | StatusWord.SF | (overflow ? StatusWord.C1 : 0));
    return (controlWord & StatusWord.IE) != 0;
  }

  void conditions(int values) {
    statusWord = statusWord & ~StatusWord.CONDITIONS | values;
  }

  private void summarize() {
    statusWord &= ~(StatusWord.ES | StatusWord.B);
    if ((statusWord & ~controlWord & StatusWord.EXCEPTIONS) != 0) {
      statusWord |= StatusWord.ES | StatusWord.B;
    }
  }

  // --- MMX

  /** What every MMX instruction but EMMS does: all registers valid, TOP zero. */
  public void enterMmx() {
    top = 0;
    occupied = 0xFF;
  }

  public void setMmx(int register, long value) {
    significand[register] = value;
    signExponent[register] = 0xFFFF;
  }

  // --- saved state

  @Override
  public String stateName() {
    return "x87";
  }

  @Override
  public int stateVersion() {
    return 1;
  }

  @Override
  public void save(StateWriter out) {
    out.writeLongs(significand);
    out.writeInts(signExponent);
    out.writeInt(controlWord);
    out.writeInt(status());
    out.writeInt(occupied);
    out.writeLong(instructionPointer);
    out.writeLong(dataPointer);
    out.writeInt(opcode);
  }

  @Override
  public void restore(StateReader in, int version) {
    if (version != 1) {
      throw new StateException("x87 state of version " + version);
    }
    in.readLongs(significand);
    in.readInts(signExponent);
    for (int register = 0; register < 8; register++) {
      signExponent[register] &= 0xFFFF;
    }
    controlWord = in.readInt() & (ControlWord.WRITABLE | ControlWord.FIXED_ONE);
    status(in.readInt());
    occupied = in.readInt() & 0xFF;
    instructionPointer = in.readLong();
    dataPointer = in.readLong();
    opcode = in.readInt() & 0x7FF;
  }
}

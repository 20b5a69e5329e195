package dev.ringzero.cpu.floating;

/**
 * What a floating-point operation depends on and leaves behind besides its result: the controls of
 * the running instruction, in MXCSR's layout, and the exceptions that its elements have raised so
 * far. Each unit has one and {@link #begin begins} it anew for each instruction.
 *
 * @spec Intel SDM Vol. 1, "MXCSR Control and Status Register"
 */
public final class Environment {
  public static final int IE = 1 << 0; // Invalid Operation
  public static final int DE = 1 << 1; // Denormal
  public static final int ZE = 1 << 2; // Divide-by-Zero
  public static final int OE = 1 << 3; // Overflow
  public static final int UE = 1 << 4; // Underflow
  public static final int PE = 1 << 5; // Precision
  public static final int DAZ = 1 << 6; // Denormals Are Zeros
  public static final int PM = PE << 7; // Precision Mask
  public static final int OM = OE << 7; // Overflow Mask
  public static final int UM = UE << 7; // Underflow Mask
  public static final int RC = 3 << 13; // Rounding Control
  public static final int FTZ = 1 << 15; // Flush To Zero

  /** Distance from an exception flag to its mask. */
  public static final int MASK_SHIFT = 7;

  public static final int NEAREST = 0, DOWN = 1, UP = 2, ZERO = 3;

  /** Controls and sticky flags as MXCSR has them. */
  int control;

  /** Exceptions raised since {@link #begin}. */
  public int flags;

  /** The instruction's immediate byte, for operations that have one. */
  public int immediate;

  // Numbers under work, so that nothing is allocated.
  final Unpacked first = new Unpacked();
  final Unpacked second = new Unpacked();

  /** Begins an instruction under these controls. */
  public void begin(int mxcsr) {
    control = mxcsr;
    flags = 0;
  }

  /** Replaces the rounding mode for this instruction, as an immediate does. */
  public void round(int mode) {
    control = control & ~RC | mode << 13;
  }

  public int rounding() {
    return control >> 13 & 3;
  }

  boolean nearest() {
    return (control & RC) == 0;
  }

  /** Whether it matters if a result is exact: it does not once PE is set and masked. */
  boolean watchesPrecision() {
    return (control & (PE | PM)) != (PE | PM);
  }

  boolean denormalsAreZeros() {
    return (control & DAZ) != 0;
  }

  /** Flush To Zero works only while underflow is masked. */
  boolean flushesToZero() {
    return (control & (FTZ | UM)) == (FTZ | UM);
  }

  boolean overflowMasked() {
    return (control & OM) != 0;
  }

  boolean underflowMasked() {
    return (control & UM) != 0;
  }

  void raise(int exceptions) {
    flags |= exceptions;
  }
}

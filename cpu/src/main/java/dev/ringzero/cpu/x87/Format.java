package dev.ringzero.cpu.x87;

/** A destination of rounding. Exponents have the bias of the double extended-precision format. */
enum Format {
  SINGLE(24, Extended.BIAS - 126, Extended.BIAS + 127, 192),
  DOUBLE(53, Extended.BIAS - 1022, Extended.BIAS + 1023, 1536),
  EXTENDED(64, 1, 0x7FFE, 24576);

  /** Bits of the significand with the integer bit. */
  final int precision;

  /** Exponents of the smallest and the largest normal values. */
  final int minimum, maximum;

  /** What unmasked overflow and underflow add to or take from the exponent. */
  final int adjustment;

  Format(int precision, int minimum, int maximum, int adjustment) {
    this.precision = precision;
    this.minimum = minimum;
    this.maximum = maximum;
    this.adjustment = adjustment;
  }
}

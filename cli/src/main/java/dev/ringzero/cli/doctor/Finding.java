package dev.ringzero.cli.doctor;

/**
 * What a look at the host found.
 *
 * @param words a sentence for people
 */
record Finding(String subject, Verdict verdict, String words) {
  /** How good it is. */
  enum Verdict {
    /** There, and it works. */
    GOOD,
    /** Not there; RingZero works without it. */
    MISSING,
    /** RingZero cannot work so. */
    BAD
  }

  static Finding good(String subject, String words) {
    return new Finding(subject, Verdict.GOOD, words);
  }

  static Finding missing(String subject, String words) {
    return new Finding(subject, Verdict.MISSING, words);
  }

  static Finding bad(String subject, String words) {
    return new Finding(subject, Verdict.BAD, words);
  }
}

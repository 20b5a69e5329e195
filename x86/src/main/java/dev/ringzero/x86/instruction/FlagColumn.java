package dev.ringzero.x86.instruction;

import dev.ringzero.x86.Rflags;

/** The flags column of a row: flags read, written, and left undefined by the manual. */
record FlagColumn(long read, long written, long undefined) {
  static final FlagColumn NONE = new FlagColumn(0, 0, 0);

  static FlagColumn parse(String text) {
    long read = 0;
    long written = 0;
    long undefined = 0;
    char kind = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == ':' || c == ' ') {
        continue;
      }
      if (i + 1 < text.length() && text.charAt(i + 1) == ':') {
        kind = c;
        continue;
      }
      long flag = flag(c);
      switch (kind) {
        case 'r' -> read |= flag;
        case 'w' -> written |= flag;
        case 'u' -> undefined |= flag;
        default -> throw new IllegalArgumentException(text);
      }
    }
    return new FlagColumn(read, written | undefined, undefined);
  }

  private static long flag(char letter) {
    return switch (letter) {
      case 'o' -> Rflags.OF;
      case 's' -> Rflags.SF;
      case 'z' -> Rflags.ZF;
      case 'a' -> Rflags.AF;
      case 'p' -> Rflags.PF;
      case 'c' -> Rflags.CF;
      case 'd' -> Rflags.DF;
      case 'i' -> Rflags.IF;
      default -> throw new IllegalArgumentException("flag " + letter);
    };
  }
}

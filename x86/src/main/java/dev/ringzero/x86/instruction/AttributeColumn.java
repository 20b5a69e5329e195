package dev.ringzero.x86.instruction;

/** The attributes column of a row, on top of those given to all rows of a group. */
final class AttributeColumn {
  long attributes;
  String feature = "";

  /** Where it differs from the mnemonic, else null. */
  String meaning;

  int implicitRead;
  int implicitWritten;

  /** Starts from those of the group. */
  void reset(AttributeColumn group) {
    attributes = group.attributes;
    feature = group.feature;
    meaning = group.meaning;
    implicitRead = group.implicitRead;
    implicitWritten = group.implicitWritten;
  }

  void parse(String text) {
    int start = 0;
    int length = text.length();
    while (start < length) {
      int end = text.indexOf(' ', start);
      if (end < 0) {
        end = length;
      }
      if (end > start) {
        token(text.substring(start, end));
      }
      start = end + 1;
    }
  }

  private void token(String token) {
    switch (token.charAt(0)) {
      case '+' -> feature = token.substring(1).intern();
      case '=' -> meaning = token.substring(1).intern();
      case '<' -> implicitRead = registers(token);
      case '>' -> implicitWritten = registers(token);
      default -> attributes |= bit(token);
    }
  }

  private static int registers(String token) {
    int registers = 0;
    int start = 1;
    while (start < token.length()) {
      int comma = token.indexOf(',', start);
      int end = comma < 0 ? token.length() : comma;
      registers |= RegisterNames.mask(token.substring(start, end));
      start = end + 1;
    }
    return registers;
  }

  private static long bit(String token) {
    return switch (token) {
      case "lock" -> Attribute.LOCKABLE;
      case "privileged" -> Attribute.PRIVILEGED;
      case "no64" -> Attribute.NOT_IN_64;
      case "only64" -> Attribute.ONLY_IN_64;
      case "d64" -> Attribute.DEFAULT_64;
      case "f64" -> Attribute.FORCE_64;
      case "branch" -> Attribute.BRANCH | Attribute.ENDS_BLOCK;
      case "ends" -> Attribute.ENDS_BLOCK;
      case "string" -> Attribute.STRING;
      case "x87" -> Attribute.X87;
      case "mmx" -> Attribute.MMX;
      case "sse" -> Attribute.SSE;
      case "avx" -> Attribute.AVX;
      case "aligned" -> Attribute.ALIGNED;
      case "float" -> Attribute.SIMD_FLOAT;
      case "user" -> Attribute.USER;
      case "serializing" -> Attribute.SERIALIZING;
      case "protected" -> Attribute.PROTECTED;
      case "memory" -> Attribute.MEMORY_ONLY;
      case "register" -> Attribute.REGISTER_ONLY;
      default -> throw new IllegalArgumentException(token);
    };
  }
}

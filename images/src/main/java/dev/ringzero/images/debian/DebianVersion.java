package dev.ringzero.images.debian;

/**
 * Compares versions of packages.
 *
 * @spec Debian Policy, The fields of a control file, Version
 */
final class DebianVersion {
  private DebianVersion() {}

  /** Negative, zero or positive as the first is older than the second, the same, or newer. */
  static int compare(String a, String b) {
    int byEpoch = compareDigits(epoch(a), epoch(b));
    if (byEpoch != 0) {
      return byEpoch;
    }
    String restOfA = a.substring(a.indexOf(':') + 1);
    String restOfB = b.substring(b.indexOf(':') + 1);
    int byUpstream = compareParts(upstream(restOfA), upstream(restOfB));
    return byUpstream != 0 ? byUpstream : compareParts(revision(restOfA), revision(restOfB));
  }

  private static String epoch(String version) {
    return version.indexOf(':') < 0 ? "0" : version.substring(0, version.indexOf(':'));
  }

  private static String upstream(String version) {
    int dash = version.lastIndexOf('-');
    return dash < 0 ? version : version.substring(0, dash);
  }

  private static String revision(String version) {
    int dash = version.lastIndexOf('-');
    return dash < 0 ? "" : version.substring(dash + 1);
  }

  /** Stretches that are no number and stretches that are one, in turn. */
  private static int compareParts(String a, String b) {
    int i = 0;
    int j = 0;
    while (i < a.length() || j < b.length()) {
      while (isText(a, i) || isText(b, j)) {
        int difference = order(a, i) - order(b, j);
        if (difference != 0) {
          return difference;
        }
        i++;
        j++;
      }
      int endOfA = endOfNumber(a, i);
      int endOfB = endOfNumber(b, j);
      int difference = compareDigits(a.substring(i, endOfA), b.substring(j, endOfB));
      if (difference != 0) {
        return difference;
      }
      i = endOfA;
      j = endOfB;
    }
    return 0;
  }

  private static boolean isText(String text, int at) {
    return at < text.length() && !isDigit(text.charAt(at));
  }

  private static boolean isDigit(char character) {
    return character >= '0' && character <= '9';
  }

  /** A tilde comes before the end, the end before letters, and letters before all else. */
  private static int order(String text, int at) {
    if (!isText(text, at)) {
      return 0;
    }
    char character = text.charAt(at);
    if (character == '~') {
      return -1;
    }
    return Character.isLetter(character) ? character : character + Character.MAX_VALUE;
  }

  private static int endOfNumber(String text, int from) {
    int end = Math.min(from, text.length());
    while (end < text.length() && isDigit(text.charAt(end))) {
      end++;
    }
    return end;
  }

  private static int compareDigits(String a, String b) {
    String plainA = withoutLeadingZeros(a);
    String plainB = withoutLeadingZeros(b);
    int byLength = plainA.length() - plainB.length();
    return byLength != 0 ? byLength : plainA.compareTo(plainB);
  }

  private static String withoutLeadingZeros(String digits) {
    int at = 0;
    while (at < digits.length() && digits.charAt(at) == '0') {
      at++;
    }
    return digits.substring(at);
  }
}

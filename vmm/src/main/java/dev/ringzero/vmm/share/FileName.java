package dev.ringzero.vmm.share;

/** Names of files in a directory, as a guest may give them. */
final class FileName {
  private static final int LONGEST = 255;

  private FileName() {}

  /** What is wrong with a name, as a negative error number, or 0. It may be null. */
  static int complaint(byte[] name) {
    if (name != null && name.length > LONGEST) {
      return -Errno.ENAMETOOLONG;
    }
    return isValid(name) ? 0 : -Errno.EINVAL;
  }

  /** Whether it names one entry of a directory, and neither the directory nor the one above. */
  static boolean isValid(byte[] name) {
    if (name == null || name.length == 0 || name.length > LONGEST) {
      return false;
    }
    for (byte character : name) {
      if (character == '/' || character == 0) {
        return false;
      }
    }
    boolean dots = name[0] == '.' && (name.length == 1 || name.length == 2 && name[1] == '.');
    return !dots;
  }
}

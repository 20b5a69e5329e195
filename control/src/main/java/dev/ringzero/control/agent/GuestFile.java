package dev.ringzero.control.agent;

/** Commands that read and write one file of a guest. */
public final class GuestFile {
  /** With which they end where there is no such file. */
  public static final int MISSING = 44;

  private static final int LONGEST_PATH = 4096;
  private static final String BEGIN =
      "box=/bin/busybox; [ -x $rz/bin/busybox ] && box=$rz/bin/busybox; f=%s; ";

  private static final String READ =
      BEGIN
          + "[ -e \"$f\" ] || { echo 'no such file' >&2; exit 44; }; "
          + "[ -f \"$f\" ] || { echo 'this is no file' >&2; exit 1; }; "
          + "exec $box cat <\"$f\"";

  /** The file is the old or the new one, whole, whoever goes away when. */
  private static final String WRITE =
      BEGIN
          + "[ ! -d \"$f\" ] || { echo 'this is a folder' >&2; exit 1; }; "
          + "d=${f%%/*}; [ -d \"${d:-/}\" ] || { echo 'no such folder' >&2; exit 44; }; "
          + "t=\"$f.part$$\"; trap '$box rm -f \"$t\"' EXIT; trap 'exit 1' HUP TERM; "
          + "$box cat >\"$t\" && $box chmod %o \"$t\" && $box mv -f \"$t\" \"$f\"";

  private GuestFile() {}

  /** Prints a file. */
  public static String read(String path) {
    return READ.formatted(quoted(path));
  }

  /** Makes its input a file. */
  public static String write(String path, int mode) {
    return WRITE.formatted(quoted(path), mode);
  }

  /**
   * A path, as a shell reads it.
   *
   * @throws IllegalArgumentException with a message for the user
   */
  private static String quoted(String path) {
    if (!path.startsWith("/")
        || path.length() > LONGEST_PATH
        || path.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(
          "a path in the guest begins with / and has at most %d characters"
              .formatted(LONGEST_PATH));
    }
    return "'" + path.replace("'", "'\\''") + "'";
  }
}

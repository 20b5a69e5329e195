package dev.ringzero.vmm.machine;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * A folder of the host that a guest shares.
 *
 * @param folder at the host
 * @param guestPath where the guest mounts it, absolute
 */
public record ShareConfiguration(Path folder, String guestPath, boolean readOnly) {
  private static final String READ_ONLY = ",ro";
  private static final int LONGEST_GUEST_PATH = 1024;

  /**
   * Reads {@code HOST:GUEST[,ro]}. The last colon in front of a slash parts the two.
   *
   * @throws IllegalArgumentException with a message for the user
   */
  public static ShareConfiguration parse(String text) {
    boolean readOnly = text.endsWith(READ_ONLY);
    String paths = readOnly ? text.substring(0, text.length() - READ_ONLY.length()) : text;
    int colon = paths.lastIndexOf(":/");
    if (colon < 1) {
      throw new IllegalArgumentException(
          "takes HOST:GUEST[,ro], such as ./src:/mnt/src, not " + text);
    }
    String guestPath = paths.substring(colon + 1);
    checkGuestPath(guestPath);
    try {
      return new ShareConfiguration(Path.of(paths.substring(0, colon)), guestPath, readOnly);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("takes a folder, not " + e.getInput(), e);
    }
  }

  /** It goes into a list of which each line is one share. */
  private static void checkGuestPath(String path) {
    boolean plain = path.chars().noneMatch(Character::isISOControl);
    boolean normal = path.length() > 1 && path.length() <= LONGEST_GUEST_PATH;
    for (String part : path.substring(1).split("/", -1)) {
      normal &= !part.isEmpty() && !part.equals(".") && !part.equals("..");
    }
    if (!plain || !normal) {
      throw new IllegalArgumentException(
          "needs a folder below / in the guest, without . and .., not " + path);
    }
  }

  /** The tag under which the guest finds the share of a number. */
  public static String tag(int number) {
    return "share" + number;
  }
}

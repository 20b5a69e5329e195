package dev.ringzero.vmm.share;

import static dev.ringzero.vmm.share.OpenFlag.*;

/** Which of a guest's flags for {@code open} reach the host. */
final class OpenMode {
  /**
   * Appending is the guest's affair, which says where each write goes; what a file must not do on
   * being opened, such as waiting, it does not do.
   */
  private static final int HARMLESS = O_ACCMODE | O_DSYNC | O_SYNC;

  private OpenMode() {}

  static int ofFile(int guest) {
    return guest & (HARMLESS | O_TRUNC) | O_NONBLOCK | O_NOCTTY;
  }

  static int ofDirectory() {
    return O_RDONLY | O_DIRECTORY;
  }

  /** The same once more, but for what happened on opening. */
  static int again(int flags) {
    int kept = flags & (HARMLESS | O_DIRECTORY);
    return (kept & O_DIRECTORY) != 0 ? ofDirectory() : kept | O_NONBLOCK | O_NOCTTY;
  }

  static boolean writes(int guest) {
    return (guest & O_ACCMODE) != O_RDONLY || (guest & O_TRUNC) != 0;
  }
}

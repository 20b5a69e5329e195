package dev.ringzero.vmm.share;

/**
 * Whose files are in a guest. The user who runs the machine is the guest's root, and the host's
 * root, who is somebody else, is nobody there; all others keep their numbers. Where the host's root
 * runs the machine, numbers are the same on both sides.
 *
 * @param user who runs the machine
 * @param group that user's
 */
record Ownership(int user, int group) {
  private static final int ROOT = 0;
  private static final int NOBODY = 65534;

  /** Whether files may be given to anybody. */
  boolean isRoot() {
    return user == ROOT;
  }

  int guestUser(int host) {
    return toGuest(host, user);
  }

  int guestGroup(int host) {
    return toGuest(host, group);
  }

  int hostUser(int guest) {
    return !isRoot() && guest == ROOT ? user : guest;
  }

  int hostGroup(int guest) {
    return !isRoot() && guest == ROOT ? group : guest;
  }

  private int toGuest(int host, int own) {
    if (isRoot()) {
      return host;
    }
    return host == own ? ROOT : host == ROOT ? NOBODY : host;
  }
}

package dev.ringzero.vmm.xen.store;

/**
 * Names of nodes: absolute, or relative to the guest's own part of the tree.
 *
 * @spec Xen docs/misc/xenstore.txt, "Overall data paths"
 */
final class StorePath {
  private static final int MOST_ABSOLUTE = 3072;
  private static final int MOST_RELATIVE = 2048;

  private StorePath() {}

  /**
   * The absolute path that a guest means.
   *
   * @throws StoreError if it is none
   */
  static String absolute(String home, String path) throws StoreError {
    boolean absolute = path.startsWith("/");
    if (path.isEmpty() || path.length() > (absolute ? MOST_ABSOLUTE : MOST_RELATIVE)) {
      throw new StoreError(StoreError.Name.EINVAL);
    }
    if (path.equals("/")) {
      return path;
    }
    if (path.endsWith("/") || path.contains("//")) {
      throw new StoreError(StoreError.Name.EINVAL);
    }
    for (int i = 0; i < path.length(); i++) {
      if (!isAllowed(path.charAt(i))) {
        throw new StoreError(StoreError.Name.EINVAL);
      }
    }
    return absolute ? path : home + "/" + path;
  }

  private static boolean isAllowed(char c) {
    return c >= 'a' && c <= 'z'
        || c >= 'A' && c <= 'Z'
        || c >= '0' && c <= '9'
        || c == '-'
        || c == '/'
        || c == '_'
        || c == '@';
  }

  /** Whether a path is another or lies below it. */
  static boolean isWithin(String path, String top) {
    return path.equals(top)
        || top.equals("/")
        || path.startsWith(top) && path.charAt(top.length()) == '/';
  }

  static String parent(String path) {
    int slash = path.lastIndexOf('/');
    return slash <= 0 ? "/" : path.substring(0, slash);
  }

  static String name(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }
}

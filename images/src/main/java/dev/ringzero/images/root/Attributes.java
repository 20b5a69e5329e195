package dev.ringzero.images.root;

/**
 * What a file system keeps of a file besides its name and content.
 *
 * @param permissions the low twelve bits of its mode
 */
public record Attributes(int permissions, int owner, int group, long modifiedSeconds) {
  private static final int PERMISSION_BITS = 0xFFF;

  public Attributes {
    permissions &= PERMISSION_BITS;
  }

  /** Of root's, and without a time. */
  public static Attributes ofRoot(int permissions) {
    return new Attributes(permissions, 0, 0, 0);
  }
}

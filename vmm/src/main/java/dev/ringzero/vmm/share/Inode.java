package dev.ringzero.vmm.share;

/**
 * A file that the guest knows by a number. It is found again by its place, a name in a directory
 * that the guest knows too, and told from another file at that place by its key. All but constants
 * is guarded by the {@link InodeTable}.
 */
final class Inode {
  static final int CLOSED = -1;

  /** What tells a file of the host from all others. */
  record Key(long device, long number, long bornNanos) {}

  /** Where a file was seen last. */
  record Place(Inode parent, byte[] name) {}

  final long id;
  final Key key;
  final int type;

  /** Null for the root. */
  Place place;

  /** Opened as a mere path, or {@link #CLOSED}. */
  int fd = CLOSED;

  /** How often the guest was told of it and has not forgotten it. */
  long lookups;

  /** Requests that use it now. */
  int users;

  /** Whether it could not be found again, so that it must stay open. */
  boolean unlinked;

  boolean forgotten;

  /**
   * Size and time of change when the guest opened it last: if they are the same its cache holds.
   */
  long seenBytes = -1;

  long seenModifiedNanos;

  Inode(long id, Key key, int type, Place place) {
    this.id = id;
    this.key = key;
    this.type = type;
    this.place = place;
  }

  boolean isRegular() {
    return type == FileStatus.S_IFREG;
  }

  boolean isDirectory() {
    return type == FileStatus.S_IFDIR;
  }
}

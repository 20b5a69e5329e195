package dev.ringzero.vmm.share;

import java.nio.ByteBuffer;

/**
 * Answers that name a file, for whose content and name the guest may go by them for a while.
 *
 * @spec Linux include/uapi/linux/fuse.h, "struct fuse_entry_out" and "struct fuse_open_out"
 */
final class Entries {
  static final int BYTES = 128;
  static final long VALID_SECONDS = 1;
  private static final int FOPEN_KEEP_CACHE = 1 << 1;

  private final SharedFolder folder;
  private final HostFiles host;

  Entries(SharedFolder folder, HostFiles host) {
    this.folder = folder;
    this.host = host;
  }

  /** Looks an entry of a directory up and puts it. */
  int put(ByteBuffer out, Inode parent, int directory, byte[] name) {
    int result = host.stat(directory, name);
    if (result < 0) {
      return result;
    }
    boolean mounted = host.status().key().device() != parent.key.device();
    if (mounted && KernelFiles.hold(host, directory, name)) {
      return -Errno.EACCES;
    }
    return putSeen(out, parent, name);
  }

  /** Puts the file that the host was asked about last. */
  int putSeen(ByteBuffer out, Inode parent, byte[] name) {
    Inode inode = folder.inodes.remember(host.status(), parent, name);
    if (inode == null) {
      return -Errno.ENFILE;
    }
    out.putLong(inode.id).putLong(0);
    out.putLong(VALID_SECONDS).putLong(VALID_SECONDS).putInt(0).putInt(0);
    host.status().put(out, folder.ownership);
    return 0;
  }

  /** Opens an acquired file and puts its handle. */
  int open(ByteBuffer out, Inode inode, int guestFlags) {
    if (!inode.isRegular()) {
      return -Errno.EACCES;
    }
    int path = folder.inodes.fd(inode);
    int fd = path < 0 ? path : host.reopen(path, OpenMode.ofFile(guestFlags));
    return fd < 0 ? fd : putOpen(out, inode, OpenMode.again(guestFlags), fd);
  }

  /** Puts the handle of what was opened. */
  int putOpen(ByteBuffer out, Inode inode, int flags, int fd) {
    boolean unchanged =
        inode.isRegular() && host.stat(fd) == 0 && folder.inodes.isUnchanged(inode, host.status());
    OpenFile file = folder.handles.add(inode.id, flags, fd);
    if (file == null) {
      return -Errno.ENFILE;
    }
    out.putLong(file.handle).putInt(unchanged ? FOPEN_KEEP_CACHE : 0).putInt(0);
    return 0;
  }
}

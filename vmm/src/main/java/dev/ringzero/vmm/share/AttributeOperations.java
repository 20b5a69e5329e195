package dev.ringzero.vmm.share;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.ringzero.devices.virtio.fs.FuseRequest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Requests about what a file has beside its content. Of extended attributes a guest sees and sets
 * those of the {@code user} namespace; others mean something to the host.
 */
final class AttributeOperations {
  private static final int FATTR_MODE = 1 << 0;
  private static final int FATTR_UID = 1 << 1;
  private static final int FATTR_GID = 1 << 2;
  private static final int FATTR_SIZE = 1 << 3;
  private static final int FATTR_ATIME = 1 << 4;
  private static final int FATTR_MTIME = 1 << 5;
  private static final int FATTR_FH = 1 << 6;
  private static final int FATTR_ATIME_NOW = 1 << 7;
  private static final int FATTR_MTIME_NOW = 1 << 8;

  private static final int SETATTR_BYTES = 88;
  private static final long UTIME_NOW = (1 << 30) - 1;
  private static final long UTIME_OMIT = (1 << 30) - 2;
  private static final int KEEP = -1;

  private static final byte[] NAMESPACE = "user.".getBytes(StandardCharsets.US_ASCII);
  private static final int LONGEST_ATTRIBUTE_NAME = 255;

  private final SharedFolder folder;
  private final HostFiles host;

  AttributeOperations(SharedFolder folder, HostFiles host) {
    this.folder = folder;
    this.host = host;
  }

  /** What is done with a file. */
  @FunctionalInterface
  private interface InodeWork {
    int run(Inode inode, int fd);
  }

  private int withInode(FuseRequest request, InodeWork work) {
    Inode inode = folder.inodes.acquire(request.node());
    if (inode == null) {
      return -Errno.ESTALE;
    }
    try {
      int fd = folder.inodes.fd(inode);
      return fd < 0 ? fd : work.run(inode, fd);
    } finally {
      folder.inodes.release(inode);
    }
  }

  int get(FuseRequest request) {
    Inode inode = folder.inodes.acquire(request.node());
    if (inode == null) {
      return -Errno.ESTALE;
    }
    int result = folder.inodes.stat(inode, host);
    folder.inodes.release(inode);
    return result < 0 ? result : putSeen(request.answer());
  }

  private int putSeen(ByteBuffer out) {
    out.putLong(Entries.VALID_SECONDS).putLong(0);
    host.status().put(out, folder.ownership);
    return 0;
  }

  int set(FuseRequest request) {
    ByteBuffer in = request.arguments();
    if (in.remaining() < SETATTR_BYTES) {
      return -Errno.EINVAL;
    }
    Change change =
        new Change(
            in.getInt(0),
            in.getLong(8),
            in.getLong(16),
            in.getLong(32),
            in.getLong(40),
            in.getInt(56),
            in.getInt(60),
            in.getInt(68),
            in.getInt(76),
            in.getInt(80));
    return withInode(
        request,
        (inode, fd) -> {
          int result = change(inode, fd, change);
          result = result < 0 ? result : host.stat(fd);
          return result < 0 ? result : putSeen(request.answer());
        });
  }

  /**
   * The arguments of SETATTR.
   *
   * @spec Linux include/uapi/linux/fuse.h, "struct fuse_setattr_in"
   */
  private record Change(
      int valid,
      long handle,
      long sizeBytes,
      long accessed,
      long modified,
      int accessedNanos,
      int modifiedNanos,
      int mode,
      int user,
      int group) {
    boolean has(int bits) {
      return (valid & bits) != 0;
    }
  }

  private int change(Inode inode, int fd, Change change) {
    int result = 0;
    if (change.has(FATTR_MODE)) {
      result = host.changeMode(fd, NewFile.allowed(change.mode, inode.isDirectory()));
    }
    if (result == 0 && change.has(FATTR_UID | FATTR_GID)) {
      int user = change.has(FATTR_UID) ? folder.ownership.hostUser(change.user) : KEEP;
      int group = change.has(FATTR_GID) ? folder.ownership.hostGroup(change.group) : KEEP;
      result = host.changeOwner(fd, user, group);
    }
    if (result == 0 && change.has(FATTR_SIZE)) {
      result = truncate(inode, fd, change);
    }
    if (result == 0 && change.has(FATTR_ATIME | FATTR_MTIME)) {
      result = changeTimes(fd, change);
    }
    return result;
  }

  private int truncate(Inode inode, int fd, Change change) {
    if (!inode.isRegular()) {
      return -Errno.EINVAL;
    }
    OpenFile file = change.has(FATTR_FH) ? folder.handles.acquire(change.handle) : null;
    if (file == null) {
      return host.truncate(fd, change.sizeBytes);
    }
    try {
      return host.truncateOpen(file.fd, change.sizeBytes);
    } finally {
      folder.handles.giveBack(file);
    }
  }

  private int changeTimes(int fd, Change change) {
    return host.changeTimes(
        fd,
        change.accessed,
        nanos(change, FATTR_ATIME, FATTR_ATIME_NOW, change.accessedNanos),
        change.modified,
        nanos(change, FATTR_MTIME, FATTR_MTIME_NOW, change.modifiedNanos));
  }

  private static long nanos(Change change, int set, int now, int nanos) {
    if (!change.has(set)) {
      return UTIME_OMIT;
    }
    return change.has(now) ? UTIME_NOW : nanos & 0xFFFF_FFFFL;
  }

  int access(FuseRequest request) {
    int mask = request.arguments().getInt();
    return withInode(request, (inode, fd) -> host.access(fd, mask));
  }

  int setExtended(FuseRequest request) {
    ByteBuffer in = request.arguments();
    int length = in.getInt();
    int flags = in.getInt();
    byte[] name = request.text();
    if (name == null || name.length > LONGEST_ATTRIBUTE_NAME) {
      return name == null ? -Errno.EINVAL : -Errno.ERANGE;
    }
    if (length < 0 || length > in.remaining() || length > HostFiles.DATA_BYTES) {
      return -Errno.EINVAL;
    }
    byte[] value = new byte[length];
    in.get(value);
    return isVisible(name, 0)
        ? withInode(request, (inode, fd) -> host.setAttribute(fd, name, value, flags))
        : -Errno.EOPNOTSUPP;
  }

  int removeExtended(FuseRequest request) {
    byte[] name = request.text();
    if (name == null || name.length > LONGEST_ATTRIBUTE_NAME) {
      return name == null ? -Errno.EINVAL : -Errno.ERANGE;
    }
    return isVisible(name, 0)
        ? withInode(request, (inode, fd) -> host.removeAttribute(fd, name))
        : -Errno.EOPNOTSUPP;
  }

  int getExtended(FuseRequest request) {
    ByteBuffer in = request.arguments();
    int room = in.getInt();
    in.getInt();
    byte[] name = request.text();
    if (name == null || name.length > LONGEST_ATTRIBUTE_NAME) {
      return name == null ? -Errno.EINVAL : -Errno.ERANGE;
    }
    if (!isVisible(name, 0)) {
      return -Errno.EOPNOTSUPP;
    }
    return withInode(
        request,
        (inode, fd) -> {
          int length = host.attribute(fd, name, HostFiles.DATA_BYTES);
          return length < 0 ? length : putExtended(request.answer(), room, bytes(length));
        });
  }

  int listExtended(FuseRequest request) {
    int room = request.arguments().getInt();
    return withInode(
        request,
        (inode, fd) -> {
          int length = host.attributeNames(fd);
          return length < 0
              ? length
              : putExtended(request.answer(), room, visibleNames(bytes(length)));
        });
  }

  private byte[] bytes(int length) {
    return host.data().asSlice(0, length).toArray(JAVA_BYTE);
  }

  private static byte[] visibleNames(byte[] all) {
    byte[] visible = new byte[all.length];
    int count = 0;
    int next;
    for (int at = 0; at < all.length; at = next) {
      next = at;
      while (next < all.length && all[next++] != 0) {
        // A name goes up to its zero byte.
      }
      if (isVisible(all, at)) {
        System.arraycopy(all, at, visible, count, next - at);
        count += next - at;
      }
    }
    return Arrays.copyOf(visible, count);
  }

  private static boolean isVisible(byte[] names, int at) {
    int end = at + NAMESPACE.length;
    return names.length > end && Arrays.equals(names, at, end, NAMESPACE, 0, NAMESPACE.length);
  }

  /** Without room the guest asks how long the answer is. */
  private static int putExtended(ByteBuffer out, int room, byte[] value) {
    if (room == 0) {
      out.putInt(value.length).putInt(0);
      return 0;
    }
    if (value.length > (room & 0xFFFF_FFFFL)) {
      return -Errno.ERANGE;
    }
    out.put(value);
    return 0;
  }
}

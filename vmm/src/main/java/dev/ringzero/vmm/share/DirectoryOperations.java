package dev.ringzero.vmm.share;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.ringzero.devices.virtio.fs.FuseRequest;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * Requests that list directories. The host's offsets are the guest's.
 *
 * <pre>
 * host   0: inode (8)  8: next offset (8)  16: length (2)       18: type (1)  19: name
 * FUSE   0: inode (8)  8: next offset (8)  16: name length (4)  20: type (4)  24: name
 * </pre>
 *
 * @spec Linux include/uapi/linux/fuse.h, "struct fuse_dirent" and "struct fuse_direntplus"
 */
final class DirectoryOperations {
  private static final int LEAST_ROOM = 512;
  private static final int HEADER_BYTES = 24;
  private static final int SEEK_SET = 0;

  /** An entry with all that belongs to it takes up to so many times the room that it takes here. */
  private static final int GROWTH = 5;

  private final SharedFolder folder;
  private final HostFiles host;
  private final Entries entries;

  DirectoryOperations(SharedFolder folder, HostFiles host, Entries entries) {
    this.folder = folder;
    this.host = host;
    this.entries = entries;
  }

  int open(FuseRequest request) {
    Inode inode = folder.inodes.acquire(request.node());
    if (inode == null) {
      return -Errno.ESTALE;
    }
    try {
      int path = folder.inodes.fd(inode);
      int flags = OpenMode.ofDirectory();
      int fd = path < 0 ? path : host.reopen(path, flags);
      return fd < 0 ? fd : entries.putOpen(request.answer(), inode, flags, fd);
    } finally {
      folder.inodes.release(inode);
    }
  }

  int read(FuseRequest request, boolean plus) {
    ByteBuffer in = request.arguments();
    long handle = in.getLong();
    long offset = in.getLong();
    int room = (int) Math.min(in.getInt() & 0xFFFF_FFFFL, request.answerRoom());
    OpenFile directory = folder.handles.acquire(handle);
    if (directory == null) {
      return -Errno.EBADF;
    }
    Inode inode = folder.inodes.acquire(directory.inode);
    try {
      if (directory.fd < 0 || inode == null || !inode.isDirectory()) {
        return -Errno.EBADF;
      }
      return read(request.answer(), directory, inode, offset, room, plus);
    } finally {
      if (inode != null) {
        folder.inodes.release(inode);
      }
      folder.handles.giveBack(directory);
    }
  }

  private int read(
      ByteBuffer out, OpenFile directory, Inode inode, long offset, int room, boolean plus) {
    int length;
    synchronized (directory) {
      long sought = host.seek(directory.fd, offset, SEEK_SET);
      int wanted = Math.max(LEAST_ROOM, plus ? room / GROWTH : room);
      length = sought < 0 ? (int) sought : host.readDirectory(directory.fd, wanted);
    }
    if (length < 0) {
      return length;
    }
    out.limit(Math.min(room, out.capacity()));
    MemorySegment found = host.data();
    int next;
    for (int at = 0; at < length; at = next) {
      next = at + (found.get(JAVA_SHORT_UNALIGNED, at + 16) & 0xFFFF);
      if (!put(out, directory.fd, inode, found.asSlice(at, next - at), plus)) {
        return at == 0 ? -Errno.EINVAL : 0;
      }
    }
    return 0;
  }

  /** Puts one entry; false if there is no room for it. */
  private boolean put(ByteBuffer out, int fd, Inode directory, MemorySegment found, boolean plus) {
    byte[] name = name(found);
    int padded = name.length + 7 & ~7;
    int start = out.position();
    if (out.remaining() < (plus ? Entries.BYTES : 0) + HEADER_BYTES + padded) {
      return false;
    }
    boolean child = FileName.isValid(name);
    if (plus) {
      if (!child || entries.put(out, directory, fd, name) < 0) {
        out.position(start);
        putNothing(out);
      }
    }
    boolean aboveRoot = !child && directory.id == InodeTable.ROOT;
    out.putLong(aboveRoot ? directory.key.number() : found.get(JAVA_LONG_UNALIGNED, 0));
    out.putLong(found.get(JAVA_LONG_UNALIGNED, 8));
    out.putInt(name.length).putInt(found.get(JAVA_BYTE, 18)).put(name);
    for (int i = name.length; i < padded; i++) {
      out.put((byte) 0);
    }
    return true;
  }

  /** An entry of which the guest has to ask on its own. */
  private static void putNothing(ByteBuffer out) {
    for (int i = 0; i < Entries.BYTES; i += Long.BYTES) {
      out.putLong(0);
    }
  }

  private static byte[] name(MemorySegment found) {
    int length = 0;
    while (found.get(JAVA_BYTE, 19 + length) != 0) {
      length++;
    }
    return found.asSlice(19, length).toArray(JAVA_BYTE);
  }
}

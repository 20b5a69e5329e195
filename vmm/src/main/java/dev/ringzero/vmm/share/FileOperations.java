package dev.ringzero.vmm.share;

import dev.ringzero.devices.virtio.fs.FuseRequest;
import dev.ringzero.devices.virtio.queue.PinnedBuffers;
import java.nio.ByteBuffer;

/** Requests about files that are open, and those that open them. */
final class FileOperations {
  /** The most that one request reads or writes, which the driver is told. */
  static final int MOST_DATA_BYTES = 1 << 20;

  private static final int FSYNC_DATA_ONLY = 1;
  private static final int WRITE_KILL_SUIDGID = 1 << 2;
  private static final int FALLOC_FL_KEEP_SIZE = 1;
  private static final int FALLOC_FL_PUNCH_HOLE = 2;
  private static final int FALLOC_FL_ZERO_RANGE = 0x10;
  private static final int SEEK_DATA = 3;
  private static final int SEEK_HOLE = 4;
  private static final long MOST_COPY_BYTES = 16 << 20;
  private static final int RUN_AS_OWNER_OR_GROUP = 06000;

  private final SharedFolder folder;
  private final HostFiles host;
  private final Entries entries;
  private final NewFile newFile;

  FileOperations(SharedFolder folder, HostFiles host, Entries entries) {
    this.folder = folder;
    this.host = host;
    this.entries = entries;
    this.newFile = new NewFile(folder, host);
  }

  /** What is done with an open file. */
  @FunctionalInterface
  private interface FileWork {
    int run(int fd);
  }

  private int withFile(long handle, FileWork work) {
    OpenFile file = folder.handles.acquire(handle);
    if (file == null) {
      return -Errno.EBADF;
    }
    try {
      return file.fd < 0 ? file.fd : work.run(file.fd);
    } finally {
      folder.handles.giveBack(file);
    }
  }

  int open(FuseRequest request) {
    int flags = request.arguments().getInt();
    if (folder.readOnly && OpenMode.writes(flags)) {
      return -Errno.EROFS;
    }
    Inode inode = folder.inodes.acquire(request.node());
    if (inode == null) {
      return -Errno.ESTALE;
    }
    try {
      return entries.open(request.answer(), inode, flags);
    } finally {
      folder.inodes.release(inode);
    }
  }

  int create(FuseRequest request) {
    ByteBuffer in = request.arguments();
    int flags = in.getInt();
    int mode = in.getInt();
    in.getLong();
    byte[] name = request.text();
    int complaint = FileName.complaint(name);
    if (complaint < 0) {
      return complaint;
    }
    Inode parent = folder.inodes.acquire(request.node());
    if (parent == null) {
      return -Errno.ESTALE;
    }
    try {
      int directory = folder.inodes.fd(parent);
      return directory < 0 ? directory : create(request, parent, directory, name, flags, mode);
    } finally {
      folder.inodes.release(parent);
    }
  }

  private int create(
      FuseRequest request, Inode parent, int directory, byte[] name, int flags, int mode) {
    int exclusive = OpenMode.ofFile(flags) | OpenFlag.O_CREAT | OpenFlag.O_EXCL;
    int fd = host.openEntry(directory, name, exclusive, NewFile.PRIVATE);
    if (fd == -Errno.EEXIST && (flags & OpenFlag.O_EXCL) == 0) {
      return openExisting(request, parent, directory, name, flags);
    }
    if (fd < 0) {
      return fd;
    }
    int result = newFile.settleOpen(request, directory, fd, mode);
    result = result < 0 ? result : host.stat(fd);
    result = result < 0 ? result : entries.putSeen(request.answer(), parent, name);
    if (result < 0) {
      host.close(fd);
      return result;
    }
    return finish(request, fd, flags);
  }

  private int openExisting(
      FuseRequest request, Inode parent, int directory, byte[] name, int flags) {
    int result = entries.put(request.answer(), parent, directory, name);
    return result < 0 ? result : finish(request, Inode.CLOSED, flags);
  }

  /** Puts the handle behind the entry. If that fails the guest was not told of the file. */
  private int finish(FuseRequest request, int fd, int flags) {
    Inode inode = folder.inodes.acquire(request.answer().getLong(0));
    if (inode == null) {
      closeIfOpen(fd);
      return -Errno.ESTALE;
    }
    int result =
        fd == Inode.CLOSED
            ? entries.open(request.answer(), inode, flags)
            : entries.putOpen(request.answer(), inode, OpenMode.again(flags), fd);
    if (result < 0) {
      folder.inodes.forget(inode.id, 1);
    }
    folder.inodes.release(inode);
    return result;
  }

  private void closeIfOpen(int fd) {
    if (fd != Inode.CLOSED) {
      host.close(fd);
    }
  }

  int read(FuseRequest request) {
    ByteBuffer in = request.arguments();
    long handle = in.getLong();
    long offset = in.getLong();
    long most = Math.min(MOST_DATA_BYTES, request.dataRoom());
    long length = Math.min(in.getInt() & 0xFFFF_FFFFL, most);
    return withFile(
        handle,
        fd -> {
          try (PinnedBuffers room = request.pinDataRoom(length)) {
            long count = host.read(fd, room.buffers(), offset);
            request.dataRead(Math.max(0, count));
            return (int) Math.min(0, count);
          }
        });
  }

  int write(FuseRequest request) {
    ByteBuffer in = request.arguments();
    long handle = in.getLong();
    long offset = in.getLong();
    long length = in.getInt() & 0xFFFF_FFFFL;
    int flags = in.getInt();
    if (length > request.dataBytes() || length > MOST_DATA_BYTES) {
      return -Errno.EINVAL;
    }
    return withFile(
        handle,
        fd -> {
          try (PinnedBuffers data = request.pinData(length)) {
            long count = host.write(fd, data.buffers(), offset);
            if (count < 0) {
              return (int) count;
            }
            if ((flags & WRITE_KILL_SUIDGID) != 0) {
              dropRights(fd);
            }
            request.answer().putInt((int) count).putInt(0);
            return 0;
          }
        });
  }

  /** A file that somebody changed no longer runs as its owner or group. */
  private void dropRights(int fd) {
    if (host.stat(fd) == 0 && (host.status().mode() & RUN_AS_OWNER_OR_GROUP) != 0) {
      host.changeModeOfOpen(fd, NewFile.allowed(host.status().mode(), false));
    }
  }

  int release(FuseRequest request) {
    return folder.handles.release(request.arguments().getLong()) ? 0 : -Errno.EBADF;
  }

  int sync(FuseRequest request) {
    long handle = request.arguments().getLong();
    boolean dataOnly = (request.arguments().getInt() & FSYNC_DATA_ONLY) != 0;
    return withFile(handle, fd -> host.sync(fd, dataOnly));
  }

  int allocate(FuseRequest request) {
    ByteBuffer in = request.arguments();
    long handle = in.getLong();
    long offset = in.getLong();
    long length = in.getLong();
    int mode = in.getInt();
    int known = FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE;
    return (mode & ~known) != 0
        ? -Errno.EOPNOTSUPP
        : withFile(handle, fd -> host.allocate(fd, mode, offset, length));
  }

  int seek(FuseRequest request) {
    ByteBuffer in = request.arguments();
    long handle = in.getLong();
    long offset = in.getLong();
    int whence = in.getInt();
    if (whence != SEEK_DATA && whence != SEEK_HOLE) {
      return -Errno.EINVAL;
    }
    return withFile(
        handle,
        fd -> {
          long found = host.seek(fd, offset, whence);
          request.answer().putLong(found);
          return (int) Math.min(0, found);
        });
  }

  int copy(FuseRequest request) {
    ByteBuffer in = request.arguments();
    long handle = in.getLong();
    long offset = in.getLong();
    in.getLong();
    long toHandle = in.getLong();
    long toOffset = in.getLong();
    long length = Math.clamp(in.getLong(), 0, MOST_COPY_BYTES);
    return withFile(
        handle,
        from ->
            withFile(
                toHandle,
                to -> {
                  long count = host.copy(from, offset, to, toOffset, length);
                  request.answer().putInt((int) count).putInt(0);
                  return (int) Math.min(0, count);
                }));
  }
}

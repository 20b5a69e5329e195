package dev.ringzero.vmm.share;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.ringzero.devices.virtio.fs.FuseRequest;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/** Requests about names in directories. */
final class NameOperations {
  private static final int AT_REMOVEDIR = 0x200;
  private static final int RENAME_NOREPLACE = 1;
  private static final int RENAME_EXCHANGE = 2;
  private static final int MOST_TARGET_BYTES = 4095;

  private final SharedFolder folder;
  private final HostFiles host;
  private final Entries entries;
  private final NewFile newFile;

  NameOperations(SharedFolder folder, HostFiles host, Entries entries) {
    this.folder = folder;
    this.host = host;
    this.entries = entries;
    this.newFile = new NewFile(folder, host);
  }

  /** What is done with one entry of a directory. */
  @FunctionalInterface
  private interface EntryWork {
    int run(Inode parent, int directory, byte[] name);
  }

  /** Does something with a name in the directory that the request is about. */
  private int withEntry(FuseRequest request, EntryWork work) {
    return withEntry(request.node(), request.text(), work);
  }

  private int withEntry(long node, byte[] name, EntryWork work) {
    int complaint = FileName.complaint(name);
    if (complaint < 0) {
      return complaint;
    }
    Inode parent = folder.inodes.acquire(node);
    if (parent == null) {
      return -Errno.ESTALE;
    }
    try {
      int directory = folder.inodes.fd(parent);
      return directory < 0 ? directory : work.run(parent, directory, name);
    } finally {
      folder.inodes.release(parent);
    }
  }

  int lookup(FuseRequest request) {
    return withEntry(
        request,
        (parent, directory, name) -> entries.put(request.answer(), parent, directory, name));
  }

  int makeDirectory(FuseRequest request) {
    int mode = request.arguments().getInt();
    request.arguments().getInt();
    return withEntry(
        request,
        (parent, directory, name) -> {
          int made = host.makeDirectory(directory, name, NewFile.PRIVATE);
          return made < 0 ? made : settle(request, parent, directory, name, mode);
        });
  }

  int makeNode(FuseRequest request) {
    ByteBuffer in = request.arguments();
    int mode = in.getInt();
    in.getLong();
    in.getInt();
    int type = (mode & FileStatus.S_IFMT) == 0 ? FileStatus.S_IFREG : mode & FileStatus.S_IFMT;
    boolean harmless =
        type == FileStatus.S_IFREG || type == FileStatus.S_IFIFO || type == FileStatus.S_IFSOCK;
    if (!harmless) {
      return -Errno.EPERM;
    }
    return withEntry(
        request,
        (parent, directory, name) -> {
          int made = host.makeNode(directory, name, type | NewFile.PRIVATE);
          return made < 0 ? made : settle(request, parent, directory, name, mode);
        });
  }

  int symlink(FuseRequest request) {
    byte[] name = request.text();
    byte[] target = request.text();
    if (target == null || target.length == 0 || target.length > MOST_TARGET_BYTES) {
      return target != null && target.length > 0 ? -Errno.ENAMETOOLONG : -Errno.EINVAL;
    }
    return withEntry(
        request.node(),
        name,
        (parent, directory, entry) -> {
          int made = host.makeLink(directory, entry, target);
          return made < 0 ? made : settle(request, parent, directory, entry, NewFile.NO_MODE);
        });
  }

  private int settle(FuseRequest request, Inode parent, int directory, byte[] name, int mode) {
    int result = newFile.settle(request, directory, name, mode);
    return result < 0 ? result : entries.put(request.answer(), parent, directory, name);
  }

  int readLink(FuseRequest request) {
    Inode inode = folder.inodes.acquire(request.node());
    if (inode == null) {
      return -Errno.ESTALE;
    }
    try {
      int fd = folder.inodes.fd(inode);
      int length = fd < 0 ? fd : host.readLink(fd);
      if (length < 0) {
        return length == -Errno.ENOENT ? -Errno.EINVAL : length;
      }
      ByteBuffer out = request.answer();
      MemorySegment.copy(host.data(), JAVA_BYTE, 0, out.array(), out.position(), length);
      out.position(out.position() + length);
      return 0;
    } finally {
      folder.inodes.release(inode);
    }
  }

  int unlink(FuseRequest request) {
    return withEntry(request, (parent, directory, name) -> remove(directory, name, 0));
  }

  int removeDirectory(FuseRequest request) {
    return withEntry(request, (parent, directory, name) -> remove(directory, name, AT_REMOVEDIR));
  }

  private int remove(int directory, byte[] name, int flags) {
    Inode known = losesName(directory, name);
    try {
      return host.unlink(directory, name, flags);
    } finally {
      release(known);
    }
  }

  /** If the guest knows what is about to lose this name, acquires it and keeps it open. */
  private Inode losesName(int directory, byte[] name) {
    Inode known =
        host.stat(directory, name) < 0 ? null : folder.inodes.acquire(host.status().key());
    if (known != null) {
      folder.inodes.keepOpen(known);
    }
    return known;
  }

  private void release(Inode inode) {
    if (inode != null) {
      folder.inodes.release(inode);
    }
  }

  int rename(FuseRequest request, boolean withFlags) {
    ByteBuffer in = request.arguments();
    long newNode = in.getLong();
    int flags = withFlags ? in.getInt() : 0;
    if (withFlags) {
      in.getInt();
    }
    if ((flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE)) != 0) {
      return -Errno.EINVAL;
    }
    byte[] name = request.text();
    byte[] newName = request.text();
    return withEntry(
        request.node(),
        name,
        (from, fromDirectory, old) ->
            withEntry(
                newNode,
                newName,
                (to, toDirectory, target) ->
                    rename(from, fromDirectory, old, to, toDirectory, target, flags)));
  }

  private int rename(
      Inode from,
      int fromDirectory,
      byte[] name,
      Inode to,
      int toDirectory,
      byte[] newName,
      int flags) {
    Inode replaced = losesName(toDirectory, newName);
    try {
      int result = host.rename(fromDirectory, name, toDirectory, newName, flags);
      if (result < 0) {
        return result;
      }
      noteMove(toDirectory, to, newName);
      if ((flags & RENAME_EXCHANGE) != 0) {
        noteMove(fromDirectory, from, name);
      }
      return 0;
    } finally {
      release(replaced);
    }
  }

  private void noteMove(int directory, Inode parent, byte[] name) {
    if (host.stat(directory, name) == 0) {
      folder.inodes.moved(host.status().key(), parent, name);
    }
  }

  int link(FuseRequest request) {
    long node = request.arguments().getLong();
    Inode inode = folder.inodes.acquire(node);
    if (inode == null) {
      return -Errno.ESTALE;
    }
    try {
      int fd = folder.inodes.fd(inode);
      return fd < 0
          ? fd
          : withEntry(
              request,
              (parent, directory, name) -> {
                int linked = host.link(fd, directory, name);
                return linked < 0 ? linked : entries.put(request.answer(), parent, directory, name);
              });
    } finally {
      folder.inodes.release(inode);
    }
  }
}

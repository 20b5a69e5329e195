package dev.ringzero.vmm.share;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.ringzero.devices.virtio.fs.FileServer;
import dev.ringzero.devices.virtio.fs.FuseOpcode;
import dev.ringzero.devices.virtio.fs.FuseRequest;
import java.lang.foreign.MemorySegment;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/**
 * Serves the requests of one queue.
 *
 * <p>Not modelled: locks between guest and host (those in the guest are its kernel's), FLUSH (what
 * was written is with the host's kernel), POLL, IOCTL, TMPFILE and STATX, of which the driver does
 * without.
 *
 * @spec Linux include/uapi/linux/fuse.h
 */
final class FolderWorker implements FileServer.Worker {
  private static final int MAJOR = 7;
  private static final int LEAST_MINOR = 31;
  private static final int OUR_MINOR = 38;
  private static final int MOST_BACKGROUND = 64;
  private static final int MOST_DATA_PAGES = FileOperations.MOST_DATA_BYTES >> 12;
  private static final int FORGET_BYTES = 16;

  private static final int FUSE_ASYNC_READ = 1 << 0;
  private static final int FUSE_ATOMIC_O_TRUNC = 1 << 3;
  private static final int FUSE_BIG_WRITES = 1 << 5;
  private static final int FUSE_AUTO_INVAL_DATA = 1 << 12;
  private static final int FUSE_DO_READDIRPLUS = 1 << 13;
  private static final int FUSE_READDIRPLUS_AUTO = 1 << 14;
  private static final int FUSE_ASYNC_DIO = 1 << 15;
  private static final int FUSE_PARALLEL_DIROPS = 1 << 18;
  private static final int FUSE_MAX_PAGES = 1 << 22;
  private static final int FUSE_HANDLE_KILLPRIV_V2 = 1 << 28;
  private static final int OFFERED =
      FUSE_ASYNC_READ
          | FUSE_ATOMIC_O_TRUNC
          | FUSE_BIG_WRITES
          | FUSE_AUTO_INVAL_DATA
          | FUSE_DO_READDIRPLUS
          | FUSE_READDIRPLUS_AUTO
          | FUSE_ASYNC_DIO
          | FUSE_PARALLEL_DIROPS
          | FUSE_MAX_PAGES
          | FUSE_HANDLE_KILLPRIV_V2;

  private final SharedFolder folder;
  private final HostFiles host = new HostFiles();
  private final NameOperations names;
  private final FileOperations files;
  private final DirectoryOperations directories;
  private final AttributeOperations attributes;

  FolderWorker(SharedFolder folder) {
    this.folder = folder;
    Entries entries = new Entries(folder, host);
    files = new FileOperations(folder, host, entries);
    names = new NameOperations(folder, host, entries);
    directories = new DirectoryOperations(folder, host, entries);
    attributes = new AttributeOperations(folder, host);
  }

  @Override
  public int serve(FuseRequest request) {
    FuseOpcode opcode = request.opcode();
    if (folder.minorVersion.get() == 0 && opcode != FuseOpcode.INIT) {
      return -Errno.EIO;
    }
    if (folder.readOnly && opcode.changesFiles()) {
      return -Errno.EROFS;
    }
    try {
      return dispatch(opcode, request);
    } catch (BufferUnderflowException e) {
      return -Errno.EINVAL;
    }
  }

  private int dispatch(FuseOpcode opcode, FuseRequest request) {
    return switch (opcode) {
      case INIT -> initialize(request);
      case DESTROY -> destroy();
      case FORGET -> forget(request);
      case BATCH_FORGET -> forgetMany(request);
      case STATFS -> statFileSystem(request);
      case SYNCFS -> syncFileSystem();
      case INTERRUPT -> 0;
      case FLUSH -> -Errno.ENOSYS;
      case LOOKUP -> names.lookup(request);
      case READLINK -> names.readLink(request);
      case SYMLINK -> names.symlink(request);
      case MKNOD -> names.makeNode(request);
      case MKDIR -> names.makeDirectory(request);
      case UNLINK -> names.unlink(request);
      case RMDIR -> names.removeDirectory(request);
      case RENAME -> names.rename(request, false);
      case RENAME2 -> names.rename(request, true);
      case LINK -> names.link(request);
      case OPEN -> files.open(request);
      case CREATE -> files.create(request);
      case READ -> files.read(request);
      case WRITE -> files.write(request);
      case RELEASE, RELEASEDIR -> files.release(request);
      case FSYNC, FSYNCDIR -> files.sync(request);
      case FALLOCATE -> files.allocate(request);
      case LSEEK -> files.seek(request);
      case COPY_FILE_RANGE -> files.copy(request);
      case OPENDIR -> directories.open(request);
      case READDIR -> directories.read(request, false);
      case READDIRPLUS -> directories.read(request, true);
      case GETATTR -> attributes.get(request);
      case SETATTR -> attributes.set(request);
      case ACCESS -> attributes.access(request);
      case SETXATTR -> attributes.setExtended(request);
      case GETXATTR -> attributes.getExtended(request);
      case LISTXATTR -> attributes.listExtended(request);
      case REMOVEXATTR -> attributes.removeExtended(request);
    };
  }

  private int initialize(FuseRequest request) {
    ByteBuffer in = request.arguments();
    int major = in.getInt();
    int minor = in.getInt();
    int readAhead = in.getInt();
    int wanted = in.getInt();
    if (major < MAJOR || major == MAJOR && minor < LEAST_MINOR) {
      return -Errno.EPROTO;
    }
    // A newer driver reads our major version, and begins again with that one.
    if (major == MAJOR) {
      folder.minorVersion.set(Math.min(minor, OUR_MINOR));
    }
    ByteBuffer out = request.answer();
    out.putInt(MAJOR).putInt(OUR_MINOR).putInt(readAhead).putInt(wanted & OFFERED);
    out.putShort((short) MOST_BACKGROUND).putShort((short) (MOST_BACKGROUND * 3 / 4));
    out.putInt(FileOperations.MOST_DATA_BYTES)
        .putInt(1)
        .putShort((short) MOST_DATA_PAGES)
        .putShort((short) 0);
    out.putLong(0).putLong(0).putLong(0).putLong(0);
    return 0;
  }

  private int destroy() {
    folder.reset();
    return 0;
  }

  private int forget(FuseRequest request) {
    folder.inodes.forget(request.node(), request.arguments().getLong());
    return 0;
  }

  private int forgetMany(FuseRequest request) {
    ByteBuffer in = request.arguments();
    int count = in.getInt();
    in.getInt();
    for (int i = 0; i < count && in.remaining() >= FORGET_BYTES; i++) {
      folder.inodes.forget(in.getLong(), in.getLong());
    }
    return 0;
  }

  /** The host's {@code struct statfs} becomes a {@code struct fuse_kstatfs}. */
  private int statFileSystem(FuseRequest request) {
    Inode root = folder.inodes.acquire(InodeTable.ROOT);
    int result = host.statFileSystem(folder.inodes.fd(root));
    folder.inodes.release(root);
    if (result < 0) {
      return result;
    }
    MemorySegment found = host.data();
    ByteBuffer out = request.answer();
    for (int field = 2; field <= 6; field++) {
      out.putLong(found.getAtIndex(JAVA_LONG, field)); // f_blocks to f_ffree
    }
    out.putInt((int) found.getAtIndex(JAVA_LONG, 1)); // f_bsize
    out.putInt((int) found.getAtIndex(JAVA_LONG, 8)); // f_namelen
    out.putInt((int) found.getAtIndex(JAVA_LONG, 9)); // f_frsize
    out.putInt(0).putLong(0).putLong(0).putLong(0);
    return 0;
  }

  private int syncFileSystem() {
    if (folder.readOnly) {
      return 0;
    }
    Inode root = folder.inodes.acquire(InodeTable.ROOT);
    int fd = host.reopen(folder.inodes.fd(root), OpenMode.ofDirectory());
    folder.inodes.release(root);
    if (fd < 0) {
      return fd;
    }
    int result = host.syncFileSystem(fd);
    host.close(fd);
    return result;
  }
}

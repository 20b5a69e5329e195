package dev.ringzero.vmm.share;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The file calls of the host's kernel (Linux on x86-64), relative to descriptors, with native
 * memory of their own; used by one thread at a time. A negative result is an error number.
 *
 * <p>An open file or one opened as a mere path is reached again through {@code /proc/self/fd},
 * which leads to that very file whatever became of its name.
 */
final class HostFiles {
  static final int DATA_BYTES = 1 << 16;

  private static final int SYS_CLOSE = 3;
  private static final int SYS_LSEEK = 8;
  private static final int SYS_FSYNC = 74;
  private static final int SYS_FDATASYNC = 75;
  private static final int SYS_TRUNCATE = 76;
  private static final int SYS_FTRUNCATE = 77;
  private static final int SYS_CHMOD = 90;
  private static final int SYS_FCHMOD = 91;
  private static final int SYS_GETEUID = 107;
  private static final int SYS_GETEGID = 108;
  private static final int SYS_FSTATFS = 138;
  private static final int SYS_SETXATTR = 188;
  private static final int SYS_GETXATTR = 191;
  private static final int SYS_LISTXATTR = 194;
  private static final int SYS_REMOVEXATTR = 197;
  private static final int SYS_GETDENTS64 = 217;
  private static final int SYS_OPENAT = 257;
  private static final int SYS_MKDIRAT = 258;
  private static final int SYS_MKNODAT = 259;
  private static final int SYS_FCHOWNAT = 260;
  private static final int SYS_UNLINKAT = 263;
  private static final int SYS_LINKAT = 265;
  private static final int SYS_SYMLINKAT = 266;
  private static final int SYS_READLINKAT = 267;
  private static final int SYS_FACCESSAT = 269;
  private static final int SYS_UTIMENSAT = 280;
  private static final int SYS_FALLOCATE = 285;
  private static final int SYS_PREADV = 295;
  private static final int SYS_PWRITEV = 296;
  private static final int SYS_SYNCFS = 306;
  private static final int SYS_RENAMEAT2 = 316;
  private static final int SYS_COPY_FILE_RANGE = 326;
  private static final int SYS_STATX = 332;

  private static final int AT_FDCWD = -100;
  private static final int AT_SYMLINK_NOFOLLOW = 0x100;
  private static final int AT_SYMLINK_FOLLOW = 0x400;
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int STATX_WANTED = 0xFFF; // STATX_BASIC_STATS | STATX_BTIME
  private static final int PATH_BYTES = 4200;
  private static final int IOV_MAX = 1024;
  private static final int IOV_BYTES = 16;
  private static final byte[] NOTHING = {};

  private static final Linker.Option KEEP_ERRNO = Linker.Option.captureCallState("errno");
  private static final VarHandle ERRNO =
      Linker.Option.captureStateLayout().varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final MethodHandle SYSCALL = syscall();

  private final Arena arena = Arena.ofAuto();
  private final MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
  private final MemorySegment path = arena.allocate(PATH_BYTES);
  private final MemorySegment otherPath = arena.allocate(PATH_BYTES);
  private final MemorySegment vectors = arena.allocate((long) IOV_BYTES * IOV_MAX, 8);
  private final MemorySegment data = arena.allocate(DATA_BYTES, 8);
  private final FileStatus status = new FileStatus(arena.allocate(FileStatus.BYTES, 8));

  @SuppressWarnings("restricted")
  private static MethodHandle syscall() {
    Linker linker = Linker.nativeLinker();
    FunctionDescriptor type =
        FunctionDescriptor.of(
            JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow("syscall"),
        type,
        Linker.Option.firstVariadicArg(1),
        KEEP_ERRNO);
  }

  /** Whether this host has the calls. */
  static boolean areAllowed() {
    return HostFiles.class.getModule().isNativeAccessEnabled()
        && System.getProperty("os.name").equals("Linux")
        && System.getProperty("os.arch").equals("amd64");
  }

  private long call(int number, long a, long b, long c, long d, long e, long f) {
    try {
      long result = (long) SYSCALL.invokeExact(state, (long) number, a, b, c, d, e, f);
      return result != -1 ? result : -(int) ERRNO.get(state, 0L);
    } catch (Throwable t) {
      throw new IllegalStateException("cannot call the host", t);
    }
  }

  private int call(int number, long a, long b, long c, long d) {
    return (int) call(number, a, b, c, d, 0, 0);
  }

  private static long text(MemorySegment to, byte[] text) {
    if (text.length >= PATH_BYTES) {
      throw new IllegalArgumentException("a path of " + text.length + " bytes");
    }
    MemorySegment.copy(text, 0, to, JAVA_BYTE, 0, text.length);
    to.set(JAVA_BYTE, text.length, (byte) 0);
    return to.address();
  }

  private long self(int fd) {
    return text(path, ("/proc/self/fd/" + fd).getBytes(StandardCharsets.US_ASCII));
  }

  int effectiveUser() {
    return call(SYS_GETEUID, 0, 0, 0, 0);
  }

  int effectiveGroup() {
    return call(SYS_GETEGID, 0, 0, 0, 0);
  }

  /** Opens what the user named. */
  int open(String name, int flags) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    return bytes.length >= PATH_BYTES
        ? -Errno.ENAMETOOLONG
        : call(SYS_OPENAT, AT_FDCWD, text(path, bytes), flags, 0);
  }

  /** Opens one entry of a directory; a symbolic link is not followed. */
  int openEntry(int directory, byte[] name, int flags, int mode) {
    int all = flags | OpenFlag.O_NOFOLLOW | OpenFlag.O_CLOEXEC;
    return call(SYS_OPENAT, directory, text(path, name), all, mode);
  }

  /** Opens a file once more, in another way. */
  int reopen(int fd, int flags) {
    return call(SYS_OPENAT, AT_FDCWD, self(fd), flags | OpenFlag.O_CLOEXEC, 0);
  }

  void close(int fd) {
    call(SYS_CLOSE, fd, 0, 0, 0);
  }

  /** What the last successful {@link #stat} found. */
  FileStatus status() {
    return status;
  }

  int stat(int fd) {
    return stat(fd, NOTHING);
  }

  /** Looks at one entry of a directory; a symbolic link is not followed. */
  int stat(int directory, byte[] name) {
    int flags = AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW;
    return (int)
        call(SYS_STATX, directory, text(path, name), flags, STATX_WANTED, status.address(), 0);
  }

  /** Looks at how full the file system is; the answer is in {@link #data()}. */
  int statFileSystem(int fd) {
    return call(SYS_FSTATFS, fd, data.address(), 0, 0);
  }

  /** Where calls leave what they found. */
  MemorySegment data() {
    return data;
  }

  int makeDirectory(int directory, byte[] name, int mode) {
    return call(SYS_MKDIRAT, directory, text(path, name), mode, 0);
  }

  int makeNode(int directory, byte[] name, int mode) {
    return call(SYS_MKNODAT, directory, text(path, name), mode, 0);
  }

  int makeLink(int directory, byte[] name, byte[] target) {
    return call(SYS_SYMLINKAT, text(otherPath, target), directory, text(path, name), 0);
  }

  int link(int fd, int directory, byte[] name) {
    long from = self(fd);
    long to = text(otherPath, name);
    return (int) call(SYS_LINKAT, AT_FDCWD, from, directory, to, AT_SYMLINK_FOLLOW, 0);
  }

  int unlink(int directory, byte[] name, int flags) {
    return call(SYS_UNLINKAT, directory, text(path, name), flags, 0);
  }

  int rename(int directory, byte[] name, int newDirectory, byte[] newName, int flags) {
    long from = text(path, name);
    long to = text(otherPath, newName);
    return (int) call(SYS_RENAMEAT2, directory, from, newDirectory, to, flags, 0);
  }

  /** Reads a symbolic link into {@link #data()}. */
  int readLink(int fd) {
    return call(SYS_READLINKAT, fd, text(path, NOTHING), data.address(), DATA_BYTES);
  }

  /** Reads entries of a directory into {@link #data()}. */
  int readDirectory(int fd, int lengthBytes) {
    return call(SYS_GETDENTS64, fd, data.address(), Math.min(lengthBytes, DATA_BYTES), 0);
  }

  long seek(int fd, long offset, int whence) {
    return call(SYS_LSEEK, fd, offset, whence, 0, 0, 0);
  }

  int changeMode(int fd, int mode) {
    return call(SYS_CHMOD, self(fd), mode, 0, 0);
  }

  int changeModeOfOpen(int fd, int mode) {
    return call(SYS_FCHMOD, fd, mode, 0, 0);
  }

  /** Changes who owns a file; -1 leaves one of them. */
  int changeOwner(int fd, int user, int group) {
    long empty = text(path, NOTHING);
    return (int) call(SYS_FCHOWNAT, fd, empty, user, group, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW, 0);
  }

  int truncate(int fd, long length) {
    return call(SYS_TRUNCATE, self(fd), length, 0, 0);
  }

  int truncateOpen(int fd, long length) {
    return call(SYS_FTRUNCATE, fd, length, 0, 0);
  }

  /** Sets times of access and of modification, each as seconds and nanoseconds. */
  int changeTimes(int fd, long accessed, long accessedNanos, long modified, long modifiedNanos) {
    data.setAtIndex(JAVA_LONG, 0, accessed);
    data.setAtIndex(JAVA_LONG, 1, accessedNanos);
    data.setAtIndex(JAVA_LONG, 2, modified);
    data.setAtIndex(JAVA_LONG, 3, modifiedNanos);
    return call(SYS_UTIMENSAT, AT_FDCWD, self(fd), data.address(), 0);
  }

  int access(int fd, int mask) {
    return call(SYS_FACCESSAT, AT_FDCWD, self(fd), mask, 0);
  }

  int sync(int fd, boolean dataOnly) {
    return call(dataOnly ? SYS_FDATASYNC : SYS_FSYNC, fd, 0, 0, 0);
  }

  int syncFileSystem(int fd) {
    return call(SYS_SYNCFS, fd, 0, 0, 0);
  }

  int allocate(int fd, int mode, long offset, long lengthBytes) {
    return call(SYS_FALLOCATE, fd, mode, offset, lengthBytes);
  }

  long copy(int from, long fromOffset, int to, long toOffset, long lengthBytes) {
    data.setAtIndex(JAVA_LONG, 0, fromOffset);
    data.setAtIndex(JAVA_LONG, 1, toOffset);
    long offsets = data.address();
    return call(SYS_COPY_FILE_RANGE, from, offsets, to, offsets + 8, lengthBytes, 0);
  }

  int setAttribute(int fd, byte[] name, byte[] value, int flags) {
    long key = text(otherPath, name);
    MemorySegment.copy(value, 0, data, JAVA_BYTE, 0, value.length);
    return (int) call(SYS_SETXATTR, self(fd), key, data.address(), value.length, flags, 0);
  }

  /** Reads an extended attribute into {@link #data()}; its length alone for no room. */
  int attribute(int fd, byte[] name, int roomBytes) {
    long key = text(otherPath, name);
    return call(SYS_GETXATTR, self(fd), key, data.address(), Math.min(roomBytes, DATA_BYTES));
  }

  int attributeNames(int fd) {
    return call(SYS_LISTXATTR, self(fd), data.address(), DATA_BYTES, 0);
  }

  int removeAttribute(int fd, byte[] name) {
    long key = text(otherPath, name);
    return call(SYS_REMOVEXATTR, self(fd), key, 0, 0);
  }

  /** Reads into pieces of memory until they are full or the file ends. */
  long read(int fd, ByteBuffer[] into, long offset) {
    return transfer(SYS_PREADV, fd, into, offset);
  }

  /** Writes pieces of memory; fewer bytes than there are if the host has no room for more. */
  long write(int fd, ByteBuffer[] from, long offset) {
    return transfer(SYS_PWRITEV, fd, from, offset);
  }

  private long transfer(int number, int fd, ByteBuffer[] pieces, long offset) {
    long done = 0;
    for (int first = 0; first < pieces.length; first += IOV_MAX) {
      int count = Math.min(IOV_MAX, pieces.length - first);
      long wanted = 0;
      for (int i = 0; i < count; i++) {
        MemorySegment piece = MemorySegment.ofBuffer(pieces[first + i]);
        vectors.set(ADDRESS, (long) IOV_BYTES * i, piece);
        vectors.set(JAVA_LONG, (long) IOV_BYTES * i + 8, piece.byteSize());
        wanted += piece.byteSize();
      }
      long moved = call(number, fd, vectors.address(), count, offset + done, 0, 0);
      if (moved < 0) {
        return done > 0 ? done : moved;
      }
      done += moved;
      if (moved < wanted) {
        return done;
      }
    }
    return done;
  }
}

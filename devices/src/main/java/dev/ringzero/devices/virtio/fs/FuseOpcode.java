package dev.ringzero.devices.virtio.fs;

/**
 * What a FUSE request asks for.
 *
 * @spec Linux include/uapi/linux/fuse.h, "enum fuse_opcode"
 */
public enum FuseOpcode {
  LOOKUP(1, false),
  FORGET(2, false),
  GETATTR(3, false),
  SETATTR(4, true),
  READLINK(5, false),
  SYMLINK(6, true),
  MKNOD(8, true),
  MKDIR(9, true),
  UNLINK(10, true),
  RMDIR(11, true),
  RENAME(12, true),
  LINK(13, true),
  OPEN(14, false),
  READ(15, false),
  WRITE(16, true),
  STATFS(17, false),
  RELEASE(18, false),
  FSYNC(20, false),
  SETXATTR(21, true),
  GETXATTR(22, false),
  LISTXATTR(23, false),
  REMOVEXATTR(24, true),
  FLUSH(25, false),
  INIT(26, false),
  OPENDIR(27, false),
  READDIR(28, false),
  RELEASEDIR(29, false),
  FSYNCDIR(30, false),
  ACCESS(34, false),
  CREATE(35, true),
  INTERRUPT(36, false),
  DESTROY(38, false),
  BATCH_FORGET(42, false),
  FALLOCATE(43, true),
  READDIRPLUS(44, false),
  RENAME2(45, true),
  LSEEK(46, false),
  COPY_FILE_RANGE(47, true),
  SYNCFS(50, false);

  private static final FuseOpcode[] BY_NUMBER = new FuseOpcode[64];

  static {
    for (FuseOpcode opcode : values()) {
      BY_NUMBER[opcode.number] = opcode;
    }
  }

  private final int number;
  private final boolean changesFiles;

  FuseOpcode(int number, boolean changesFiles) {
    this.number = number;
    this.changesFiles = changesFiles;
  }

  public int number() {
    return number;
  }

  /** Whether it is always refused by a file system that is read only. */
  public boolean changesFiles() {
    return changesFiles;
  }

  /** Whether the driver wants no answer. */
  public boolean isSilent() {
    return this == FORGET || this == BATCH_FORGET || this == INTERRUPT;
  }

  /** The opcode of a number, or null if there is none that we know. */
  public static FuseOpcode of(int number) {
    return number >= 0 && number < BY_NUMBER.length ? BY_NUMBER[number] : null;
  }
}

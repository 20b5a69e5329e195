package dev.ringzero.vmm.share;

/**
 * Flags of {@code open}, on x86-64.
 *
 * @spec Linux include/uapi/asm-generic/fcntl.h
 */
final class OpenFlag {
  static final int O_RDONLY = 0;
  static final int O_WRONLY = 1;
  static final int O_ACCMODE = 3;
  static final int O_CREAT = 0x40;
  static final int O_EXCL = 0x80;
  static final int O_NOCTTY = 0x100;
  static final int O_TRUNC = 0x200;
  static final int O_NONBLOCK = 0x800;
  static final int O_DSYNC = 0x1000;
  static final int O_DIRECTORY = 0x1_0000;
  static final int O_NOFOLLOW = 0x2_0000;
  static final int O_CLOEXEC = 0x8_0000;
  static final int O_SYNC = 0x10_1000;
  static final int O_PATH = 0x20_0000;

  private OpenFlag() {}
}

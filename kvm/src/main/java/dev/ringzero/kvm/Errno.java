package dev.ringzero.kvm;

/** Error numbers of Linux that KVM gives. */
final class Errno {
  static final int ENOENT = 2;
  static final int EINTR = 4;
  static final int EAGAIN = 11;
  static final int EACCES = 13;
  static final int EINVAL = 22;

  private Errno() {}

  static String name(int errno) {
    String name =
        switch (errno) {
          case 1 -> "EPERM";
          case ENOENT -> "ENOENT";
          case EINTR -> "EINTR";
          case 5 -> "EIO";
          case 6 -> "ENXIO";
          case 7 -> "E2BIG";
          case 9 -> "EBADF";
          case EAGAIN -> "EAGAIN";
          case 12 -> "ENOMEM";
          case EACCES -> "EACCES";
          case 14 -> "EFAULT";
          case 16 -> "EBUSY";
          case 17 -> "EEXIST";
          case 19 -> "ENODEV";
          case EINVAL -> "EINVAL";
          case 24 -> "EMFILE";
          case 25 -> "ENOTTY";
          case 38 -> "ENOSYS";
          default -> "error";
        };
    return name + " (" + errno + ")";
  }
}

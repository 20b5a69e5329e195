package dev.ringzero.vmm.share;

import dev.ringzero.devices.virtio.fs.FuseRequest;

/**
 * Gives what was just made its owner and its mode, whatever this process's umask is. Files of the
 * host never get the right to run as their owner or group from a guest.
 */
final class NewFile {
  /** The mode with which files are made before they get theirs. */
  static final int PRIVATE = 0700;

  static final int NO_MODE = -1;

  private static final int S_ISGID = 02000;
  private static final int S_ISUID = 04000;
  private static final int ALL_MODES = 07777;
  private static final int KEEP = -1;

  private final SharedFolder folder;
  private final HostFiles host;

  NewFile(SharedFolder folder, HostFiles host) {
    this.folder = folder;
    this.host = host;
  }

  /** What of a guest's mode a file of the host gets. */
  static int allowed(int guestMode, boolean directory) {
    int refused = directory ? S_ISUID : S_ISUID | S_ISGID;
    return guestMode & ALL_MODES & ~refused;
  }

  /** Settles an entry of a directory. */
  int settle(FuseRequest request, int directory, byte[] name, int mode) {
    int fd = host.openEntry(directory, name, OpenFlag.O_PATH, 0);
    if (fd < 0) {
      return fd;
    }
    try {
      int owned = own(request, directory, fd);
      if (owned < 0 || mode == NO_MODE) {
        return owned;
      }
      int seen = host.stat(fd);
      if (seen < 0) {
        return seen;
      }
      boolean isDirectory = host.status().type() == FileStatus.S_IFDIR;
      int inherited = isDirectory ? host.status().mode() & S_ISGID : 0;
      return host.changeMode(fd, allowed(mode, isDirectory) | inherited);
    } finally {
      host.close(fd);
    }
  }

  /** Settles a file that is open. */
  int settleOpen(FuseRequest request, int directory, int fd, int mode) {
    int owned = own(request, directory, fd);
    return owned < 0 ? owned : host.changeModeOfOpen(fd, allowed(mode, false));
  }

  /** Where we may give files away, one belongs to whoever made it in the guest. */
  private int own(FuseRequest request, int directory, int fd) {
    if (!folder.ownership.isRoot() || request.uid() == 0 && request.gid() == 0) {
      return 0;
    }
    boolean groupInherited = host.stat(directory) == 0 && (host.status().mode() & S_ISGID) != 0;
    return host.changeOwner(fd, request.uid(), groupInherited ? KEEP : request.gid());
  }
}

package dev.ringzero.vmm.share;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.util.Set;

/**
 * File systems in which a kernel shows itself and its processes. Through their files a guest could
 * reach the memory of the process that serves it, so that no guest gets them.
 *
 * @spec Linux include/uapi/linux/magic.h
 */
final class KernelFiles {
  private static final Set<Long> TYPES =
      Set.of(
          0x9FA0L, // PROC_SUPER_MAGIC
          0x6265_6572L, // SYSFS_MAGIC
          0x6462_6720L, // DEBUGFS_MAGIC
          0x7472_6163L, // TRACEFS_MAGIC
          0x7363_6673L, // SECURITYFS_MAGIC
          0x27_E0EBL, // CGROUP_SUPER_MAGIC
          0x6367_7270L, // CGROUP2_SUPER_MAGIC
          0xCAFE_4A11L, // BPF_FS_MAGIC
          0x1CD1L, // DEVPTS_SUPER_MAGIC
          0x6265_6570L, // CONFIGFS_MAGIC
          0xDE5E_81E4L, // EFIVARFS_MAGIC
          0x4249_4E4DL); // BINFMTFS_MAGIC

  private KernelFiles() {}

  /** Whether an open file is one of them; true also where that cannot be known. */
  static boolean hold(HostFiles host, int fd) {
    return host.statFileSystem(fd) < 0 || TYPES.contains(host.data().get(JAVA_LONG, 0));
  }

  /** Whether an entry of a directory is one of them. */
  static boolean hold(HostFiles host, int directory, byte[] name) {
    int fd = host.openEntry(directory, name, OpenFlag.O_PATH, 0);
    if (fd < 0) {
      return true;
    }
    boolean held = hold(host, fd);
    host.close(fd);
    return held;
  }
}

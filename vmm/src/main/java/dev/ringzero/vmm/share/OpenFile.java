package dev.ringzero.vmm.share;

/** What a guest has open. All but constants is guarded by the {@link HandleTable}. */
final class OpenFile {
  final long handle;
  final long inode;
  final int flags;

  /** Negative for one that could not be opened again after a restore. */
  final int fd;

  int users;
  boolean released;

  OpenFile(long handle, long inode, int flags, int fd) {
    this.handle = handle;
    this.inode = inode;
    this.flags = flags;
    this.fd = fd;
  }
}

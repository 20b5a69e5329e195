package dev.ringzero.vmm.share;

import dev.ringzero.engine.state.StateException;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import java.util.List;
import java.util.TreeMap;

/** What a guest has open, by the numbers that it was given. */
final class HandleTable {
  private final HostFiles host = new HostFiles();
  private final TreeMap<Long, OpenFile> files = new TreeMap<>();
  private final int most;
  private long next = 1;

  HandleTable(int most) {
    this.most = most;
  }

  /** Takes over what was opened; where the guest has too much open, closes it and gives null. */
  synchronized OpenFile add(long inode, int flags, int fd) {
    if (files.size() >= most) {
      host.close(fd);
      return null;
    }
    OpenFile file = new OpenFile(next++, inode, flags, fd);
    files.put(file.handle, file);
    return file;
  }

  /** What is open under a number, until {@link #giveBack}; null if nothing is. */
  synchronized OpenFile acquire(long handle) {
    OpenFile file = files.get(handle);
    if (file != null) {
      file.users++;
    }
    return file;
  }

  synchronized void giveBack(OpenFile file) {
    file.users--;
    closeUnused(file);
  }

  /** The guest closes it; false if it has nothing open under this number. */
  synchronized boolean release(long handle) {
    OpenFile file = files.remove(handle);
    if (file != null) {
      file.released = true;
      closeUnused(file);
    }
    return file != null;
  }

  private void closeUnused(OpenFile file) {
    if (file.released && file.users == 0 && file.fd >= 0) {
      host.close(file.fd);
    }
  }

  synchronized void clear() {
    List.copyOf(files.keySet()).forEach(this::release);
  }

  synchronized void save(StateWriter out) {
    out.writeLong(next);
    out.writeInt(files.size());
    for (OpenFile file : files.values()) {
      out.writeLong(file.handle);
      out.writeLong(file.inode);
      out.writeInt(file.flags);
    }
  }

  /** Restores, and opens all files again that are still there. */
  synchronized void restore(StateReader in, InodeTable inodes) {
    clear();
    next = in.readLong();
    int count = in.readInt();
    if (count < 0 || count > most) {
      throw new StateException("a shared folder with " + count + " open files");
    }
    for (int i = 0; i < count; i++) {
      long handle = in.readLong();
      if (handle < 1 || handle >= next) {
        throw new StateException("an open file of a shared folder that cannot be");
      }
      long inode = in.readLong();
      int flags = in.readInt();
      files.put(handle, new OpenFile(handle, inode, flags, reopen(inodes, inode, flags)));
    }
  }

  private int reopen(InodeTable inodes, long id, int flags) {
    Inode inode = inodes.acquire(id);
    if (inode == null) {
      return -Errno.ESTALE;
    }
    try {
      int fd = inodes.fd(inode);
      boolean fits = (flags & OpenFlag.O_DIRECTORY) != 0 ? inode.isDirectory() : inode.isRegular();
      return fd < 0 || !fits ? -Errno.ESTALE : host.reopen(fd, OpenMode.again(flags));
    } finally {
      inodes.release(inode);
    }
  }
}

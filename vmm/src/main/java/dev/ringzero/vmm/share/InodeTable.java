package dev.ringzero.vmm.share;

import dev.ringzero.engine.state.StateException;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The files that a guest knows. Only some of them are open at the host; the others are opened
 * again, step by step from a directory that is open, when they are used.
 */
final class InodeTable {
  static final long ROOT = 1;

  private static final int MOST_INODES = 1 << 18;
  private static final int MOST_DEPTH = 4096;

  private final HostFiles host = new HostFiles();
  private final Map<Long, Inode> byId = new HashMap<>();
  private final Map<Inode.Key, Inode> byKey = new HashMap<>();

  /** Those that are open, the one that was not used for longest first; not the root. */
  private final LinkedHashMap<Long, Inode> open = new LinkedHashMap<>(16, 0.75f, true);

  private final Inode root;
  private final int mostOpen;
  private long nextId = ROOT + 1;

  /**
   * A table with the root alone.
   *
   * @param rootFd the shared folder, opened as a mere path
   * @param mostOpen how many files may be open
   */
  InodeTable(int rootFd, int mostOpen) {
    this.mostOpen = mostOpen;
    host.stat(rootFd);
    root = new Inode(ROOT, host.status().key(), FileStatus.S_IFDIR, null);
    root.fd = rootFd;
    byId.put(ROOT, root);
    byKey.put(root.key, root);
  }

  /** A file for one request, until {@link #release}; null if the guest does not know it. */
  synchronized Inode acquire(long id) {
    Inode inode = byId.get(id);
    if (inode != null) {
      inode.users++;
    }
    return inode;
  }

  synchronized void release(Inode inode) {
    inode.users--;
    closeUnused(inode);
  }

  private void closeUnused(Inode inode) {
    if (inode.forgotten && inode.users == 0) {
      close(inode);
    }
  }

  private void close(Inode inode) {
    if (inode.fd != Inode.CLOSED && inode != root) {
      host.close(inode.fd);
      inode.fd = Inode.CLOSED;
      open.remove(inode.id);
    }
  }

  /** A descriptor of an acquired file, good until it is released, or an error. */
  synchronized int fd(Inode inode) {
    if (inode.fd != Inode.CLOSED) {
      open.get(inode.id);
      return inode.fd;
    }
    Deque<Inode> closed = new ArrayDeque<>();
    for (Inode at = inode; at.fd == Inode.CLOSED; at = at.place.parent()) {
      closed.push(at);
      if (closed.size() > MOST_DEPTH || at.unlinked || at.place == null) {
        return -Errno.ESTALE;
      }
    }
    int result = Inode.CLOSED;
    for (Inode next : closed) {
      result = open(next);
      if (result < 0) {
        return result;
      }
    }
    return result;
  }

  private int open(Inode inode) {
    Inode.Place place = inode.place;
    int fd = host.openEntry(place.parent().fd, place.name(), OpenFlag.O_PATH, 0);
    if (fd < 0) {
      return fd == -Errno.ENOENT ? -Errno.ESTALE : fd;
    }
    if (host.stat(fd) < 0 || !host.status().key().equals(inode.key)) {
      host.close(fd);
      return -Errno.ESTALE;
    }
    inode.fd = fd;
    open.put(inode.id, inode);
    trim(inode);
    return fd;
  }

  private void trim(Inode except) {
    Iterator<Inode> oldest = open.values().iterator();
    while (open.size() > mostOpen && oldest.hasNext()) {
      Inode inode = oldest.next();
      if (inode != except && inode.users == 0 && !inode.unlinked) {
        oldest.remove();
        host.close(inode.fd);
        inode.fd = Inode.CLOSED;
      }
    }
  }

  /** Looks at an acquired file, without opening it if it is closed. */
  synchronized int stat(Inode inode, HostFiles caller) {
    if (inode.fd != Inode.CLOSED) {
      return caller.stat(inode.fd);
    }
    if (inode.unlinked || inode.place == null) {
      return -Errno.ESTALE;
    }
    int directory = fd(inode.place.parent());
    int result = directory < 0 ? directory : caller.stat(directory, inode.place.name());
    boolean gone =
        result == -Errno.ENOENT || result == 0 && !caller.status().key().equals(inode.key);
    return gone ? -Errno.ESTALE : result;
  }

  /** The file of a key, acquired, if the guest knows it. */
  synchronized Inode acquire(Inode.Key key) {
    Inode inode = byKey.get(key);
    if (inode != null) {
      inode.users++;
    }
    return inode;
  }

  /** An acquired file loses a name: it must stay open, since it may have no other. */
  synchronized void keepOpen(Inode inode) {
    if (inode != root && fd(inode) >= 0) {
      inode.unlinked = true;
    }
  }

  /** The file is at a place now. */
  synchronized void moved(Inode.Key key, Inode parent, byte[] name) {
    Inode inode = byKey.get(key);
    if (inode != null && inode != root) {
      inode.place = new Inode.Place(parent, name);
      inode.unlinked = false;
    }
  }

  /** The guest is told of a file; null if it knows too many. */
  synchronized Inode remember(FileStatus status, Inode parent, byte[] name) {
    Inode.Key key = status.key();
    Inode inode = byKey.get(key);
    if (inode == null) {
      if (byId.size() >= MOST_INODES || open.size() > 2 * mostOpen) {
        return null;
      }
      inode = new Inode(nextId++, key, status.type(), new Inode.Place(parent, name));
      byId.put(inode.id, inode);
      byKey.put(key, inode);
    } else {
      moved(key, parent, name);
    }
    inode.lookups++;
    return inode;
  }

  /** The guest forgets that it was told of a file so often. */
  synchronized void forget(long id, long lookups) {
    Inode inode = byId.get(id);
    if (inode == null || inode == root) {
      return;
    }
    inode.lookups -= Math.min(inode.lookups, lookups < 0 ? Long.MAX_VALUE : lookups);
    if (inode.lookups == 0) {
      byId.remove(id);
      byKey.remove(inode.key);
      inode.forgotten = true;
      closeUnused(inode);
    }
  }

  /** Whether the guest's cache of a file is still right; notes what it sees now. */
  synchronized boolean isUnchanged(Inode inode, FileStatus status) {
    boolean same =
        inode.seenBytes == status.sizeBytes() && inode.seenModifiedNanos == status.modifiedNanos();
    inode.seenBytes = status.sizeBytes();
    inode.seenModifiedNanos = status.modifiedNanos();
    return same;
  }

  /** The guest forgets everything but the root. */
  synchronized void clear() {
    for (Inode inode : List.copyOf(byId.values())) {
      if (inode != root) {
        forget(inode.id, Long.MAX_VALUE);
      }
    }
    for (Inode inode : List.copyOf(open.values())) {
      inode.forgotten = true;
      closeUnused(inode);
    }
  }

  synchronized void save(StateWriter out) {
    out.writeLong(nextId);
    List<Inode> known =
        byId.values().stream()
            .filter(inode -> inode != root)
            .sorted(Comparator.comparingLong(inode -> inode.id))
            .toList();
    out.writeInt(known.size());
    for (Inode inode : known) {
      out.writeLong(inode.id);
      out.writeLong(inode.place.parent().id);
      out.writeBytes(inode.place.name());
      out.writeInt(inode.type);
      out.writeLong(inode.lookups);
      out.writeLong(inode.key.device());
      out.writeLong(inode.key.number());
      out.writeLong(inode.key.bornNanos());
    }
  }

  /** Restores what the guest knows. A file that is not there any more is stale from then on. */
  synchronized void restore(StateReader in) {
    clear();
    nextId = in.readLong();
    int count = in.readInt();
    if (count < 0 || count > MOST_INODES) {
      throw new StateException("a shared folder with " + count + " files");
    }
    long[] parents = new long[count];
    Inode[] inodes = new Inode[count];
    for (int i = 0; i < count; i++) {
      long id = in.readLong();
      parents[i] = in.readLong();
      byte[] name = in.readBytes();
      int type = in.readInt();
      long lookups = in.readLong();
      Inode.Key key = new Inode.Key(in.readLong(), in.readLong(), in.readLong());
      if (id <= ROOT || id >= nextId || !FileName.isValid(name) || byId.containsKey(id)) {
        throw new StateException("a file of a shared folder that cannot be");
      }
      inodes[i] = new Inode(id, key, type, new Inode.Place(root, name));
      inodes[i].lookups = lookups;
      byId.put(id, inodes[i]);
      byKey.put(key, inodes[i]);
    }
    for (int i = 0; i < count; i++) {
      Inode parent = byId.get(parents[i]);
      if (parent == null) {
        parent = new Inode(parents[i], null, FileStatus.S_IFDIR, null);
      }
      inodes[i].place = new Inode.Place(parent, inodes[i].place.name());
    }
  }

  /** Closes all files. */
  synchronized void close() {
    clear();
    host.close(root.fd);
  }
}

package dev.ringzero.images.disk.qcow2;

import dev.ringzero.images.disk.Disk;
import dev.ringzero.images.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * A qcow2 image of version 3. Reads, and writes into clusters that are there, go side by side; what
 * changes tables goes alone.
 *
 * <p>Not modelled: encryption, external data, extended tables, compression other than zlib, making
 * snapshots (images that have some are written without harm to them).
 *
 * @spec QEMU docs/interop/qcow2.txt
 */
public final class Qcow2Disk implements Disk {
  private final DiskFile file;
  private final Header header;
  private final boolean readOnly;
  private final Optional<Disk> backing;
  private final int clusterBits;
  private final int clusterBytes;
  private final TopTable l1;
  private final TableCache l2;

  /** Null where the image is only read. */
  private final Refcounts refcounts;

  private final ReadWriteLock lock = new ReentrantReadWriteLock();

  private Qcow2Disk(DiskFile file, Header header, boolean readOnly, Optional<Disk> backing)
      throws IOException {
    this.file = file;
    this.header = header;
    this.readOnly = readOnly;
    this.backing = backing;
    clusterBits = header.clusterBits();
    clusterBytes = (int) header.clusterBytes();
    l1 = new TopTable(file, header.l1Offset(), header.l1Entries());
    l2 = new TableCache(file, clusterBytes);
    refcounts = readOnly ? null : new Refcounts(file, header);
    for (int i = 0; !readOnly && i < l1.count(); i++) {
      if (ClusterEntry.offset(l1.get(i)) != 0) {
        refcounts.reserveTable(ClusterEntry.offset(l1.get(i)));
      }
    }
  }

  /** Whether a file is a qcow2 image. */
  public static boolean recognises(DiskFile file) throws IOException {
    return Header.begins(start(file));
  }

  static ByteBuffer start(DiskFile file) throws IOException {
    ByteBuffer start = ByteBuffer.allocate((int) Math.min(1 << 21, file.sizeBytes()));
    file.read(0, start);
    return start.flip();
  }

  /** Opens what an image is an overlay of. */
  @FunctionalInterface
  public interface BackingOpener {
    /**
     * Opens it for reading only.
     *
     * @param name as the image says it, relative to the image
     * @param format as the image says it, or empty
     */
    Disk open(String name, String format);
  }

  /** Opens an image. */
  public static Qcow2Disk open(DiskFile file, boolean readOnly, BackingOpener opener)
      throws IOException {
    Header header = Header.parse(start(file), readOnly);
    Optional<Disk> backing =
        header.backing().map(named -> opener.open(named.name(), named.format()));
    try {
      Qcow2Disk disk = new Qcow2Disk(file, header, readOnly, backing);
      if (!readOnly) {
        clearAutoclear(file);
      }
      return disk;
    } catch (IOException | RuntimeException e) {
      if (backing.isPresent()) {
        backing.get().close();
      }
      throw e;
    }
  }

  /** What other programs keep in step with the data is stale from now on, and these bits say so. */
  private static void clearAutoclear(DiskFile file) throws IOException {
    file.write(Header.AUTOCLEAR, ByteBuffer.allocate(Long.BYTES));
  }

  @Override
  public long sizeBytes() {
    return header.sizeBytes();
  }

  @Override
  public boolean isReadOnly() {
    return readOnly;
  }

  private int l1Index(long offset) {
    return (int) (offset >> 2 * clusterBits - 3);
  }

  private int l2Position(long offset) {
    return (int) (offset >> clusterBits & clusterBytes / 8 - 1) * 8;
  }

  private long entry(long offset) throws IOException {
    long table = ClusterEntry.offset(l1.get(l1Index(offset)));
    return table == 0 ? 0 : l2.getLong(aligned(table), l2Position(offset));
  }

  private long aligned(long offset) throws MalformedDiskException {
    if ((offset & clusterBytes - 1) != 0) {
      throw new MalformedDiskException("has a cluster at an impossible place");
    }
    return offset;
  }

  /** The rest of a buffer up to the end of the cluster. */
  private ByteBuffer part(long offset, ByteBuffer buffer) {
    int length = (int) Math.min(buffer.remaining(), clusterBytes - (offset & clusterBytes - 1));
    return buffer.slice(buffer.position(), length);
  }

  @Override
  public void read(long offset, ByteBuffer into) throws IOException {
    lock.readLock().lock();
    try {
      long at = offset;
      while (into.hasRemaining()) {
        ByteBuffer part = part(at, into);
        int length = part.remaining();
        readPart(entry(at), at, part);
        into.position(into.position() + length);
        at += length;
      }
    } finally {
      lock.readLock().unlock();
    }
  }

  private void readPart(long entry, long offset, ByteBuffer part) throws IOException {
    int within = (int) (offset & clusterBytes - 1);
    if (ClusterEntry.isCompressed(entry)) {
      part.put(decompressed(entry).slice(within, part.remaining()));
    } else if (ClusterEntry.isZero(entry)) {
      DiskFile.clear(part);
    } else if (ClusterEntry.offset(entry) != 0) {
      file.read(aligned(ClusterEntry.offset(entry)) + within, part);
    } else {
      readBacking(offset, part);
    }
  }

  private void readBacking(long offset, ByteBuffer part) throws IOException {
    if (backing.isPresent() && offset < backing.get().sizeBytes()) {
      Disk base = backing.get();
      int length = (int) Math.min(part.remaining(), base.sizeBytes() - offset);
      base.read(offset, part.slice(part.position(), length));
      part.position(part.position() + length);
    }
    DiskFile.clear(part);
  }

  private ByteBuffer decompressed(long entry) throws IOException {
    int length = ClusterEntry.compressedBytes(entry, clusterBits);
    ByteBuffer packed = ByteBuffer.allocate(length);
    file.read(ClusterEntry.compressedOffset(entry, clusterBits), packed);
    ByteBuffer cluster = ByteBuffer.allocate(clusterBytes);
    Inflater inflater = new Inflater(true);
    try {
      inflater.setInput(packed.flip());
      while (cluster.hasRemaining() && inflater.inflate(cluster) > 0) {}
    } catch (DataFormatException e) {
      throw new MalformedDiskException("has a compressed cluster that is damaged");
    } finally {
      inflater.end();
    }
    if (cluster.hasRemaining()) {
      throw new MalformedDiskException("has a compressed cluster that is too short");
    }
    return cluster.flip();
  }

  @Override
  public void write(long offset, ByteBuffer from) throws IOException {
    long at = offset;
    while (from.hasRemaining()) {
      ByteBuffer part = part(at, from);
      int length = part.remaining();
      if (!writeInPlace(at, part)) {
        writeNew(at, part);
      }
      from.position(from.position() + length);
      at += length;
    }
  }

  private boolean writeInPlace(long offset, ByteBuffer part) throws IOException {
    lock.readLock().lock();
    try {
      long entry = entry(offset);
      if (!ClusterEntry.isWritable(entry)) {
        return false;
      }
      long cluster = aligned(ClusterEntry.offset(entry));
      if (refcounts.isTable(cluster)) {
        throw new MalformedDiskException("has a table where data should be");
      }
      file.write(cluster + (offset & clusterBytes - 1), part);
      return true;
    } finally {
      lock.readLock().unlock();
    }
  }

  private void writeNew(long offset, ByteBuffer part) throws IOException {
    lock.writeLock().lock();
    try {
      if (l2.isCrowded() || refcounts.isCrowded()) {
        commit();
      }
      long entry = entry(offset);
      if (ClusterEntry.isWritable(entry)) {
        file.write(aligned(ClusterEntry.offset(entry)) + (offset & clusterBytes - 1), part);
        return;
      }
      long table = writableTable(offset);
      long cluster = refcounts.allocate();
      try {
        file.write(cluster, merged(entry, offset, part));
      } catch (IOException e) {
        refcounts.undo(cluster);
        throw e;
      }
      l2.putLong(table, l2Position(offset), cluster | ClusterEntry.COPIED);
      release(entry);
    } finally {
      lock.writeLock().unlock();
    }
  }

  /** A whole cluster: what was there, with a part of it new. */
  private ByteBuffer merged(long entry, long offset, ByteBuffer part) throws IOException {
    if (part.remaining() == clusterBytes) {
      return part;
    }
    ByteBuffer cluster = ByteBuffer.allocateDirect(clusterBytes);
    readPart(entry, offset & -clusterBytes, cluster);
    return cluster.clear().put((int) (offset & clusterBytes - 1), part, 0, part.remaining());
  }

  /** The second-level table of an offset, made or copied so that it may be changed. */
  private long writableTable(long offset) throws IOException {
    int index = l1Index(offset);
    long entry = l1.get(index);
    long old = ClusterEntry.offset(entry);
    if ((entry & ClusterEntry.COPIED) != 0 && old != 0) {
      return old;
    }
    long table = refcounts.allocate();
    if (old == 0) {
      l2.create(table);
    } else {
      l2.copy(aligned(old), table);
      refcounts.releaseTable(old);
    }
    refcounts.reserveTable(table);
    l1.set(index, table | ClusterEntry.COPIED);
    return table;
  }

  private void release(long entry) {
    if (ClusterEntry.isCompressed(entry)) {
      refcounts.release(
          ClusterEntry.compressedOffset(entry, clusterBits),
          ClusterEntry.compressedBytes(entry, clusterBits));
    } else if (ClusterEntry.offset(entry) != 0) {
      refcounts.release(ClusterEntry.offset(entry), 1);
    }
  }

  @Override
  public void flush() throws IOException {
    lock.writeLock().lock();
    try {
      commit();
    } finally {
      lock.writeLock().unlock();
    }
  }

  /** Writes what changed in the order in which nothing can lead to what is not there yet. */
  private void commit() throws IOException {
    if (refcounts != null && refcounts.isDirty()) {
      refcounts.writeBlocks();
      if (refcounts.hasNewBlocks()) {
        file.flush();
        refcounts.writeTop();
      }
    }
    file.flush();
    if (l2.isDirty() || l1.isDirty()) {
      l2.write();
      file.flush();
      if (l1.isDirty()) {
        l1.write();
        file.flush();
      }
    }
    if (refcounts != null) {
      refcounts.applyReleases();
    }
  }

  @Override
  public void discard(long offset, long lengthBytes) throws IOException {
    long first = offset + clusterBytes - 1 & -clusterBytes;
    long last = offset + lengthBytes;
    long end = isEnd(last) ? last : last & -clusterBytes;
    for (long at = first; at < end; at += clusterBytes) {
      zeroCluster(at);
    }
  }

  private boolean isEnd(long offset) {
    return offset == sizeBytes();
  }

  private void zeroCluster(long offset) throws IOException {
    lock.writeLock().lock();
    try {
      long entry = entry(offset);
      long zero = backing.isPresent() ? ClusterEntry.ZERO : 0;
      if (entry == zero || ClusterEntry.isZero(entry) && ClusterEntry.offset(entry) == 0) {
        return;
      }
      if (l2.isCrowded()) {
        commit();
      }
      l2.putLong(writableTable(offset), l2Position(offset), zero);
      release(entry);
    } finally {
      lock.writeLock().unlock();
    }
  }

  @Override
  public void writeZeroes(long offset, long lengthBytes, boolean mayUnmap) throws IOException {
    long end = offset + lengthBytes;
    ByteBuffer zeros = ByteBuffer.allocateDirect(clusterBytes);
    for (long at = offset; at < end; ) {
      long clusterEnd = Math.min(end, (at & -clusterBytes) + clusterBytes);
      boolean whole =
          (at & clusterBytes - 1) == 0 && (clusterEnd - at == clusterBytes || isEnd(clusterEnd));
      if (whole && mayUnmap) {
        zeroCluster(at);
      } else {
        write(at, zeros.clear().limit((int) (clusterEnd - at)));
      }
      at = clusterEnd;
    }
  }

  @Override
  public void close() throws IOException {
    try {
      if (!readOnly) {
        flush();
        flush();
      }
    } finally {
      file.close();
      if (backing.isPresent()) {
        backing.get().close();
      }
    }
  }
}

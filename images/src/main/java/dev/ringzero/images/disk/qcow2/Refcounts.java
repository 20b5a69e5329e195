package dev.ringzero.images.disk.qcow2;

import dev.ringzero.images.disk.DiskFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * How often each cluster of the file is used, and so which are free. What is released stays in use
 * until nothing in the file leads there any more: {@link #applyReleases()}.
 *
 * <p>Not modelled: growing the top table; at clusters of 64 KiB it is enough for 16 TiB.
 *
 * @spec QEMU docs/interop/qcow2.txt, "Host cluster management"
 */
final class Refcounts {
  private static final int COUNT_BYTES = 2;

  private final int clusterBits;
  private final long countsPerBlock;
  private final TopTable top;
  private final TableCache blocks;

  /** Clusters of tables, which never hold a guest's bytes, whatever other tables say. */
  private final Set<Long> reserved = new HashSet<>();

  private final List<Long> released = new ArrayList<>();
  private long nextFree;

  Refcounts(DiskFile file, Header header) throws IOException {
    clusterBits = header.clusterBits();
    int clusterBytes = (int) header.clusterBytes();
    countsPerBlock = clusterBytes / COUNT_BYTES;
    top =
        new TopTable(
            file,
            header.refcountTableOffset(),
            header.refcountTableClusters() * (clusterBytes / Long.BYTES));
    blocks = new TableCache(file, clusterBytes);
    reserve(0, 1);
    reserve(header.refcountTableOffset(), top.bytes());
    reserve(header.l1Offset(), header.l1Entries() * (long) Long.BYTES);
    for (int i = 0; i < top.count(); i++) {
      if (top.get(i) != 0) {
        reserveTable(top.get(i));
      }
    }
  }

  private void reserve(long offset, long lengthBytes) throws MalformedDiskException {
    for (long at = offset; at < offset + lengthBytes; at += 1L << clusterBits) {
      if (!reserved.add(at >> clusterBits)) {
        throw new MalformedDiskException("has tables that overlap");
      }
    }
  }

  /** Notes that a cluster holds a table. */
  void reserveTable(long offset) throws MalformedDiskException {
    if (offset < 0 || offset % (1L << clusterBits) != 0 || offset > ClusterEntry.OFFSET) {
      throw new MalformedDiskException("has a table at an impossible place");
    }
    reserve(offset, 1);
  }

  boolean isTable(long offset) {
    return reserved.contains(offset >> clusterBits);
  }

  /** Finds a free cluster and uses it once. */
  long allocate() throws IOException {
    long cluster = nextFree;
    while (true) {
      int block = Math.toIntExact(cluster / countsPerBlock);
      if (block >= top.count()) {
        throw new MalformedDiskException("has no room for more reference counts");
      }
      if (top.get(block) == 0) {
        addBlock(block, cluster++);
      } else if (!reserved.contains(cluster) && count(cluster) == 0) {
        set(cluster, 1);
        nextFree = cluster + 1;
        return cluster << clusterBits;
      } else {
        cluster++;
      }
    }
  }

  /** A block of counts goes to a cluster of which it holds the count. */
  private void addBlock(int block, long cluster) throws IOException {
    long offset = cluster << clusterBits;
    blocks.create(offset);
    top.set(block, offset);
    reserved.add(cluster);
    set(cluster, 1);
  }

  private int position(long cluster) {
    return (int) (cluster % countsPerBlock) * COUNT_BYTES;
  }

  private long blockOf(long cluster) {
    return top.get((int) (cluster / countsPerBlock));
  }

  private int count(long cluster) throws IOException {
    return blocks.getShort(blockOf(cluster), position(cluster));
  }

  private void set(long cluster, int count) throws IOException {
    blocks.putShort(blockOf(cluster), position(cluster), count);
  }

  /** Takes back an {@link #allocate} to which nothing leads. */
  void undo(long offset) throws IOException {
    set(offset >> clusterBits, 0);
    nextFree = Math.min(nextFree, offset >> clusterBits);
  }

  /** Some clusters are used once less, as soon as that is in the file. */
  void release(long offset, long lengthBytes) {
    long last = offset + lengthBytes - 1 >> clusterBits;
    for (long cluster = offset >> clusterBits; cluster <= last; cluster++) {
      released.add(cluster);
    }
  }

  /** A cluster with a table is used once less, as soon as that is in the file. */
  void releaseTable(long offset) {
    reserved.remove(offset >> clusterBits);
    release(offset, 1);
  }

  /** Counts what was released. Nothing in the file leads there any more. */
  void applyReleases() throws IOException {
    for (long cluster : released) {
      long block = cluster / countsPerBlock;
      boolean counted = block < top.count() && blockOf(cluster) != 0;
      if (counted && count(cluster) > 0 && !reserved.contains(cluster)) {
        set(cluster, count(cluster) - 1);
        if (count(cluster) == 0) {
          nextFree = Math.min(nextFree, cluster);
        }
      }
    }
    released.clear();
  }

  boolean isCrowded() {
    return blocks.isCrowded();
  }

  boolean isDirty() {
    return blocks.isDirty() || top.isDirty();
  }

  /** Writes the blocks; the top table is to follow after a barrier. */
  void writeBlocks() throws IOException {
    blocks.write();
  }

  boolean hasNewBlocks() {
    return top.isDirty();
  }

  void writeTop() throws IOException {
    top.write();
  }
}

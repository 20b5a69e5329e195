package dev.ringzero.images.disk.qcow2;

import dev.ringzero.images.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Compares the reference counts of an image with what leads to its clusters. A cluster that is led
 * to more often than counted may be given away while it is in use: an error. One that is counted
 * more often only takes room.
 *
 * <p>Not modelled: mending, reference counts of a width other than 16 bits, bitmaps.
 */
public final class Qcow2Check {
  private static final int MOST_SNAPSHOTS = 1 << 16;
  private static final int MOST_SNAPSHOT_BYTES = 1 << 20;
  private static final int SNAPSHOT_HEADER_BYTES = 40;
  private static final int BLOCK_COUNT_BYTES = 2;

  private final DiskFile file;
  private final Header header;
  private final References references;
  private long leaked;
  private long used;

  /**
   * What was found.
   *
   * @param errors places at which the guest's data are in danger
   * @param leakedClusters clusters that nobody uses and that count as used
   * @param usedClusters clusters that something leads to
   * @param messages the first errors in words
   */
  public record Result(
      long errors,
      long leakedClusters,
      long usedClusters,
      int clusterBytes,
      List<String> messages) {}

  private Qcow2Check(DiskFile file, Header header) throws IOException {
    this.file = file;
    this.header = header;
    this.references = new References(file, header);
  }

  /** Checks an image, which nobody writes meanwhile. */
  public static Result check(DiskFile file) throws IOException {
    ByteBuffer start = Qcow2Disk.start(file);
    Header header = Header.parse(start, true);
    if (start.getInt(Header.REFCOUNT_ORDER) != Header.REFCOUNT_ORDER_16_BITS) {
      throw new MalformedDiskException("has reference counts of a size that cannot be checked");
    }
    Qcow2Check check = new Qcow2Check(file, header);
    check.followAll(start);
    check.compare();
    return new Result(
        check.references.errors(),
        check.leaked,
        check.used,
        (int) header.clusterBytes(),
        List.copyOf(check.references.messages()));
  }

  private void followAll(ByteBuffer start) throws IOException {
    references.mark(0, 1, "the header");
    references.mark(
        header.refcountTableOffset(),
        header.refcountTableClusters() * header.clusterBytes(),
        "the table of reference counts");
    references.follow(header.l1Offset(), header.l1Entries());
    followSnapshots(start.getInt(Header.SNAPSHOTS), start.getLong(Header.SNAPSHOTS_OFFSET));
    references.followTables();
  }

  private void followSnapshots(int count, long offset) throws IOException {
    if (count == 0) {
      return;
    }
    if (count < 0 || count > MOST_SNAPSHOTS || !references.isInFile(offset)) {
      references.error("a list of snapshots at an impossible place");
      return;
    }
    long at = offset;
    ByteBuffer entry = ByteBuffer.allocate(SNAPSHOT_HEADER_BYTES);
    for (int i = 0; i < count; i++) {
      file.read(at, entry.clear());
      long l1Entries = entry.getInt(8) & 0xFFFF_FFFFL;
      long extra = entry.getInt(36) & 0xFFFF_FFFFL;
      if (l1Entries > Header.MOST_L1_ENTRIES || extra > MOST_SNAPSHOT_BYTES) {
        references.error("a snapshot with impossible sizes");
        return;
      }
      references.follow(entry.getLong(0), (int) l1Entries);
      int names = (entry.getShort(12) & 0xFFFF) + (entry.getShort(14) & 0xFFFF);
      at += SNAPSHOT_HEADER_BYTES + extra + names + 7 & ~7;
    }
    references.mark(offset, at - offset, "the list of snapshots");
  }

  private void compare() throws IOException {
    int entries = (int) (header.refcountTableClusters() * header.clusterBytes() / Long.BYTES);
    ByteBuffer table = ByteBuffer.allocate(entries * Long.BYTES);
    file.read(header.refcountTableOffset(), table);
    for (int i = 0; i < entries; i++) {
      long block = table.getLong(i * Long.BYTES);
      if (block != 0) {
        references.mark(block, 1, "a block of reference counts");
      }
    }
    ByteBuffer counts = ByteBuffer.allocate((int) header.clusterBytes());
    int countsABlock = counts.capacity() / BLOCK_COUNT_BYTES;
    for (int i = 0; (long) i * countsABlock < references.clusters(); i++) {
      long block = i < entries ? table.getLong(i * Long.BYTES) : 0;
      counts.clear();
      if (block != 0 && references.isInFile(block)) {
        file.read(block, counts);
      } else {
        DiskFile.clear(counts);
      }
      compare(counts, i * countsABlock);
    }
  }

  private void compare(ByteBuffer counts, int firstCluster) {
    int end = Math.min(references.clusters() - firstCluster, counts.capacity() / BLOCK_COUNT_BYTES);
    for (int i = 0; i < end; i++) {
      int counted = counts.getShort(BLOCK_COUNT_BYTES * i) & 0xFFFF;
      int found = references.count(firstCluster + i);
      used += found > 0 ? 1 : 0;
      if (found > counted) {
        references.error(
            "cluster %d is used %d times and counted %d times"
                .formatted(firstCluster + i, found, counted));
      } else if (found < counted) {
        leaked++;
      }
    }
  }
}

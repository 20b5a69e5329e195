package dev.ringzero.images.disk.qcow2;

import dev.ringzero.images.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How often each cluster of a file is led to, found by following all that leads to clusters. */
final class References {
  private static final int MOST_CLUSTERS = 1 << 28;
  private static final int MOST_MESSAGES = 20;

  private final DiskFile file;
  private final long clusterBytes;
  private final int clusterBits;
  private final long fileBytes;
  private final int[] counts;
  private final List<String> messages = new ArrayList<>();

  /** Second-level tables, and how many first-level entries lead to each. */
  private final Map<Long, Integer> tables = new LinkedHashMap<>();

  private long errors;

  References(DiskFile file, Header header) throws IOException {
    this.file = file;
    this.clusterBits = header.clusterBits();
    this.clusterBytes = header.clusterBytes();
    this.fileBytes = file.sizeBytes();
    long clusters = (fileBytes + clusterBytes - 1) / clusterBytes;
    if (clusters > MOST_CLUSTERS) {
      throw new MalformedDiskException("is too large to be checked");
    }
    counts = new int[(int) clusters];
  }

  int clusters() {
    return counts.length;
  }

  int count(int cluster) {
    return counts[cluster];
  }

  long errors() {
    return errors;
  }

  List<String> messages() {
    return messages;
  }

  void error(String message) {
    errors++;
    if (messages.size() < MOST_MESSAGES) {
      messages.add(message);
    }
  }

  boolean isInFile(long offset) {
    return offset >= 0 && offset < fileBytes;
  }

  /** Counts a reference to each cluster of a range; false if it is not one of clusters. */
  boolean mark(long offset, long lengthBytes, String what) {
    boolean isPlace = offset % clusterBytes == 0 && isInFile(offset);
    if (!isPlace) {
      error(what + " at the impossible place " + offset);
      return false;
    }
    markRange(offset, lengthBytes, 1);
    return true;
  }

  private void markRange(long offset, long lengthBytes, int times) {
    long last = Math.min(offset + lengthBytes - 1 >> clusterBits, counts.length - 1L);
    for (long cluster = offset >> clusterBits; cluster <= last; cluster++) {
      counts[(int) cluster] += times;
    }
  }

  /** Notes what a first-level table leads to; {@link #followTables} goes on from there. */
  void follow(long l1Offset, int entries) throws IOException {
    if (!mark(l1Offset, (long) entries * Long.BYTES, "a first-level table")) {
      return;
    }
    ByteBuffer l1 = ByteBuffer.allocate(entries * Long.BYTES);
    file.read(l1Offset, l1);
    for (int i = 0; i < entries; i++) {
      long table = ClusterEntry.offset(l1.getLong(i * Long.BYTES));
      if (table != 0 && mark(table, 1, "a second-level table")) {
        tables.merge(table, 1, Integer::sum);
      }
    }
  }

  /** Follows each second-level table once, however many lead to it. */
  void followTables() throws IOException {
    ByteBuffer l2 = ByteBuffer.allocate((int) clusterBytes);
    for (Map.Entry<Long, Integer> table : tables.entrySet()) {
      file.read(table.getKey(), l2.clear());
      for (int at = 0; at < l2.capacity(); at += Long.BYTES) {
        followEntry(l2.getLong(at), table.getValue());
      }
    }
  }

  private void followEntry(long entry, int times) {
    if (ClusterEntry.isCompressed(entry)) {
      long offset = ClusterEntry.compressedOffset(entry, clusterBits);
      if (isInFile(offset)) {
        markRange(offset, ClusterEntry.compressedBytes(entry, clusterBits), times);
      } else {
        error("a compressed cluster at the impossible place " + offset);
      }
    } else if (ClusterEntry.offset(entry) != 0) {
      long offset = ClusterEntry.offset(entry);
      if (offset % clusterBytes == 0 && isInFile(offset)) {
        markRange(offset, 1, times);
      } else {
        error("a cluster at the impossible place " + offset);
      }
    }
  }
}

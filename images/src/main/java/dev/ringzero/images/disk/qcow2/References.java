package dev.ringzero.images.disk.qcow2;

import dev.ringzero.images.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

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
    markRange(offset, lengthBytes);
    return true;
  }

  private void markRange(long offset, long lengthBytes) {
    long last = Math.min(offset + lengthBytes - 1 >> clusterBits, counts.length - 1L);
    for (long cluster = offset >> clusterBits; cluster <= last; cluster++) {
      counts[(int) cluster]++;
    }
  }

  /** Follows a first-level table and all behind it. */
  void follow(long l1Offset, int entries) throws IOException {
    if (!mark(l1Offset, (long) entries * Long.BYTES, "a first-level table")) {
      return;
    }
    ByteBuffer l1 = ByteBuffer.allocate(entries * Long.BYTES);
    file.read(l1Offset, l1);
    ByteBuffer l2 = ByteBuffer.allocate((int) clusterBytes);
    for (int i = 0; i < entries; i++) {
      long table = ClusterEntry.offset(l1.getLong(i * Long.BYTES));
      if (table != 0 && mark(table, 1, "a second-level table")) {
        file.read(table, l2.clear());
        followSecondLevel(l2);
      }
    }
  }

  private void followSecondLevel(ByteBuffer l2) {
    for (int at = 0; at < l2.capacity(); at += Long.BYTES) {
      long entry = l2.getLong(at);
      if (ClusterEntry.isCompressed(entry)) {
        long offset = ClusterEntry.compressedOffset(entry, clusterBits);
        if (isInFile(offset)) {
          markRange(offset, ClusterEntry.compressedBytes(entry, clusterBits));
        } else {
          error("a compressed cluster at the impossible place " + offset);
        }
      } else if (ClusterEntry.offset(entry) != 0) {
        mark(ClusterEntry.offset(entry), 1, "a cluster");
      }
    }
  }
}

package dev.ringzero.images.ext4;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Gives out data blocks one behind the other. */
final class BlockAllocator {
  private final Layout layout;
  private int group;
  private long next;

  BlockAllocator(Layout layout) {
    this.layout = layout;
    this.next = layout.firstDataBlock(0);
  }

  /** Blocks behind each other. */
  record Run(long firstBlock, int blocks) {}

  /** Gives blocks, in as few runs as groups allow. */
  List<Run> allocate(long blocks) throws IOException {
    List<Run> runs = new ArrayList<>();
    for (long missing = blocks; missing > 0; ) {
      while (next >= layout.endBlock(group)) {
        enterNextGroup();
      }
      int length = (int) Math.min(missing, layout.endBlock(group) - next);
      runs.add(new Run(next, length));
      next += length;
      missing -= length;
    }
    return runs;
  }

  private void enterNextGroup() throws IOException {
    if (++group == layout.groups()) {
      throw new IOException("the file system is too small for its files");
    }
    next = layout.firstDataBlock(group);
  }

  /** How many blocks of a group are in use, from its first on. */
  int used(int ofGroup) {
    if (ofGroup > group) {
      return layout.metadataBlocks(ofGroup);
    }
    long end = ofGroup < group ? layout.endBlock(ofGroup) : next;
    return (int) (end - layout.firstBlock(ofGroup));
  }
}

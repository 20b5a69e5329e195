package dev.ringzero.images.ext4;

import dev.ringzero.images.root.Attributes;
import java.nio.ByteBuffer;

/**
 * One entry of the inode table.
 *
 * @param blocks that its content takes
 * @param mapping the 60 bytes that say where these are, or what takes their place
 * @spec Linux Documentation/filesystems/ext4/inodes.rst, Index Nodes
 */
record Inode(
    int type,
    Attributes attributes,
    int links,
    long sizeBytes,
    long blocks,
    int flags,
    byte[] mapping) {
  static final int S_IFIFO = 0x1000;
  static final int S_IFCHR = 0x2000;
  static final int S_IFDIR = 0x4000;
  static final int S_IFBLK = 0x6000;
  static final int S_IFREG = 0x8000;
  static final int S_IFLNK = 0xA000;
  static final int EXTENTS_FL = 0x80000;

  static final int ROOT = 2;
  static final int JOURNAL = 8;
  static final int FIRST_ORDINARY = 11;

  private static final int MODE = 0x00; // i_mode
  private static final int OWNER = 0x02; // i_uid
  private static final int SIZE_LOW = 0x04; // i_size_lo
  private static final int ACCESSED = 0x08; // i_atime
  private static final int CHANGED = 0x0C; // i_ctime
  private static final int MODIFIED = 0x10; // i_mtime
  private static final int GROUP = 0x18; // i_gid
  private static final int LINKS = 0x1A; // i_links_count
  private static final int SECTORS = 0x1C; // i_blocks_lo
  private static final int FLAGS = 0x20; // i_flags
  private static final int MAPPING = 0x28; // i_block
  private static final int SIZE_HIGH = 0x6C; // i_size_high
  private static final int OWNER_HIGH = 0x78; // i_uid_high
  private static final int GROUP_HIGH = 0x7A; // i_gid_high
  private static final int EXTRA_BYTES = 0x80; // i_extra_isize
  private static final int CHANGED_EXTRA = 0x84; // i_ctime_extra
  private static final int MODIFIED_EXTRA = 0x88; // i_mtime_extra
  private static final int ACCESSED_EXTRA = 0x8C; // i_atime_extra
  private static final int CREATED = 0x90; // i_crtime
  private static final int CREATED_EXTRA = 0x94; // i_crtime_extra
  static final int USED_EXTRA_BYTES = 32;
  private static final int SECTORS_PER_BLOCK = Layout.BLOCK_BYTES / 512;

  void write(ByteBuffer table, int at) {
    table.putShort(at + MODE, (short) (type | attributes.permissions()));
    table.putShort(at + OWNER, (short) attributes.owner());
    table.putShort(at + OWNER_HIGH, (short) (attributes.owner() >>> 16));
    table.putShort(at + GROUP, (short) attributes.group());
    table.putShort(at + GROUP_HIGH, (short) (attributes.group() >>> 16));
    table.putInt(at + SIZE_LOW, (int) sizeBytes);
    table.putInt(at + SIZE_HIGH, (int) (sizeBytes >>> 32));
    table.putShort(at + LINKS, (short) links);
    table.putInt(at + SECTORS, (int) (blocks * SECTORS_PER_BLOCK));
    table.putInt(at + FLAGS, flags);
    table.put(at + MAPPING, mapping);
    table.putShort(at + EXTRA_BYTES, (short) USED_EXTRA_BYTES);
    writeTimes(table, at);
  }

  /** Two bits of the extra word carry a time behind the year 2038. */
  private void writeTimes(ByteBuffer table, int at) {
    int low = (int) attributes.modifiedSeconds();
    int high = (int) (attributes.modifiedSeconds() - low >>> 32) & 3;
    for (int field : new int[] {ACCESSED, CHANGED, MODIFIED, CREATED}) {
      table.putInt(at + field, low);
    }
    for (int field : new int[] {ACCESSED_EXTRA, CHANGED_EXTRA, MODIFIED_EXTRA, CREATED_EXTRA}) {
      table.putInt(at + field, high);
    }
  }
}

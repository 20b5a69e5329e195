package dev.ringzero.images.ext4;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The superblock.
 *
 * @param journal the 60 bytes that say where the journal is, and its size
 * @spec Linux Documentation/filesystems/ext4/super.rst, Super Block
 */
record Superblock(
    Layout layout,
    Ext4Identity identity,
    long freeBlocks,
    long freeInodes,
    byte[] journal,
    long journalBytes) {
  static final int OFFSET = 1024;
  static final int BYTES = 1024;

  private static final int COMPAT_HAS_JOURNAL = 0x4;
  private static final int COMPAT_EXT_ATTR = 0x8;
  private static final int COMPAT_DIR_INDEX = 0x20;
  private static final int INCOMPAT_FILETYPE = 0x2;
  private static final int INCOMPAT_EXTENTS = 0x40;
  private static final int RO_COMPAT_SPARSE_SUPER = 0x1;
  private static final int RO_COMPAT_LARGE_FILE = 0x2;
  private static final int RO_COMPAT_DIR_NLINK = 0x20;
  private static final int RO_COMPAT_EXTRA_ISIZE = 0x40;

  private static final short MAGIC = (short) 0xEF53;
  private static final int BLOCK_SIZE_CODE = 2; // 1024 << 2
  private static final int STATE_CLEAN = 1;
  private static final int ERRORS_CONTINUE = 1;
  private static final int DYNAMIC_REVISION = 1;
  private static final int HASH_HALF_MD4 = 1;
  private static final int UNSIGNED_HASH = 2;
  private static final int DEFAULT_MOUNT_XATTR_ACL = 0xC;
  private static final int LABEL_BYTES = 16;

  /** Encodes the copy that a group holds. */
  ByteBuffer encode(int group) {
    ByteBuffer to = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
    to.putInt(0x00, (int) layout.inodes()); // s_inodes_count
    to.putInt(0x04, (int) layout.blocks()); // s_blocks_count_lo
    to.putInt(0x0C, (int) freeBlocks); // s_free_blocks_count_lo
    to.putInt(0x10, (int) freeInodes); // s_free_inodes_count
    to.putInt(0x18, BLOCK_SIZE_CODE); // s_log_block_size
    to.putInt(0x1C, BLOCK_SIZE_CODE); // s_log_cluster_size
    to.putInt(0x20, Layout.BLOCKS_PER_GROUP); // s_blocks_per_group
    to.putInt(0x24, Layout.BLOCKS_PER_GROUP); // s_clusters_per_group
    to.putInt(0x28, layout.inodesPerGroup()); // s_inodes_per_group
    to.putInt(0x30, (int) identity.seconds()); // s_wtime
    to.putShort(0x36, (short) -1); // s_max_mnt_count
    to.putShort(0x38, MAGIC); // s_magic
    to.putShort(0x3A, (short) STATE_CLEAN); // s_state
    to.putShort(0x3C, (short) ERRORS_CONTINUE); // s_errors
    to.putInt(0x40, (int) identity.seconds()); // s_lastcheck
    to.putInt(0x4C, DYNAMIC_REVISION); // s_rev_level
    to.putInt(0x54, Inode.FIRST_ORDINARY); // s_first_ino
    to.putShort(0x58, (short) Layout.INODE_BYTES); // s_inode_size
    to.putShort(0x5A, (short) group); // s_block_group_nr
    putFeatures(to);
    to.put(0x68, identity.uuid()); // s_uuid
    byte[] label = identity.label().getBytes(StandardCharsets.UTF_8);
    to.put(0x78, Arrays.copyOf(label, LABEL_BYTES)); // s_volume_name
    to.putInt(0x108, (int) identity.seconds()); // s_mkfs_time
    putJournal(to);
    to.putShort(0x15C, (short) Inode.USED_EXTRA_BYTES); // s_min_extra_isize
    to.putShort(0x15E, (short) Inode.USED_EXTRA_BYTES); // s_want_extra_isize
    return to;
  }

  private void putFeatures(ByteBuffer to) {
    to.putInt(0x5C, COMPAT_HAS_JOURNAL | COMPAT_EXT_ATTR | COMPAT_DIR_INDEX); // s_feature_compat
    to.putInt(0x60, INCOMPAT_FILETYPE | INCOMPAT_EXTENTS); // s_feature_incompat
    to.putInt(
        0x64, // s_feature_ro_compat
        RO_COMPAT_SPARSE_SUPER
            | RO_COMPAT_LARGE_FILE
            | RO_COMPAT_DIR_NLINK
            | RO_COMPAT_EXTRA_ISIZE);
    to.put(0xEC, identity.hashSeed()); // s_hash_seed
    to.put(0xFC, (byte) HASH_HALF_MD4); // s_def_hash_version
    to.putInt(0x100, DEFAULT_MOUNT_XATTR_ACL); // s_default_mount_opts
    to.putInt(0x160, UNSIGNED_HASH); // s_flags
  }

  private void putJournal(ByteBuffer to) {
    to.putInt(0xE0, Inode.JOURNAL); // s_journal_inum
    to.put(0xFD, (byte) 1); // s_jnl_backup_type
    to.put(0x10C, journal); // s_jnl_blocks
    to.putInt(0x10C + 60, (int) (journalBytes >>> 32));
    to.putInt(0x10C + 64, (int) journalBytes);
  }
}

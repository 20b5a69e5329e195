package dev.ringzero.vmm.share;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * What the host says of a file, over its {@code struct statx}.
 *
 * @spec Linux include/uapi/linux/stat.h, "struct statx"
 */
final class FileStatus {
  static final int BYTES = 256;

  static final int S_IFMT = 0xF000;
  static final int S_IFSOCK = 0xC000;
  static final int S_IFREG = 0x8000;
  static final int S_IFDIR = 0x4000;
  static final int S_IFIFO = 0x1000;

  private static final int BLOCK_SIZE = 4;
  private static final int LINKS = 16;
  private static final int USER = 20;
  private static final int GROUP = 24;
  private static final int MODE = 28;
  private static final int INODE = 32;
  private static final int SIZE = 40;
  private static final int BLOCKS = 48;
  private static final int ACCESSED = 64;
  private static final int BORN = 80;
  private static final int CHANGED = 96;
  private static final int MODIFIED = 112;
  private static final int NODE_MAJOR = 128;
  private static final int NODE_MINOR = 132;
  private static final int DEVICE_MAJOR = 136;
  private static final int DEVICE_MINOR = 140;
  private static final int NANOS = 8;
  private static final long NANOS_PER_SECOND = 1_000_000_000;

  private final MemorySegment memory;

  FileStatus(MemorySegment memory) {
    this.memory = memory;
  }

  long address() {
    return memory.address();
  }

  private int int32(long at) {
    return memory.get(JAVA_INT, at);
  }

  private long int64(long at) {
    return memory.get(JAVA_LONG, at);
  }

  /** What tells the file from all others of the host, also from later ones with its number. */
  Inode.Key key() {
    long device = (long) int32(DEVICE_MAJOR) << 32 | int32(DEVICE_MINOR) & 0xFFFF_FFFFL;
    return new Inode.Key(device, int64(INODE), nanos(BORN));
  }

  private long nanos(int at) {
    return int64(at) * NANOS_PER_SECOND + int32(at + NANOS);
  }

  int mode() {
    return memory.get(JAVA_SHORT, MODE) & 0xFFFF;
  }

  int type() {
    return mode() & S_IFMT;
  }

  long sizeBytes() {
    return int64(SIZE);
  }

  long modifiedNanos() {
    return nanos(MODIFIED);
  }

  /**
   * Puts a {@code struct fuse_attr}.
   *
   * @spec Linux include/uapi/linux/fuse.h, "struct fuse_attr"
   */
  void put(ByteBuffer out, Ownership ownership) {
    out.putLong(int64(INODE)).putLong(sizeBytes()).putLong(int64(BLOCKS));
    out.putLong(int64(ACCESSED)).putLong(int64(MODIFIED)).putLong(int64(CHANGED));
    out.putInt(int32(ACCESSED + NANOS));
    out.putInt(int32(MODIFIED + NANOS));
    out.putInt(int32(CHANGED + NANOS));
    out.putInt(mode()).putInt(int32(LINKS));
    out.putInt(ownership.guestUser(int32(USER))).putInt(ownership.guestGroup(int32(GROUP)));
    out.putInt(deviceNumber()).putInt(int32(BLOCK_SIZE)).putInt(0);
  }

  /** As Linux encodes it in 32 bits. */
  private int deviceNumber() {
    int minor = int32(NODE_MINOR);
    return minor & 0xFF | int32(NODE_MAJOR) << 8 | (minor & ~0xFF) << 12;
  }
}

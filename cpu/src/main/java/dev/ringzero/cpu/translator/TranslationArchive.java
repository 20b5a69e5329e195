package dev.ringzero.cpu.translator;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.zip.CRC32C;

/**
 * A file of translated blocks, found by mode and place in the page, and taken where all bytes of
 * the guest that decided what they are are the same. Its blocks go through the verifier like any
 * other.
 *
 * <p>Layout, little-endian: magic, length of the identity, number of buckets and of blocks, sum of
 * identity and index; the identity; for each bucket the number of its first block and 0 for none;
 * for each block hash, number of the next one in the bucket, place, length and sum; the blocks.
 */
final class TranslationArchive {
  private static final int MAGIC = 0x315A_5254; // TRZ1
  private static final int HEADER = 20;
  private static final int ENTRY = 20;
  private static final int LARGEST = 1 << 18;
  private static final int KERNEL_STEP = 1 << 21;
  private static final int PAGE_BYTES = GuestBlock.PAGE_BYTES;

  private final ByteBuffer file;
  private final ByteBuffer index;
  private final ByteBuffer room = room();
  private final int buckets;
  private final int blocks;
  private volatile boolean damaged;

  /** How much higher the kernel lies, of the last block that was found. */
  private int higher;

  /** Number of that block. */
  private int number;

  /** Blocks that were made ready before they are asked for. */
  private final AtomicReferenceArray<ReadyBlock> ready;

  /** Which blocks were asked for. */
  private final AtomicIntegerArray taken;

  private TranslationArchive(ByteBuffer file, ByteBuffer index, int buckets, int blocks) {
    this.file = file;
    this.index = index;
    this.buckets = buckets;
    this.blocks = blocks;
    ready = new AtomicReferenceArray<>(blocks);
    taken = new AtomicIntegerArray(blocks);
  }

  /** Opens a file that was written for this identity; empty where it is another, or damaged. */
  static Optional<TranslationArchive> open(Path path, String identity) {
    try (FileChannel channel = FileChannel.open(path)) {
      ByteBuffer file =
          channel
              .map(FileChannel.MapMode.READ_ONLY, 0, channel.size())
              .order(ByteOrder.LITTLE_ENDIAN);
      byte[] expected = identity.getBytes(StandardCharsets.UTF_8);
      int buckets = file.getInt(8);
      int blocks = file.getInt(12);
      if (file.getInt(0) != MAGIC
          || file.getInt(4) != expected.length
          || Integer.bitCount(buckets) != 1
          || blocks < 0) {
        return Optional.empty();
      }
      long length = expected.length + 4L * buckets + (long) ENTRY * blocks;
      byte[] summed = new byte[Math.toIntExact(length)];
      file.get(HEADER, summed);
      byte[] found = new byte[expected.length];
      System.arraycopy(summed, 0, found, 0, found.length);
      if (sum(summed) != file.getInt(16) || !Arrays.equals(found, expected)) {
        return Optional.empty();
      }
      ByteBuffer index =
          ByteBuffer.wrap(summed, found.length, summed.length - found.length)
              .slice()
              .order(ByteOrder.LITTLE_ENDIAN);
      return Optional.of(new TranslationArchive(file, index, buckets, blocks));
    } catch (IOException | RuntimeException e) {
      return Optional.empty();
    }
  }

  /** Writes a file, all of it or nothing. */
  static void write(Path path, String identity, List<ArchivedBlock> blocks) throws IOException {
    byte[] name = identity.getBytes(StandardCharsets.UTF_8);
    int buckets = Integer.highestOneBit(Math.max(blocks.size(), 8)) << 1;
    int indexLength = 4 * buckets + ENTRY * blocks.size();
    ByteBuffer head = buffer(HEADER + name.length + indexLength);
    head.putInt(MAGIC).putInt(name.length).putInt(buckets).putInt(blocks.size()).putInt(0);
    head.put(name);
    ByteBuffer index = head.slice().order(ByteOrder.LITTLE_ENDIAN);
    Path unfinished = path.resolveSibling(path.getFileName() + ".new");
    try (FileChannel out =
        FileChannel.open(
            unfinished,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer data = buffer(LARGEST);
      int at = head.capacity();
      out.position(at);
      for (int n = blocks.size() - 1; n >= 0; n--) { // so that the first is found first
        ArchivedBlock block = blocks.get(n);
        data.clear();
        block.write(data);
        int length = data.position();
        int entry = 4 * buckets + ENTRY * n;
        int hash = hash(block.mode(), block.linear(), block.offset());
        int bucket = 4 * (hash & buckets - 1);
        index.putInt(entry, hash).putInt(entry + 4, index.getInt(bucket));
        index.putInt(entry + 8, at).putInt(entry + 12, length);
        index.putInt(entry + 16, sum(data.array(), length));
        index.putInt(bucket, n + 1);
        writeAll(out, data.flip());
        at = Math.addExact(at, length);
      }
      head.putInt(16, sum(head.array(), HEADER, name.length + indexLength));
      out.position(0);
      writeAll(out, head.clear());
    }
    Files.move(unfinished, path, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void writeAll(FileChannel out, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }

  private static ByteBuffer buffer(int length) {
    return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** A kernel's code is found wherever the kernel lies; a program's in any page. */
  private static int hash(int mode, long linear, int offset) {
    int low = linear < 0 ? (int) linear & KERNEL_STEP - PAGE_BYTES | 1 << 31 : 0;
    int mixed = ((low | offset) ^ mode << 24) * 0x9E37_79B1;
    return mixed ^ mixed >>> 15;
  }

  /** A block for an offset of a page at an address; null if there is none that fits. */
  ArchivedBlock find(TranslatedPage page, long linear, int offset) {
    if (damaged) {
      return null;
    }
    try {
      int mode = page.mode.number();
      int hash = hash(mode, linear, offset);
      int n = index.getInt(4 * (hash & buckets - 1));
      for (int looked = 0; n != 0 && looked < blocks; looked++) {
        int entry = 4 * buckets + ENTRY * (n - 1);
        if (index.getInt(entry) == hash) {
          ReadyBlock prepared = ready.get(n - 1);
          ArchivedBlock block = prepared != null ? prepared.block() : read(n - 1, room);
          if (block.mode() == mode && block.offset() == offset && fits(block, page, linear)) {
            number = n - 1;
            taken.set(number, 1);
            return block;
          }
        }
        n = index.getInt(entry + 4);
      }
    } catch (RuntimeException e) {
      refuse();
    }
    return null;
  }

  /** How many blocks it has. */
  int count() {
    return blocks;
  }

  /** Whether it is still used. */
  boolean isUsed() {
    return !damaged;
  }

  /** Takes what was made ready of the block that was found last; null if nothing was. */
  ReadyBlock takeReady() {
    return ready.getAndSet(number, null);
  }

  /** Whether somebody has the block of a number already. */
  boolean isTaken(int block) {
    return taken.get(block) != 0;
  }

  /** Makes a block ready. */
  void ready(int block, ReadyBlock prepared) {
    ready.set(block, prepared);
  }

  /**
   * The block of a number, in the order in which they ran.
   *
   * @param through of {@link #room}
   * @throws RuntimeException if it is damaged
   */
  ArchivedBlock read(int block, ByteBuffer through) {
    int entry = 4 * buckets + ENTRY * block;
    int length = index.getInt(entry + 12);
    byte[] bytes = through.array();
    file.get(index.getInt(entry + 8), bytes, 0, length);
    if (sum(bytes, length) != index.getInt(entry + 16)) {
      throw new IllegalStateException("a block is damaged");
    }
    return ArchivedBlock.read(through.clear().limit(length));
  }

  /** Room for {@link #read}. */
  static ByteBuffer room() {
    return buffer(LARGEST);
  }

  private boolean fits(ArchivedBlock block, TranslatedPage page, long linear) {
    long distance = linear < 0 ? linear - block.linear() : 0;
    higher = (int) distance;
    return higher == distance
        && (higher & KERNEL_STEP - 1) == 0
        && block.fits(page.content.bytes, higher);
  }

  /** How much higher the kernel lies than where the block was found last. */
  int higher() {
    return higher;
  }

  /** Nothing of it is taken any more. */
  void refuse() {
    damaged = true;
  }

  private static int sum(byte[] bytes) {
    return sum(bytes, bytes.length);
  }

  private static int sum(byte[] bytes, int length) {
    return sum(bytes, 0, length);
  }

  private static int sum(byte[] bytes, int from, int length) {
    CRC32C sum = new CRC32C();
    sum.update(bytes, from, length);
    return (int) sum.getValue();
  }
}

package dev.ringzero.devices.virtio.queue;

import dev.ringzero.memory.DmaMemory;
import java.util.Arrays;

/**
 * One buffer of a driver: pieces of RAM that the device reads, then pieces that it writes. All of
 * them were found to be RAM. Filled by {@link Virtqueue#take} and used again for the next buffer.
 */
public final class DescriptorChain {
  /** Pieces that a buffer may have, in an indirect table too. */
  public static final int MOST_PIECES = 1024;

  private static final long MOST_BYTES = 1L << 32;
  private static final int FIRST_PIECES = 16;

  private final DmaMemory memory;
  private long[] gpas = new long[FIRST_PIECES];
  private long[] lengths = new long[FIRST_PIECES];
  private int readablePieces;
  private int pieces;
  private long readableBytes;
  private long writableBytes;

  /** The number by which the driver knows the buffer. */
  int id;

  /** How many descriptors of the ring it took. */
  int slots;

  public DescriptorChain(DmaMemory memory) {
    this.memory = memory;
  }

  void clear() {
    readablePieces = 0;
    pieces = 0;
    readableBytes = 0;
    writableBytes = 0;
    slots = 0;
  }

  /** Adds a piece; returns what is wrong with it, or null. */
  String add(long gpa, long lengthBytes, boolean writable) {
    if (!writable && pieces > readablePieces) {
      return "a readable descriptor behind a writable one";
    }
    if (pieces == MOST_PIECES) {
      return "a chain of more than " + MOST_PIECES + " descriptors";
    }
    if (readableBytes + writableBytes + lengthBytes > MOST_BYTES) {
      return "a chain of more than 4 GiB";
    }
    if (lengthBytes == 0) {
      return null;
    }
    if (!memory.isRam(gpa, lengthBytes)) {
      return "a descriptor outside RAM";
    }
    if (pieces == gpas.length) {
      gpas = Arrays.copyOf(gpas, 2 * pieces);
      lengths = Arrays.copyOf(lengths, 2 * pieces);
    }
    gpas[pieces] = gpa;
    lengths[pieces++] = lengthBytes;
    if (writable) {
      writableBytes += lengthBytes;
    } else {
      readablePieces = pieces;
      readableBytes += lengthBytes;
    }
    return null;
  }

  public long readableBytes() {
    return readableBytes;
  }

  public long writableBytes() {
    return writableBytes;
  }

  /**
   * Copies from the readable part.
   *
   * @return how many bytes there were, at most {@code lengthBytes}
   */
  public int read(long from, byte[] destination, int offset, int lengthBytes) {
    int length = (int) Math.max(0, Math.min(lengthBytes, readableBytes - from));
    copy(0, readablePieces, from, destination, offset, length, false);
    return length;
  }

  /**
   * Copies into the writable part.
   *
   * @return how many bytes there was room for, at most {@code lengthBytes}
   */
  public int write(long from, byte[] source, int offset, int lengthBytes) {
    int length = (int) Math.max(0, Math.min(lengthBytes, writableBytes - from));
    copy(readablePieces, pieces, from, source, offset, length, true);
    return length;
  }

  private void copy(
      int firstPiece, int end, long from, byte[] bytes, int offset, int length, boolean write) {
    long skip = from;
    int done = 0;
    for (int i = firstPiece; i < end && done < length; i++) {
      if (skip >= lengths[i]) {
        skip -= lengths[i];
        continue;
      }
      int part = (int) Math.min(length - done, lengths[i] - skip);
      if (write) {
        memory.write(gpas[i] + skip, bytes, offset + done, part);
      } else {
        memory.read(gpas[i] + skip, bytes, offset + done, part);
      }
      done += part;
      skip = 0;
    }
  }

  /** Takes the frames of the writable part back; returns how many bytes that was. */
  public long reclaimWritable() {
    long bytes = 0;
    for (int i = readablePieces; i < pieces; i++) {
      bytes += memory.reclaim(gpas[i], lengths[i]);
    }
    return bytes;
  }

  /** Pins a range of the readable part, for the host to read from. */
  public PinnedBuffers pinReadable(long from, long lengthBytes) {
    return pin(0, readablePieces, from, lengthBytes, false);
  }

  /** Pins a range of the writable part, for the host to write to. */
  public PinnedBuffers pinWritable(long from, long lengthBytes) {
    return pin(readablePieces, pieces, from, lengthBytes, true);
  }

  private PinnedBuffers pin(int firstPiece, int end, long from, long lengthBytes, boolean write) {
    PinnedBuffers pinned = new PinnedBuffers();
    long skip = from;
    long left = lengthBytes;
    try {
      for (int i = firstPiece; i < end && left > 0; i++) {
        if (skip >= lengths[i]) {
          skip -= lengths[i];
          continue;
        }
        long part = Math.min(left, lengths[i] - skip);
        pinned.add(memory.slices(gpas[i] + skip, part, write));
        left -= part;
        skip = 0;
      }
    } catch (RuntimeException e) {
      pinned.close();
      throw e;
    }
    return pinned;
  }
}

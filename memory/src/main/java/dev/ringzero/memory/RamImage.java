package dev.ringzero.memory;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * What a machine's RAM holds, in a sparse file: pieces of 2 MiB one behind the other, those without
 * any byte but zero left out, and pages of zeros left out as holes. So the file can be mapped in
 * the place of RAM, and machines that begin with the same RAM share its pages.
 *
 * @param file of the pieces; nobody may write it while it is used
 * @param pieces in the order in which they lie in the file
 */
public record RamImage(Path file, List<Piece> pieces) {
  /** Bytes of a piece. */
  public static final int PIECE_BYTES = FramePool.RUN_FRAMES * FramePool.FRAME_BYTES;

  private static final int PAGE = FramePool.FRAME_BYTES;
  private static final MemorySegment ZEROS = Arena.global().allocate(PAGE);

  /**
   * One of the pieces.
   *
   * @param gpa where it belongs, a multiple of its size
   * @param pages which of its pages are in the file; others are zero
   * @param checksum CRC-32C of these pages
   */
  public record Piece(long gpa, BitSet pages, int checksum) {}

  /** An image that is not as it was written. */
  public static final class DamagedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    DamagedException(String message) {
      super(message);
    }
  }

  /**
   * Writes the RAM of a machine that stands still.
   *
   * @param to an empty file
   * @param file by which it will be found
   */
  public static RamImage write(FrameMemory memory, FileChannel to, Path file) throws IOException {
    List<Piece> pieces = new ArrayList<>();
    for (long gpa : mappedPieces(memory)) {
      Piece piece = writePiece(memory, gpa, to, (long) pieces.size() * PIECE_BYTES);
      if (!piece.pages().isEmpty()) {
        pieces.add(piece);
      }
    }
    long length = (long) pieces.size() * PIECE_BYTES;
    if (length > to.size()) {
      to.write(ByteBuffer.allocate(1), length - 1);
    }
    return new RamImage(file, List.copyOf(pieces));
  }

  private static List<Long> mappedPieces(FrameMemory memory) {
    List<Long> pieces = new ArrayList<>();
    memory
        .table()
        .forEachLeaf((gpa, entry, sizeBytes) -> {
          for (long at = gpa & -PIECE_BYTES; at < gpa + sizeBytes; at += PIECE_BYTES) {
            if (pieces.isEmpty() || pieces.getLast() != at) {
              pieces.add(at);
            }
          }
        });
    return pieces;
  }

  private static Piece writePiece(FrameMemory memory, long gpa, FileChannel to, long offset)
      throws IOException {
    BitSet pages = new BitSet(FramePool.RUN_FRAMES);
    CRC32C checksum = new CRC32C();
    for (int i = 0; i < FramePool.RUN_FRAMES; i++) {
      long hpa = memory.table().hpa(gpa + (long) i * PAGE);
      if (hpa >= 0 && MachineMemory.slice(hpa, PAGE).mismatch(ZEROS) >= 0) {
        ByteBuffer page = MachineMemory.slice(hpa, PAGE).asByteBuffer();
        checksum.update(page.duplicate());
        for (long at = offset + (long) i * PAGE; page.hasRemaining(); ) {
          at += to.write(page, at);
        }
        pages.set(i);
      }
    }
    return new Piece(gpa, pages, (int) checksum.getValue());
  }

  /** How many bytes of the file are not holes. */
  public long storedBytes() {
    return pieces.stream().mapToLong(piece -> (long) piece.pages().cardinality() * PAGE).sum();
  }

  /**
   * Reads all of it and compares it with its checksums.
   *
   * @throws DamagedException if it is not as it was written
   */
  public void verify() {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        Arena arena = Arena.ofConfined()) {
      checkLength(channel);
      MemorySegment bytes =
          channel.map(FileChannel.MapMode.READ_ONLY, 0, (long) pieces.size() * PIECE_BYTES, arena);
      for (int i = 0; i < pieces.size(); i++) {
        if (checksum(pieces.get(i), bytes.asSlice((long) i * PIECE_BYTES, PIECE_BYTES))
            != pieces.get(i).checksum()) {
          throw new DamagedException(
              "its memory is damaged at 0x" + Long.toHexString(pieces.get(i).gpa()));
        }
      }
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private static int checksum(Piece piece, MemorySegment bytes) {
    CRC32C checksum = new CRC32C();
    BitSet pages = piece.pages();
    for (int from = pages.nextSetBit(0); from >= 0; ) {
      int to = pages.nextClearBit(from);
      checksum.update(bytes.asSlice((long) from * PAGE, (long) (to - from) * PAGE).asByteBuffer());
      from = pages.nextSetBit(to);
    }
    return (int) checksum.getValue();
  }

  private void checkLength(FileChannel channel) throws IOException {
    if (channel.size() != (long) pieces.size() * PIECE_BYTES) {
      throw new DamagedException("its memory is not of the length that it says");
    }
  }

  private DamagedException unreadable(IOException e) {
    return new DamagedException("its memory cannot be read: " + e.getMessage());
  }

  /** Gives RAM that has no frames yet what the image holds. */
  void load(RamMap ram, FramePool pool, FrameSupply supply) {
    checkPlaces(ram);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      checkLength(channel);
      load(0, pieces.size(), channel, pool, supply);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private void checkPlaces(RamMap ram) {
    long before = -1;
    for (Piece piece : pieces) {
      boolean first = piece.gpa() == 0;
      if (piece.gpa() <= before
          || piece.gpa() % PIECE_BYTES != 0
          || !(first || ram.contains(piece.gpa()))) {
        throw new DamagedException("its memory does not fit the machine");
      }
      before = piece.gpa();
    }
  }

  /** Neighbours in the file become neighbours in machine memory, as far as there is room. */
  private void load(int from, int count, FileChannel channel, FramePool pool, FrameSupply supply)
      throws IOException {
    if (count == 0) {
      return;
    }
    long firstMfn = pool.allocateRuns(count);
    if (firstMfn == FramePool.NONE) {
      if (count == 1) {
        throw new OutOfFramesException();
      }
      load(from, count / 2, channel, pool, supply);
      load(from + count / 2, count - count / 2, channel, pool, supply);
      return;
    }
    if (!pool.mapFile(firstMfn, count, file, (long) from * PIECE_BYTES)) {
      read(from, count, channel, firstMfn);
    }
    adopt(from, count, firstMfn, pool, supply);
  }

  private void adopt(int from, int count, long firstMfn, FramePool pool, FrameSupply supply) {
    int done = 0;
    try {
      while (done < count) {
        supply.adopt(pieces.get(from + done).gpa(), firstMfn + (long) done * FramePool.RUN_FRAMES);
        done++;
      }
    } finally {
      long missing = (long) Math.max(0, count - done - 1) * FramePool.RUN_FRAMES;
      if (missing > 0) {
        pool.free(firstMfn + (long) (done + 1) * FramePool.RUN_FRAMES, missing);
      }
    }
  }

  private void read(int from, int count, FileChannel channel, long firstMfn) throws IOException {
    for (int i = 0; i < count; i++) {
      BitSet pages = pieces.get(from + i).pages();
      for (int page = pages.nextSetBit(0); page >= 0; page = pages.nextSetBit(page + 1)) {
        long at = (long) (from + i) * PIECE_BYTES + (long) page * PAGE;
        long mfn = firstMfn + (long) i * FramePool.RUN_FRAMES + page;
        ByteBuffer into = MachineMemory.slice(mfn << FramePool.FRAME_SHIFT, PAGE).asByteBuffer();
        while (into.hasRemaining() && channel.read(into, at + into.position()) >= 0) {
          // on to the rest
        }
      }
    }
  }
}

package dev.ringzero.vmm.boot;

import dev.ringzero.engine.VirtualCpu;
import dev.ringzero.memory.GuestMemory;
import java.util.Arrays;
import java.util.List;

/**
 * What a machine's memory and boot processor hold when the guest begins.
 *
 * @param pieces what to write, none over another
 * @param entry how the boot processor starts
 */
public record BootPlan(List<Piece> pieces, EntryState entry) {
  private static final int PAGE_BYTES = 4096;
  private static final byte[] ZEROS = new byte[PAGE_BYTES];

  /** Some bytes of an array, and where they go. */
  public record Piece(long gpa, byte[] bytes, int offset, int lengthBytes) {
    Piece(long gpa, byte[] bytes) {
      this(gpa, bytes, 0, bytes.length);
    }

    long endGpa() {
      return gpa + lengthBytes;
    }
  }

  /**
   * Writes memory, which must be zero before, and sets the boot processor, which was just reset.
   */
  public void apply(GuestMemory memory, VirtualCpu cpu) {
    for (Piece piece : pieces) {
      write(memory, piece);
    }
    entry.apply(cpu);
  }

  /** Leaves out pages of zeros, so that they need no machine memory. */
  private static void write(GuestMemory memory, Piece piece) {
    int end = piece.offset() + piece.lengthBytes();
    int runStart = piece.offset();
    int at = runStart;
    while (at < end) {
      int next = Math.min(at + PAGE_BYTES, end);
      if (Arrays.equals(piece.bytes(), at, next, ZEROS, 0, next - at)) {
        write(memory, piece, runStart, at);
        runStart = next;
      }
      at = next;
    }
    write(memory, piece, runStart, end);
  }

  private static void write(GuestMemory memory, Piece piece, int from, int to) {
    long gpa = piece.gpa() + (from - piece.offset());
    if (from < to && !memory.write(gpa, piece.bytes(), from, to - from)) {
      throw new BootException("the guest has no memory at 0x" + Long.toHexString(gpa));
    }
  }
}

package dev.ringzero.memory;

import dev.ringzero.x86.Ept;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Where a VM's RAM is in machine memory now.
 *
 * @param pieces in the order of gpa
 */
public record FrameMap(List<Piece> pieces) {
  /** What backs a piece. */
  public enum Kind {
    /** Nothing yet: it was never touched. */
    UNTOUCHED,
    /** Nothing any more: the guest gave it back. */
    GIVEN_BACK,
    /** The common frames of zeros: it was only read. */
    ZERO,
    /** Frames that other VMs have too. */
    SHARED,
    /** The VM's own frames. */
    OWN
  }

  /**
   * Pages that follow each other in both spaces.
   *
   * @param gpa of the first byte
   * @param pages of 4 KiB
   * @param mfn of the first page; {@link FramePool#NONE} if nothing backs them
   * @param large whether they are mapped as pages of 2 MiB
   */
  public record Piece(long gpa, long pages, long mfn, Kind kind, boolean large) {
    private boolean continues(Piece before) {
      boolean backed = mfn != FramePool.NONE && kind != Kind.ZERO;
      return before.kind == kind
          && before.large == large
          && before.gpa + (before.pages << FramePool.FRAME_SHIFT) == gpa
          && (!backed || before.mfn + before.pages == mfn);
    }

    private Piece and(Piece next) {
      return new Piece(gpa, pages + next.pages, mfn, kind, large);
    }
  }

  static FrameMap of(FramePool pool, EptTable table, List<RamRange> ram, BitSet givenBack) {
    List<Piece> pieces = new ArrayList<>();
    for (RamRange range : ram) {
      for (long gpa = range.gpa(); gpa < range.end(); ) {
        Piece piece = piece(pool, table, gpa, givenBack);
        gpa += piece.pages << FramePool.FRAME_SHIFT;
        if (!pieces.isEmpty() && piece.continues(pieces.getLast())) {
          piece = pieces.removeLast().and(piece);
        }
        pieces.add(piece);
      }
    }
    return new FrameMap(pieces);
  }

  private static Piece piece(FramePool pool, EptTable table, long gpa, BitSet givenBack) {
    long leaf = table.leaf(gpa);
    if (leaf == 0) {
      boolean back = givenBack.get((int) (gpa >>> FramePool.FRAME_SHIFT));
      return new Piece(gpa, 1, FramePool.NONE, back ? Kind.GIVEN_BACK : Kind.UNTOUCHED, false);
    }
    long size = table.mappedSize(gpa);
    long mfn = (leaf & Ept.ADDRESS & -size) >>> FramePool.FRAME_SHIFT;
    Kind kind = Kind.OWN;
    if (pool.isZeroFrame(mfn)) {
      kind = Kind.ZERO;
    } else if ((leaf & Ept.WRITE) == 0) {
      kind = Kind.SHARED;
    }
    return new Piece(gpa, size >>> FramePool.FRAME_SHIFT, mfn, kind, size > EptTable.SIZE_4K);
  }

  /** Pages of a kind. */
  public long pages(Kind kind) {
    return pieces.stream().filter(piece -> piece.kind == kind).mapToLong(Piece::pages).sum();
  }
}

package dev.ringzero.cpu.paging;

import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Efer;

/**
 * How linear addresses are translated.
 *
 * <p>Not modelled: 5-level paging.
 *
 * @spec Intel SDM Vol. 3A, "Paging Modes and Control Bits"
 */
public enum PagingMode {
  /** CR0.PG is clear: linear addresses are physical. */
  NONE(0, 0, 0),
  /** Two levels of 32-bit entries. */
  BITS_32(22, 10, 4),
  /** Two levels of 64-bit entries below four registers. */
  PAE(21, 9, 8),
  /** Four levels of 64-bit entries. */
  FOUR_LEVEL(39, 9, 8);

  /** Lowest bit of the linear address that the top table is indexed with. */
  final int topShift;

  /** Bits of the linear address that each table is indexed with. */
  final int indexBits;

  final int entryBytes;

  /** Lowest bit of the linear address that the top table is indexed with. */
  public int topShift() {
    return topShift;
  }

  /** Bits of the linear address that each table is indexed with. */
  public int indexBits() {
    return indexBits;
  }

  public int entryBytes() {
    return entryBytes;
  }

  PagingMode(int topShift, int indexBits, int entryBytes) {
    this.topShift = topShift;
    this.indexBits = indexBits;
    this.entryBytes = entryBytes;
  }

  /** The mode that control registers choose. */
  public static PagingMode of(long cr0, long cr4, long efer) {
    if ((cr0 & Cr0.PG) == 0) {
      return NONE;
    }
    if ((cr4 & Cr4.PAE) == 0) {
      return BITS_32;
    }
    return (efer & Efer.LMA) == 0 ? PAE : FOUR_LEVEL;
  }
}

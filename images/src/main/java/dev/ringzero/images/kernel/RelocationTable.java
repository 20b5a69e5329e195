package dev.ringzero.images.kernel;

import dev.ringzero.images.kernel.ElfKernel.LoadSegment;
import java.util.Optional;

/**
 * The addresses in a kernel that depend on where it runs. The kernel's build puts them behind the
 * ELF file, as sign-extended 32-bit virtual addresses in lists, each behind a zero: places that
 * hold 64-bit addresses, places that hold negated 32-bit ones (not in every kernel), places that
 * hold 32-bit ones.
 *
 * @spec Linux arch/x86/boot/compressed/misc.c, handle_relocations
 */
public final class RelocationTable {
  private static final int ENTRY_BYTES = 4;
  private static final long START_KERNEL_MAP = 0xFFFF_FFFF_8000_0000L;

  private final int wideStart;
  private final int inverseStart;
  private final int narrowStart;
  private final int end;

  private RelocationTable(int wideStart, int inverseStart, int narrowStart, int end) {
    this.wideStart = wideStart;
    this.inverseStart = inverseStart;
    this.narrowStart = narrowStart;
    this.end = end;
  }

  /**
   * Finds the table.
   *
   * @param start where the ELF file ends
   * @return empty if there is none, or none of the known form
   */
  static Optional<RelocationTable> behind(byte[] file, long start) {
    if (start < 0 || start > file.length - 2 * ENTRY_BYTES) {
      return Optional.empty();
    }
    int end = file.length;
    int narrow = listStart(file, end, (int) start);
    int second = listStart(file, narrow - ENTRY_BYTES, (int) start);
    if (narrow < 0 || second < 0) {
      return Optional.empty();
    }
    int third = listStart(file, second - ENTRY_BYTES, (int) start);
    return Optional.of(
        third < 0
            ? new RelocationTable(second, narrow, narrow, end)
            : new RelocationTable(third, second, narrow, end));
  }

  /** Start of the list that ends there, which is behind the last zero before it; or -1. */
  private static int listStart(byte[] file, int end, int limit) {
    for (int at = end - ENTRY_BYTES; at >= limit; at -= ENTRY_BYTES) {
      if (Bytes.read32(file, at) == 0) {
        return at + ENTRY_BYTES;
      }
    }
    return -1;
  }

  void apply(ElfKernel kernel, long distanceBytes) {
    Places places = new Places(kernel);
    byte[] file = kernel.file();
    for (int at = narrowStart; at < end; at += ENTRY_BYTES) {
      Bytes.add32(file, places.offset(Bytes.read32(file, at), Integer.BYTES), distanceBytes);
    }
    for (int at = inverseStart; at < narrowStart - ENTRY_BYTES; at += ENTRY_BYTES) {
      Bytes.add32(file, places.offset(Bytes.read32(file, at), Integer.BYTES), -distanceBytes);
    }
    int wideEnd = inverseStart - ENTRY_BYTES;
    for (int at = wideStart; at < wideEnd; at += ENTRY_BYTES) {
      Bytes.add64(file, places.offset(Bytes.read32(file, at), Long.BYTES), distanceBytes);
    }
  }

  /** Finds the byte of the file that is loaded for a virtual address. */
  private static final class Places {
    private final ElfKernel kernel;
    private LoadSegment last;

    Places(ElfKernel kernel) {
      this.kernel = kernel;
      this.last = kernel.segments().getFirst();
    }

    int offset(long entry, int sizeBytes) {
      long gpa = (int) entry - START_KERNEL_MAP;
      if (!holds(last, gpa, sizeBytes)) {
        last = find(gpa, sizeBytes);
      }
      return (int) (gpa - last.gpa()) + last.fileOffset();
    }

    private LoadSegment find(long gpa, int sizeBytes) {
      for (LoadSegment segment : kernel.segments()) {
        if (holds(segment, gpa, sizeBytes)) {
          return segment;
        }
      }
      throw new MalformedKernelException("has a relocation outside its segments");
    }

    private static boolean holds(LoadSegment segment, long gpa, int sizeBytes) {
      return gpa >= segment.gpa() && gpa + sizeBytes <= segment.gpa() + segment.fileBytes();
    }
  }
}

package dev.ringzero.vmm.boot;

import dev.ringzero.images.kernel.ElfKernel.LoadSegment;
import dev.ringzero.images.kernel.MultibootKernel;
import dev.ringzero.images.kernel.MultibootKernel.Module;
import dev.ringzero.vmm.boot.BootPlan.Piece;
import java.util.ArrayList;
import java.util.List;

/**
 * Puts a multiboot kernel at the place it names, its modules behind it, and behind these what it is
 * told.
 *
 * @spec Multiboot Specification 0.6.96, "Machine state"
 * @spec Multiboot2 Specification 2.0, "I386 machine state"
 */
final class MultibootLoader {
  private static final long PAGE_BYTES = 4096;

  /** What a kernel finds in EAX, so that it knows who loaded it. */
  private static final long LOADED_BY_1 = 0x2BAD_B002L;

  private static final long LOADED_BY_2 = 0x36D7_6289L;

  private final MultibootKernel kernel;
  private final MemoryMap map;
  private final List<Piece> pieces = new ArrayList<>();

  /** A module in its place. */
  record PlacedModule(long gpa, long endGpa, String words) {}

  MultibootLoader(MultibootKernel kernel, MemoryMap map) {
    this.kernel = kernel;
    this.map = map;
  }

  List<Piece> pieces() {
    return pieces;
  }

  EntryState load(String commandLine) {
    long next = Math.max(BootLayout.BIOS_END, aligned(kernel.endGpa()));
    for (LoadSegment segment : kernel.segments()) {
      checkPlace(segment.gpa(), segment.gpa() + segment.memoryBytes());
      pieces.add(
          new Piece(segment.gpa(), kernel.file(), segment.fileOffset(), segment.fileBytes()));
    }
    List<PlacedModule> modules = new ArrayList<>();
    for (Module module : kernel.modules()) {
      long end = next + module.bytes().length;
      checkPlace(next, end);
      pieces.add(new Piece(next, module.bytes()));
      modules.add(new PlacedModule(next, end, module.words()));
      next = aligned(end);
    }
    byte[] information =
        kernel.version() == 1
            ? new MultibootInformation(next, map).version1(commandLine, modules)
            : new MultibootInformation(next, map).version2(commandLine, modules);
    checkPlace(next, next + information.length);
    pieces.add(new Piece(next, information));
    long loadedBy = kernel.version() == 1 ? LOADED_BY_1 : LOADED_BY_2;
    return EntryState.multiboot(kernel.entryGpa(), loadedBy, next);
  }

  private static long aligned(long gpa) {
    return gpa + PAGE_BYTES - 1 & -PAGE_BYTES;
  }

  private void checkPlace(long gpa, long endGpa) {
    boolean low = gpa >= BootLayout.START_INFO && endGpa <= BootLayout.BIOS_DATA;
    boolean high = gpa >= BootLayout.BIOS_END && endGpa <= map.lowRamEnd();
    if (low || high) {
      return;
    }
    if (gpa >= BootLayout.BIOS_END && gpa < 1L << 32) {
      throw new BootException(
          "memory is too small for this kernel and its modules, which need "
              + Sizes.mebibytes(endGpa)
              + "; give more with --memory");
    }
    throw new BootException(
        "the kernel wants to be at 0x%x, where there is no room for it".formatted(gpa));
  }
}

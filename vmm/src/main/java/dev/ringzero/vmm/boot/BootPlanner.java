package dev.ringzero.vmm.boot;

import dev.ringzero.images.kernel.BzImage;
import dev.ringzero.images.kernel.ElfKernel;
import dev.ringzero.images.kernel.ElfKernel.LoadSegment;
import dev.ringzero.images.kernel.Kernel;
import dev.ringzero.images.kernel.MultibootKernel;
import dev.ringzero.images.kernel.ResidentKernel;
import dev.ringzero.images.kernel.SetupHeader;
import dev.ringzero.vmm.boot.BootPlan.Piece;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Decides how to boot a kernel: an unpacked Linux kernel by the 64-bit boot protocol at a random
 * place (a 32-bit one by the 32-bit protocol where it is linked), a bare ELF kernel by its PVH
 * entry where it has one, a bzImage that we cannot unpack by its own decompressor, and what asks
 * for a multiboot loader as such a loader does.
 */
public final class BootPlanner {
  private static final long PAGE_PRESENT = 1;
  private static final long PAGE_WRITABLE = 1 << 1;
  private static final long PAGE_LARGE = 1 << 7;
  private static final int TABLE_BYTES = 4096;
  private static final int ENTRIES = 512;
  private static final int MAPPED_GIBIBYTES = 4;
  private static final int LARGE_PAGE_SHIFT = 21;
  private static final long DEFAULT_COMMAND_LINE_BYTES = 2047;

  private final BootRequest request;
  private final MemoryMap map;
  private final InitrdPlace initrd;
  private final List<Piece> pieces = new ArrayList<>();

  private BootPlanner(BootRequest request) {
    this.request = request;
    this.map = MemoryMap.of(request.ram(), request.reserved());
    this.initrd =
        InitrdPlace.below(map.lowRamEnd(), request.initrd().map(bytes -> bytes.length).orElse(0));
  }

  /**
   * Makes the plan.
   *
   * @throws BootException if the kernel or the initrd does not fit into the machine
   */
  public static BootPlan plan(BootRequest request) {
    return new BootPlanner(request).plan();
  }

  private BootPlan plan() {
    EntryState entry = kernel(request.kernel());
    request.initrd().ifPresent(bytes -> pieces.add(new Piece(initrd.gpa(), bytes)));
    pieces.add(new Piece(BootLayout.GDT, descriptorTable(entry.mode())));
    return new BootPlan(List.copyOf(pieces), entry);
  }

  private EntryState kernel(Kernel kernel) {
    return switch (kernel) {
      case ElfKernel elf when elf.header().isEmpty() && elf.pvhEntryGpa().isPresent() -> pvh(elf);
      case ElfKernel elf -> unpacked(elf);
      case BzImage image -> packed(image);
      case MultibootKernel multiboot -> multiboot(multiboot);
      case ResidentKernel ignored ->
          throw new BootException("a machine that is to be restored cannot be booted");
    };
  }

  private EntryState multiboot(MultibootKernel kernel) {
    MultibootLoader loader = new MultibootLoader(kernel, map);
    EntryState entry = loader.load(request.commandLine());
    pieces.addAll(BiosData.pieces());
    pieces.addAll(loader.pieces());
    return entry;
  }

  private EntryState unpacked(ElfKernel kernel) {
    KernelPlace place = KernelPlace.choose(kernel, request, initrd.gpa());
    kernel.moveVirtually(place.virtualOffset() - kernel.linkedGpa());
    long distance = place.gpa() - kernel.linkedGpa();
    load(kernel, distance);
    linuxParameters(kernel.header(), place.random());
    long entry = kernel.entryGpa() + distance;
    boolean is64Bit = kernel.header().map(SetupHeader::has64BitEntry).orElse(true);
    return is64Bit ? EntryState.linux64(entry) : EntryState.linux32(entry);
  }

  private EntryState packed(BzImage image) {
    long gpa = image.header().preferredGpa();
    long end = gpa + image.header().initBytes();
    if (end > initrd.gpa()) {
      throw new BootException(
          "memory is too small for this kernel, which needs "
              + Sizes.mebibytes(end)
              + " and room for the initrd; give more with --memory");
    }
    pieces.add(new Piece(gpa, image.protectedModeKernel()));
    linuxParameters(Optional.of(image.header()), false);
    return image.header().has64BitEntry()
        ? EntryState.linux64(gpa + BzImage.ENTRY_64_OFFSET)
        : EntryState.linux32(gpa);
  }

  private EntryState pvh(ElfKernel kernel) {
    KernelPlace.fitting(kernel.linkedGpa(), kernel, initrd.gpa());
    load(kernel, 0);
    commandLine(DEFAULT_COMMAND_LINE_BYTES);
    pieces.add(
        new Piece(
            BootLayout.START_INFO, StartInfo.bytes(map, initrd, request.rsdpGpa().orElse(0))));
    return EntryState.pvh(kernel.pvhEntryGpa().getAsLong());
  }

  private void load(ElfKernel kernel, long distanceBytes) {
    if (kernel.linkedGpa() + distanceBytes < BootLayout.BIOS_END) {
      throw new BootException("the kernel wants to be in the first megabyte, where it has no room");
    }
    for (LoadSegment segment : kernel.segments()) {
      pieces.add(
          new Piece(
              segment.gpa() + distanceBytes,
              kernel.file(),
              segment.fileOffset(),
              segment.fileBytes()));
    }
  }

  private void linuxParameters(Optional<SetupHeader> header, boolean randomized) {
    commandLine(header.map(SetupHeader::commandLineBytes).orElse(DEFAULT_COMMAND_LINE_BYTES));
    ZeroPage page = new ZeroPage(header).memoryMap(map);
    request.rsdpGpa().ifPresent(page::rsdp);
    if (initrd.lengthBytes() > 0) {
      page.initrd(initrd.gpa(), initrd.lengthBytes());
    }
    if (randomized) {
      page.randomized();
    }
    pieces.add(new Piece(BootLayout.ZERO_PAGE, page.bytes()));
    pieces.add(new Piece(BootLayout.PAGE_TABLES, identityTables()));
  }

  private void commandLine(long longestBytes) {
    byte[] text = (request.commandLine() + '\0').getBytes(StandardCharsets.UTF_8);
    long longest = Math.min(longestBytes, BootLayout.LONGEST_COMMAND_LINE - 1);
    if (text.length - 1 > longest) {
      throw new BootException(
          "the kernel's command line has "
              + (text.length - 1)
              + " bytes, and this kernel takes at most "
              + longest);
    }
    pieces.add(new Piece(BootLayout.COMMAND_LINE, text));
  }

  /** Tables that map the first 4 GiB to themselves in pages of 2 MiB. */
  private static byte[] identityTables() {
    Structure tables = new Structure((2 + MAPPED_GIBIBYTES) * TABLE_BYTES);
    long table = PAGE_PRESENT | PAGE_WRITABLE;
    tables.put64(0, BootLayout.PAGE_TABLES + TABLE_BYTES | table);
    for (int i = 0; i < MAPPED_GIBIBYTES; i++) {
      long directory = BootLayout.PAGE_TABLES + (2L + i) * TABLE_BYTES;
      tables.put64(TABLE_BYTES + i * Long.BYTES, directory | table);
    }
    for (int i = 0; i < MAPPED_GIBIBYTES * ENTRIES; i++) {
      long page = (long) i << LARGE_PAGE_SHIFT;
      tables.put64(2 * TABLE_BYTES + i * Long.BYTES, page | PAGE_LARGE | table);
    }
    return tables.array();
  }

  private static byte[] descriptorTable(EntryState.Mode mode) {
    long code =
        switch (mode) {
          case LONG_64 -> 0x00AF_9B00_0000_FFFFL;
          case PROTECTED_32 -> 0x00CF_9B00_0000_FFFFL;
        };
    return new Structure(BootLayout.GDT_BYTES)
        .put64(BootLayout.CODE_SELECTOR, code)
        .put64(BootLayout.DATA_SELECTOR, 0x00CF_9300_0000_FFFFL)
        .put64(BootLayout.TSS_SELECTOR, 0x0000_8B00_0000_0067L)
        .array();
  }
}

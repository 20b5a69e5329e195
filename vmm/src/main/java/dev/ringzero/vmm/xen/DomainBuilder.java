package dev.ringzero.vmm.xen;

import dev.ringzero.images.kernel.ElfKernel;
import dev.ringzero.images.kernel.XenNotes;
import dev.ringzero.memory.FramePool;
import dev.ringzero.memory.MachineMemory;
import dev.ringzero.vmm.boot.BootException;
import dev.ringzero.vmm.xen.FrameTable.Type;
import dev.ringzero.x86.PageEntry;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.LongToIntFunction;

/**
 * Puts a paravirtual kernel into a new domain: the kernel at its place, then, page after page, its
 * ramdisk, the list of its machine frames, the start information, console, first page tables and
 * stack; and the tables that map all that.
 *
 * @spec Xen public/xen.h, "Start-of-day memory layout"
 */
final class DomainBuilder {
  private static final int PAGE = FramePool.FRAME_BYTES;
  private static final long LARGEST_ALIGNMENT = 4 << 20;
  private static final long SPARE_BYTES = 512 << 10;
  private static final int COMMAND_LINE_BYTES = 1024;
  private static final int RAMDISK_IS_A_PAGE_NUMBER = 1 << 3;

  private static final long UPPER =
      PageEntry.P | PageEntry.RW | PageEntry.US | PageEntry.A | PageEntry.D;
  private static final long WRITABLE = PageEntry.P | PageEntry.RW | PageEntry.A | PageEntry.D;
  private static final long READ_ONLY = PageEntry.P | PageEntry.A | PageEntry.D;

  private final XenDomain domain;
  private final ElfKernel kernel;
  private final XenNotes notes;
  private long next;

  /** Where the kernel ends: behind it is nothing to execute. */
  private long kernelPages;

  /** Where a guest starts. */
  record Start(long entry, long startInfo, long stack, long tableMfn) {}

  DomainBuilder(XenDomain domain, ElfKernel kernel) {
    this.domain = domain;
    this.kernel = kernel;
    this.notes =
        XenNotes.of(kernel)
            .orElseThrow(() ->
                new BootException(
                    "the kernel has no Xen notes: it cannot run with"
                        + " --memory-virtualization direct"));
  }

  /**
   * Builds the domain.
   *
   * @param store gets the machine address of the store's ring, and gives its event channel
   */
  Start build(
      Optional<byte[]> initrd, String commandLine, int consolePort, LongToIntFunction store) {
    loadKernel();
    kernelPages = next;
    long ramdiskPfn = next;
    initrd.ifPresent(bytes -> {
      write(ramdiskPfn * PAGE, bytes, 0, bytes.length);
      next += pages(bytes.length);
    });
    int count = domain.pages();
    long listPfn = next;
    next += pages(count * 8L);
    long listTables = notes.machineTable() == 0 ? 0 : 2 + pages(pages(count * 8L) * 8);
    long listTablesPfn = next; // right behind the list: the guest is told of both as one range
    next += listTables;
    long startInfoPfn = next++;
    long storePfn = next++;
    long consolePfn = next++;
    long tablesPfn = next;
    long tables = tableCount(tablesPfn);
    next += tables;
    long stackPfn = next++;
    if (next + 1024 > count) {
      throw new BootException("the kernel and its ramdisk do not fit into the guest's memory");
    }
    writeList(listPfn, count);
    long table = mapAll(tablesPfn, tables);
    if (notes.machineTable() != 0) {
      mapList(table, listTablesPfn, listPfn, pages(count * 8L));
    }
    fillHypercallPage();
    StartInfo info = new StartInfo(startInfoPfn);
    info.text(0, "xen-3.0-x86_64", 32);
    info.word(32, count);
    info.word(40, domain.sharedInfoHpa);
    info.half(48, initrd.isPresent() ? RAMDISK_IS_A_PAGE_NUMBER : 0);
    info.word(56, sharedPage(storePfn));
    info.half(64, store.applyAsInt(hpa(storePfn)));
    info.word(72, sharedPage(consolePfn));
    domain.console.page(hpa(consolePfn));
    info.half(80, consolePort);
    info.word(88, notes.base() + tablesPfn * PAGE);
    info.word(96, tables);
    info.word(
        104, notes.machineTable() != 0 ? notes.machineTable() : notes.base() + listPfn * PAGE);
    if (initrd.isPresent()) {
      info.word(112, ramdiskPfn);
      info.word(120, initrd.get().length);
    }
    info.text(128, commandLine, COMMAND_LINE_BYTES);
    info.word(1152, listPfn);
    info.word(1160, pages(count * 8L) + listTables);
    pin(table);
    return new Start(
        notes.entry(),
        notes.base() + startInfoPfn * PAGE,
        notes.base() + (stackPfn + 1) * PAGE,
        table);
  }

  /** Empties a page and keeps it writable for good. */
  private long sharedPage(long pfn) {
    long mfn = domain.frames.mfn((int) pfn);
    MachineMemory.fill(hpa(pfn), PAGE, 0);
    domain.tables.take(mfn, Type.WRITABLE);
    domain.frames.reference(mfn);
    return mfn;
  }

  /** The page of start information. */
  private final class StartInfo {
    private final long pfn;

    StartInfo(long pfn) {
      this.pfn = pfn;
    }

    void word(int offset, long value) {
      MachineMemory.write64(hpa(pfn) + offset, value);
    }

    void half(int offset, long value) {
      MachineMemory.write32(hpa(pfn) + offset, value);
    }

    void text(int offset, String text, int room) {
      byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
      if (bytes.length >= room) {
        throw new BootException(
            "the kernel's command line is longer than " + (room - 1) + " bytes");
      }
      MachineMemory.write(hpa(pfn) + offset, bytes, 0, bytes.length);
    }
  }

  private static long pages(long bytes) {
    return (bytes + PAGE - 1) / PAGE;
  }

  private long hpa(long pfn) {
    return domain.frames.mfn((int) pfn) << FramePool.FRAME_SHIFT;
  }

  private void write(long gpa, byte[] bytes, int offset, int lengthBytes) {
    if (gpa / PAGE + pages(lengthBytes) >= domain.pages()
        || !domain.memory.write(gpa, bytes, offset, lengthBytes)) {
      throw new BootException("the kernel and its ramdisk do not fit into the guest's memory");
    }
  }

  private void loadKernel() {
    for (ElfKernel.LoadSegment segment : kernel.segments()) {
      write(segment.gpa(), kernel.file(), segment.fileOffset(), segment.fileBytes());
      next = Math.max(next, pages(segment.gpa() + segment.memoryBytes()));
    }
  }

  private void writeList(long listPfn, int count) {
    byte[] page = new byte[PAGE];
    java.nio.LongBuffer words =
        java.nio.ByteBuffer.wrap(page).order(java.nio.ByteOrder.LITTLE_ENDIAN).asLongBuffer();
    for (int first = 0; first < count; first += 512) {
      Arrays.fill(page, (byte) 0);
      for (int i = 0; i < 512 && first + i < count; i++) {
        words.put(i, domain.frames.mfn(first + i));
      }
      MachineMemory.write(hpa(listPfn + first / 512), page, 0, PAGE);
    }
  }

  /** Tables for the region from the first page to some space behind the stack. */
  private long tableCount(long firstPfn) {
    long tables = 3;
    while (true) {
      long end = (firstPfn + tables + 1) * PAGE + SPARE_BYTES;
      long region = (end + LARGEST_ALIGNMENT - 1) & -LARGEST_ALIGNMENT;
      long lowest = region >>> 21;
      if (3 + lowest <= tables) {
        return tables;
      }
      tables = 3 + lowest;
    }
  }

  private long mapAll(long tablesPfn, long tables) {
    for (long pfn = tablesPfn; pfn < tablesPfn + tables; pfn++) {
      MachineMemory.fill(hpa(pfn), PAGE, 0);
    }
    long level4 = hpa(tablesPfn);
    long level3 = hpa(tablesPfn + 1);
    long level2 = hpa(tablesPfn + 2);
    long base = notes.base();
    MachineMemory.write64(level4 + (base >>> 39 & 511) * 8, level3 | UPPER);
    MachineMemory.write64(level3 + (base >>> 30 & 511) * 8, level2 | UPPER);
    for (long n = 0; n < tables - 3; n++) {
      long level1 = hpa(tablesPfn + 3 + n);
      MachineMemory.write64(level2 + ((base >>> 21 & 511) + n) * 8, level1 | UPPER);
      for (int i = 0; i < 512; i++) {
        long pfn = n * 512 + i;
        if (pfn < domain.pages()) {
          boolean table = pfn >= tablesPfn && pfn < tablesPfn + tables;
          long data = pfn >= kernelPages ? PageEntry.XD : 0;
          MachineMemory.write64(level1 + i * 8L, hpa(pfn) | (table ? READ_ONLY : WRITABLE) | data);
        }
      }
    }
    return domain.frames.mfn((int) tablesPfn);
  }

  private void mapList(long tableMfn, long tablesPfn, long listPfn, long listPages) {
    long at = notes.machineTable();
    long count = 2 + pages(listPages * 8);
    for (long pfn = tablesPfn; pfn < tablesPfn + count; pfn++) {
      MachineMemory.fill(hpa(pfn), PAGE, 0);
    }
    long level4 = tableMfn << FramePool.FRAME_SHIFT;
    MachineMemory.write64(level4 + (at >>> 39 & 511) * 8, hpa(tablesPfn) | UPPER);
    MachineMemory.write64(hpa(tablesPfn) + (at >>> 30 & 511) * 8, hpa(tablesPfn + 1) | UPPER);
    for (long page = 0; page < listPages; page++) {
      long level1 = hpa(tablesPfn + 2 + page / 512);
      MachineMemory.write64(
          hpa(tablesPfn + 1) + ((at >>> 21 & 511) + page / 512) * 8, level1 | UPPER);
      MachineMemory.write64(level1 + page % 512 * 8, hpa(listPfn + page) | WRITABLE);
    }
    protect(tableMfn, tablesPfn, count);
  }

  /** The first mapping of these pages, which are tables too, loses its right to write. */
  private void protect(long tableMfn, long firstPfn, long count) {
    GuestAccess access = new GuestAccess();
    access.root(tableMfn << FramePool.FRAME_SHIFT);
    for (long pfn = firstPfn; pfn < firstPfn + count; pfn++) {
      try {
        long entry = access.entryHpa(notes.base() + pfn * PAGE);
        MachineMemory.write64(entry, MachineMemory.read64(entry) & ~PageEntry.RW);
      } catch (XenError e) {
        return; // it lies behind what is mapped
      }
    }
  }

  /** Older kernels call a page that the monitor fills: 32 bytes for each hypercall. */
  private void fillHypercallPage() {
    if (notes.hypercallPage() == 0) {
      return;
    }
    byte[] page = new byte[PAGE];
    Arrays.fill(page, (byte) 0xCC);
    for (int number = 0; number < PAGE / 32; number++) {
      byte[] call =
          number == 23
              ? new byte[] {0x51, 0x41, 0x53, 0x50, (byte) 0xB8, (byte) number, 0, 0, 0, 0x0F, 5}
              : new byte[] {
                0x51,
                0x41,
                0x53,
                (byte) 0xB8,
                (byte) number,
                0,
                0,
                0,
                0x0F,
                5,
                0x41,
                0x5B,
                0x59,
                (byte) 0xC3
              };
      System.arraycopy(call, 0, page, number * 32, call.length);
    }
    MachineMemory.write(hpa((notes.hypercallPage() - notes.base()) / PAGE), page, 0, PAGE);
  }

  private void pin(long tableMfn) {
    try {
      domain.tables.take(tableMfn, Type.L4);
      domain.frames.pin(tableMfn, true);
    } catch (XenError e) {
      throw new IllegalStateException("the first page tables are not valid", e);
    }
  }
}

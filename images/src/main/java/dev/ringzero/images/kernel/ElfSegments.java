package dev.ringzero.images.kernel;

import dev.ringzero.images.kernel.ElfKernel.LoadSegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What of an x86 ELF file of either class belongs into memory, and where it starts.
 *
 * @param segments in the file's order, none of them empty
 * @param entry as the header has it: a virtual address
 * @spec System V ABI gABI, Program Loading
 */
record ElfSegments(List<LoadSegment> segments, long entry) {
  private static final int ELFCLASS32 = 1;
  private static final int ELFDATA2LSB = 1;
  private static final int EM_386 = 3;
  private static final int EM_X86_64 = 62;
  private static final int EI_CLASS = 4;
  private static final int EI_DATA = 5;
  private static final int E_MACHINE = 18;
  private static final int E_ENTRY = 24;
  private static final int PT_LOAD = 1;
  private static final int LONGEST_HEADER_BYTES = 64;

  /** Where the fields of a class lie that differ between the classes. */
  private enum Form {
    CLASS_32(28, 42, 44, 4, 8, 12, 16, 20, 32),
    CLASS_64(32, 54, 56, 8, 16, 24, 32, 40, 56);

    private final int phoff;
    private final int phentsize;
    private final int phnum;
    private final int offset;
    private final int vaddr;
    private final int paddr;
    private final int filesz;
    private final int memsz;
    private final int programHeaderBytes;

    Form(
        int phoff,
        int phentsize,
        int phnum,
        int offset,
        int vaddr,
        int paddr,
        int filesz,
        int memsz,
        int programHeaderBytes) {
      this.phoff = phoff;
      this.phentsize = phentsize;
      this.phnum = phnum;
      this.offset = offset;
      this.vaddr = vaddr;
      this.paddr = paddr;
      this.filesz = filesz;
      this.memsz = memsz;
      this.programHeaderBytes = programHeaderBytes;
    }

    long word(byte[] file, long at) {
      return this == CLASS_32
          ? Bytes.read32(file, checked(file, at, Integer.BYTES))
          : Bytes.read64(file, checked(file, at, Long.BYTES));
    }
  }

  /**
   * Reads the headers.
   *
   * @throws MalformedKernelException if the file is damaged or for another architecture
   */
  static ElfSegments of(byte[] file) {
    checked(file, 0, LONGEST_HEADER_BYTES);
    int machine = Bytes.read16(file, E_MACHINE);
    if (file[EI_DATA] != ELFDATA2LSB || machine != EM_386 && machine != EM_X86_64) {
      throw new MalformedKernelException("is not for x86");
    }
    Form form = file[EI_CLASS] == ELFCLASS32 ? Form.CLASS_32 : Form.CLASS_64;
    List<LoadSegment> segments = new ArrayList<>();
    long entry = form.word(file, E_ENTRY);
    long physicalEntry = entry;
    long table = form.word(file, form.phoff);
    for (int i = 0; i < Bytes.read16(file, form.phnum); i++) {
      int header =
          checked(
              file, table + (long) i * Bytes.read16(file, form.phentsize), form.programHeaderBytes);
      LoadSegment segment = segment(file, form, header);
      if (Bytes.read32(file, header) != PT_LOAD || segment.memoryBytes() == 0) {
        continue;
      }
      segments.add(segment);
      long inSegment = entry - form.word(file, header + form.vaddr);
      if (inSegment >= 0 && inSegment < segment.memoryBytes()) {
        physicalEntry = segment.gpa() + inSegment;
      }
    }
    if (segments.isEmpty()) {
      throw new MalformedKernelException("has nothing to load into memory");
    }
    return new ElfSegments(List.copyOf(segments), physicalEntry);
  }

  /** A 32-bit Linux kernel that these segments are, which runs where it is linked. */
  ElfKernel kernel(SetupHeader header, byte[] file) {
    return new ElfKernel(
        Optional.of(header), file, segments, entry, OptionalLong.empty(), Optional.empty());
  }

  private static LoadSegment segment(byte[] file, Form form, int header) {
    long fileBytes = form.word(file, header + form.filesz);
    long memoryBytes = form.word(file, header + form.memsz);
    int offset = checked(file, form.word(file, header + form.offset), fileBytes);
    long gpa = form.word(file, header + form.paddr);
    if (Long.compareUnsigned(memoryBytes, fileBytes) < 0
        || Long.compareUnsigned(memoryBytes, 1L << 32) > 0
        || Long.compareUnsigned(gpa, 1L << 32) >= 0) {
      throw new MalformedKernelException("has a segment of impossible size or place");
    }
    return new LoadSegment(gpa, offset, (int) fileBytes, memoryBytes);
  }

  private static int checked(byte[] file, long offset, long length) {
    if (offset < 0 || length < 0 || offset > file.length || length > file.length - offset) {
      throw new MalformedKernelException("is cut short");
    }
    return (int) offset;
  }
}

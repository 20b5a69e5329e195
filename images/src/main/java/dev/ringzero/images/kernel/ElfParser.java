package dev.ringzero.images.kernel;

import dev.ringzero.images.kernel.ElfKernel.LoadSegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Reads the headers of an ELF file as far as a boot loader needs them.
 *
 * @spec System V ABI gABI, Program Loading
 * @spec Xen public/elfnote.h, XEN_ELFNOTE_PHYS32_ENTRY
 */
final class ElfParser {
  private static final long MAGIC = 0x464C_457FL;
  private static final int EI_CLASS = 4;
  private static final int EI_DATA = 5;
  private static final int E_MACHINE = 18;
  private static final int E_ENTRY = 24;
  private static final int E_PHOFF = 32;
  private static final int E_SHOFF = 40;
  private static final int E_PHENTSIZE = 54;
  private static final int E_PHNUM = 56;
  private static final int E_SHENTSIZE = 58;
  private static final int E_SHNUM = 60;
  private static final int HEADER_BYTES = 64;

  private static final int ELFCLASS64 = 2;
  private static final int ELFDATA2LSB = 1;
  private static final int EM_X86_64 = 62;

  private static final int P_TYPE = 0;
  private static final int P_OFFSET = 8;
  private static final int P_PADDR = 24;
  private static final int P_FILESZ = 32;
  private static final int P_MEMSZ = 40;
  private static final int PROGRAM_HEADER_BYTES = 56;
  private static final int PT_LOAD = 1;
  private static final int PT_INTERP = 3;
  private static final int PT_NOTE = 4;

  private static final int XEN_ELFNOTE_PHYS32_ENTRY = 18;
  private static final int NOTE_HEADER_BYTES = 12;

  private final byte[] file;

  private ElfParser(byte[] file) {
    this.file = file;
  }

  /** Whether a file that begins so is an ELF file. */
  static boolean begins(byte[] prefix) {
    return prefix.length >= 4 && Bytes.read32(prefix, 0) == MAGIC;
  }

  /**
   * Reads a kernel.
   *
   * @throws MalformedKernelException if the file is not a 64-bit x86 kernel
   */
  static ElfKernel parse(byte[] file, Optional<SetupHeader> header) {
    return new ElfParser(file).kernel(header);
  }

  private ElfKernel kernel(Optional<SetupHeader> header) {
    checkIdentity();
    List<LoadSegment> segments = new ArrayList<>();
    OptionalLong pvhEntry = OptionalLong.empty();
    for (int i = 0; i < Bytes.read16(file, E_PHNUM); i++) {
      int programHeader = programHeader(i);
      switch ((int) Bytes.read32(file, programHeader + P_TYPE)) {
        case PT_LOAD -> segments.add(segment(programHeader));
        case PT_INTERP -> throw new MalformedKernelException("is a program, not a kernel");
        case PT_NOTE -> pvhEntry = pvhEntry(segment(programHeader), pvhEntry);
        default -> {}
      }
    }
    segments.removeIf(segment -> segment.memoryBytes() == 0);
    if (segments.isEmpty()) {
      throw new MalformedKernelException("has nothing to load into memory");
    }
    return new ElfKernel(
        header,
        file,
        List.copyOf(segments),
        Bytes.read64(file, E_ENTRY),
        pvhEntry,
        header.flatMap(any -> RelocationTable.behind(file, endOfSections())));
  }

  private void checkIdentity() {
    if (file.length < HEADER_BYTES) {
      throw new MalformedKernelException("ends inside its ELF header");
    }
    if (file[EI_DATA] != ELFDATA2LSB) {
      throw new MalformedKernelException("is for a big-endian machine");
    }
    if (file[EI_CLASS] != ELFCLASS64) {
      throw new MalformedKernelException(
          "is a 32-bit ELF kernel; a 32-bit kernel can be booted as a bzImage");
    }
    if (Bytes.read16(file, E_MACHINE) != EM_X86_64) {
      throw new MalformedKernelException("is not for x86-64");
    }
  }

  private int programHeader(int index) {
    long offset = Bytes.read64(file, E_PHOFF) + (long) index * Bytes.read16(file, E_PHENTSIZE);
    return checked(offset, PROGRAM_HEADER_BYTES);
  }

  private LoadSegment segment(int programHeader) {
    long fileBytes = Bytes.read64(file, programHeader + P_FILESZ);
    long memoryBytes = Bytes.read64(file, programHeader + P_MEMSZ);
    int offset = checked(Bytes.read64(file, programHeader + P_OFFSET), fileBytes);
    long gpa = Bytes.read64(file, programHeader + P_PADDR);
    if (Long.compareUnsigned(memoryBytes, fileBytes) < 0
        || Long.compareUnsigned(memoryBytes, 1L << 40) > 0
        || Long.compareUnsigned(gpa, 1L << 52) >= 0) {
      throw new MalformedKernelException("has a segment of impossible size or place");
    }
    return new LoadSegment(gpa, offset, (int) fileBytes, memoryBytes);
  }

  private int checked(long offset, long length) {
    if (offset < 0 || length < 0 || offset > file.length || length > file.length - offset) {
      throw new MalformedKernelException("is cut short");
    }
    return (int) offset;
  }

  private OptionalLong pvhEntry(LoadSegment notes, OptionalLong otherwise) {
    int data = xenNote(notes, XEN_ELFNOTE_PHYS32_ENTRY, 4);
    return data < 0 ? otherwise : OptionalLong.of(Bytes.read32(file, data));
  }

  static ElfParser of(byte[] file) {
    ElfParser parser = new ElfParser(file);
    parser.checkIdentity();
    return parser;
  }

  /** The 64-bit value of one of Xen's notes, 0 if there is none. */
  long xenNote(int type) {
    for (int i = 0; i < Bytes.read16(file, E_PHNUM); i++) {
      int programHeader = programHeader(i);
      if (Bytes.read32(file, programHeader + P_TYPE) == PT_NOTE) {
        int data = xenNote(segment(programHeader), type, 8);
        if (data >= 0) {
          return Bytes.read64(file, data);
        }
      }
    }
    return 0;
  }

  /** Where the data of one of Xen's notes lies, or -1. */
  private int xenNote(LoadSegment notes, int wanted, int leastBytes) {
    int position = notes.fileOffset();
    int end = position + notes.fileBytes();
    while (position <= end - NOTE_HEADER_BYTES) {
      long nameBytes = Bytes.read32(file, position);
      long dataBytes = Bytes.read32(file, position + 4);
      long type = Bytes.read32(file, position + 8);
      long data = position + NOTE_HEADER_BYTES + aligned(nameBytes);
      if (data + aligned(dataBytes) > end) {
        break;
      }
      if (type == wanted && isXen(position, nameBytes) && dataBytes >= leastBytes) {
        return (int) data;
      }
      position = (int) (data + aligned(dataBytes));
    }
    return -1;
  }

  private boolean isXen(int note, long nameBytes) {
    return nameBytes == 4 && Bytes.read32(file, note + NOTE_HEADER_BYTES) == 0x6E65_58L; // "Xen"
  }

  private static long aligned(long bytes) {
    return bytes + 3 & ~3L;
  }

  private long endOfSections() {
    return Bytes.read64(file, E_SHOFF)
        + (long) Bytes.read16(file, E_SHENTSIZE) * Bytes.read16(file, E_SHNUM);
  }
}

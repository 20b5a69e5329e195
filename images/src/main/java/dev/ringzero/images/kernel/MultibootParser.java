package dev.ringzero.images.kernel;

import dev.ringzero.images.kernel.ElfKernel.LoadSegment;
import java.util.List;
import java.util.Optional;

/**
 * Finds the header by which a kernel asks for a multiboot loader. Where a file has both headers the
 * first version's counts.
 *
 * <p>Not modelled: a video mode that the kernel asks for, starting it at another place than its
 * own, and entry points for firmware.
 *
 * @spec Multiboot Specification 0.6.96, "The layout of Multiboot header"
 * @spec Multiboot2 Specification 2.0, "The layout of Multiboot2 header"
 */
final class MultibootParser {
  private static final long MAGIC_1 = 0x1BAD_B002L;
  private static final long MAGIC_2 = 0xE852_50D6L;
  private static final int SEARCHED_BYTES_1 = 8192;
  private static final int SEARCHED_BYTES_2 = 32768;

  private static final long ALIGN_MODULES = 1 << 0;
  private static final long ADDRESSES = 1 << 16;
  private static final long REQUIRED = 0xFFFF;
  private static final long UNDERSTOOD = 0x7; // modules' places, memory, video mode

  private static final int TAG_END = 0;
  private static final int TAG_ADDRESS = 2;
  private static final int TAG_ENTRY = 3;
  private static final int TAG_MODULE_ALIGNMENT = 6;
  private static final long LOW_HALF = 0xFFFF_FFFFL;

  private final byte[] file;

  private MultibootParser(byte[] file) {
    this.file = file;
  }

  /**
   * Reads a kernel that has such a header.
   *
   * @return empty if it has none
   * @throws MalformedKernelException if it has one, and cannot be loaded
   */
  static Optional<MultibootKernel> parse(byte[] file) {
    MultibootParser parser = new MultibootParser(file);
    return parser.version1().or(parser::version2);
  }

  private Optional<MultibootKernel> version1() {
    int end = Math.min(file.length, SEARCHED_BYTES_1) - 12;
    for (int at = 0; at <= end; at += 4) {
      if (Bytes.read32(file, at) == MAGIC_1 && sum(at, 3) == 0) {
        return Optional.of(version1(at));
      }
    }
    return Optional.empty();
  }

  private long sum(int at, int words) {
    long sum = 0;
    for (int i = 0; i < words; i++) {
      sum += Bytes.read32(file, at + 4 * i);
    }
    return sum & LOW_HALF;
  }

  private MultibootKernel version1(int header) {
    long flags = Bytes.read32(file, header + 4);
    if ((flags & REQUIRED & ~UNDERSTOOD) != 0) {
      throw new MalformedKernelException(
          "is a multiboot kernel that asks for more than is known (flags 0x%x)".formatted(flags));
    }
    boolean aligns = (flags & ALIGN_MODULES) != 0;
    if ((flags & ADDRESSES) == 0) {
      return elf(1, aligns);
    }
    if (header + 32 > file.length) {
      throw new MalformedKernelException("is cut short");
    }
    LoadSegment segment = segment(header, header + 12);
    return kernel(1, List.of(segment), Bytes.read32(file, header + 28), aligns);
  }

  /** The one segment that four addresses describe: header, load, load end, end of zeros. */
  private LoadSegment segment(int header, int addresses) {
    long headerGpa = Bytes.read32(file, addresses);
    long loadGpa = Bytes.read32(file, addresses + 4);
    long loadEnd = Bytes.read32(file, addresses + 8);
    long zeroEnd = Bytes.read32(file, addresses + 12);
    long offset = loadGpa == LOW_HALF ? 0 : header - (headerGpa - loadGpa);
    long gpa = loadGpa == LOW_HALF ? headerGpa - header : loadGpa;
    long fileBytes = loadEnd == 0 ? file.length - offset : loadEnd - gpa;
    long memoryBytes = Math.max(fileBytes, zeroEnd - gpa);
    if (gpa < 0 || offset < 0 || fileBytes < 0 || offset + fileBytes > file.length) {
      throw new MalformedKernelException("has a multiboot header that does not fit its file");
    }
    return new LoadSegment(gpa, (int) offset, (int) fileBytes, memoryBytes);
  }

  private Optional<MultibootKernel> version2() {
    int end = Math.min(file.length, SEARCHED_BYTES_2) - 16;
    for (int at = 0; at <= end; at += 8) {
      if (Bytes.read32(file, at) == MAGIC_2 && Bytes.read32(file, at + 4) == 0 && sum(at, 4) == 0) {
        return Optional.of(version2(at));
      }
    }
    return Optional.empty();
  }

  private MultibootKernel version2(int header) {
    long end = header + Bytes.read32(file, header + 8);
    boolean aligns = false;
    Optional<LoadSegment> segment = Optional.empty();
    Optional<Long> entry = Optional.empty();
    int tag = header + 16;
    while (tag + 8 <= Math.min(end, file.length)) {
      int type = Bytes.read16(file, tag);
      long size = Bytes.read32(file, tag + 4);
      if (type == TAG_END || size < 8) {
        break;
      }
      if (tag + size > file.length) {
        throw new MalformedKernelException("is cut short");
      }
      switch (type) {
        case TAG_ADDRESS -> segment = size < 24 ? segment : Optional.of(segment(header, tag + 8));
        case TAG_ENTRY -> entry = size < 12 ? entry : Optional.of(Bytes.read32(file, tag + 8));
        case TAG_MODULE_ALIGNMENT -> aligns = true;
        default -> {}
      }
      tag += (int) (size + 7 & ~7L);
    }
    if (segment.isPresent() && entry.isPresent()) {
      return kernel(2, List.of(segment.get()), entry.get(), aligns);
    }
    MultibootKernel elf = elf(2, aligns);
    return kernel(2, elf.segments(), entry.orElse(elf.entryGpa()), aligns);
  }

  private MultibootKernel elf(int version, boolean aligns) {
    if (!ElfParser.begins(file)) {
      throw new MalformedKernelException("has a multiboot header and is no ELF file");
    }
    ElfSegments elf = ElfSegments.of(file);
    return kernel(version, elf.segments(), elf.entry(), aligns);
  }

  private MultibootKernel kernel(
      int version, List<LoadSegment> segments, long entryGpa, boolean aligns) {
    return new MultibootKernel(version, file, segments, entryGpa, aligns, List.of());
  }
}

package dev.ringzero.images.kernel;

import dev.ringzero.images.ImageException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * An unpacked kernel: a 64-bit one, unless the bzImage that it comes out of says otherwise.
 *
 * @param header of the bzImage that it comes out of, if it does
 * @param file all bytes; belongs to this kernel, {@link #moveVirtually} changes it
 * @param segments what to load, in the file's order
 * @param entryGpa where it starts if loaded at its linked place
 * @param pvhEntryGpa where it starts in 32-bit protected mode, if it has that entry
 * @param relocations places to correct when it runs elsewhere, if it has them
 */
public record ElfKernel(
    Optional<SetupHeader> header,
    byte[] file,
    List<LoadSegment> segments,
    long entryGpa,
    OptionalLong pvhEntryGpa,
    Optional<RelocationTable> relocations)
    implements Kernel {

  /** The guest-physical address for which the kernel is linked. */
  public long linkedGpa() {
    return segments.stream().mapToLong(LoadSegment::gpa).min().orElseThrow();
  }

  /** Bytes from {@link #linkedGpa} to the end of the last segment. */
  public long spanBytes() {
    long end = segments.stream().mapToLong(LoadSegment::endGpa).max().orElseThrow();
    return end - linkedGpa();
  }

  /** Contiguous memory that the kernel needs from its start before it knows the memory map. */
  public long initBytes() {
    return header
        .map(SetupHeader::initBytes)
        .filter(bytes -> bytes > spanBytes())
        .orElse(spanBytes());
  }

  /**
   * Corrects the image so that it runs {@code distanceBytes} above the virtual address for which it
   * was linked. Once only.
   *
   * @throws ImageException if the places to correct do not lie in the kernel
   */
  public void moveVirtually(long distanceBytes) {
    if (distanceBytes == 0) {
      return;
    }
    try {
      relocations.orElseThrow().apply(this, distanceBytes);
    } catch (MalformedKernelException e) {
      throw new ImageException("the kernel " + e.getMessage(), e);
    }
  }

  /**
   * A part of the file that belongs into memory.
   *
   * @param gpa where it belongs if the kernel is loaded at its linked place
   * @param fileBytes bytes in the file; the rest up to {@code memoryBytes} is zero
   */
  public record LoadSegment(long gpa, int fileOffset, int fileBytes, long memoryBytes) {
    long endGpa() {
      return gpa + memoryBytes;
    }
  }
}

package dev.ringzero.images.kernel;

import dev.ringzero.images.kernel.ElfKernel.LoadSegment;
import java.util.List;

/**
 * A kernel that a multiboot loader starts in 32-bit protected mode, and what is loaded with it.
 *
 * @param version of the protocol, 1 or 2
 * @param file all bytes
 * @param segments what to load, in the file's order
 * @param entryGpa where it starts
 * @param alignsModules whether it wants its modules at page boundaries
 * @param modules in the order in which it is told of them
 * @spec Multiboot Specification 0.6.96; Multiboot2 Specification 2.0
 */
public record MultibootKernel(
    int version,
    byte[] file,
    List<LoadSegment> segments,
    long entryGpa,
    boolean alignsModules,
    List<Module> modules)
    implements Kernel {

  /**
   * A file that is put into memory beside the kernel.
   *
   * @param words what the kernel is told with it: usually the file's name and its parameters
   */
  public record Module(byte[] bytes, String words) {}

  /** The kernel with these modules. */
  public MultibootKernel with(List<Module> files) {
    return new MultibootKernel(
        version, file, segments, entryGpa, alignsModules, List.copyOf(files));
  }

  /** The first address behind all that is loaded. */
  public long endGpa() {
    return segments.stream().mapToLong(LoadSegment::endGpa).max().orElseThrow();
  }
}

package dev.ringzero.images.kernel;

import java.util.Optional;

/**
 * What a kernel says about how Xen starts it without a virtual processor of its own.
 *
 * @param entry linear address at which it starts
 * @param base linear address of the guest's first page
 * @param machineTable linear address at which it wants the list of its machine frames, or 0
 * @param hypercallPage linear address of a page that it wants filled with hypercalls, or 0
 * @spec Xen public/elfnote.h
 */
public record XenNotes(long entry, long base, long machineTable, long hypercallPage) {
  private static final int ENTRY = 1;
  private static final int HYPERCALL_PAGE = 2;
  private static final int VIRT_BASE = 3;
  private static final int INIT_P2M = 15;

  /** The notes of a kernel, empty if it has none: it cannot run so. */
  public static Optional<XenNotes> of(ElfKernel kernel) {
    try {
      ElfParser file = ElfParser.of(kernel.file());
      long entry = file.xenNote(ENTRY);
      return entry == 0
          ? Optional.empty()
          : Optional.of(
              new XenNotes(
                  entry,
                  file.xenNote(VIRT_BASE),
                  file.xenNote(INIT_P2M),
                  file.xenNote(HYPERCALL_PAGE)));
    } catch (MalformedKernelException e) {
      return Optional.empty();
    }
  }
}

package dev.ringzero.vmm.machine;

import dev.ringzero.images.disk.BackingPolicy;
import dev.ringzero.images.disk.DiskFormat;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A disk of a machine.
 *
 * @param format of the file; empty to go by its name
 * @param backing which files the image may be an overlay of
 * @param queues how many request queues the guest gets; empty for one a processor, up to four
 * @param serial by which the guest knows the disk; empty for its name
 */
public record DiskConfiguration(
    Path file,
    boolean readOnly,
    Optional<DiskFormat> format,
    BackingPolicy backing,
    DiskCache cache,
    OptionalInt queues,
    Optional<String> serial) {

  /** How a disk is written in text. */
  public static final String SYNTAX =
      "FILE[,ro][,format=raw|qcow2][,cache=writeback|writethrough|unsafe][,queues=N][,serial=TEXT]"
          + "[,backing=folder|allow|deny]";

  /** A disk as disks are unless told otherwise. */
  public DiskConfiguration(Path file, boolean readOnly, Optional<DiskFormat> format) {
    this(
        file,
        readOnly,
        format,
        BackingPolicy.FOLDER,
        DiskCache.WRITEBACK,
        OptionalInt.empty(),
        Optional.empty());
  }

  /**
   * Reads a disk as {@link #SYNTAX} says.
   *
   * @throws IllegalArgumentException with a message for the user
   */
  public static DiskConfiguration parse(String text) {
    return new DiskText(text).parse();
  }
}

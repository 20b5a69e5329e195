package dev.ringzero.vmm.boot;

import dev.ringzero.engine.Entropy;
import dev.ringzero.images.kernel.Kernel;
import dev.ringzero.memory.RamRange;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What is to be booted, and in what machine.
 *
 * @param kernel belongs to the plan from here on
 * @param initrd the first file system, if there is one
 * @param commandLine for the kernel
 * @param ram where the machine has RAM, in ascending order
 * @param reserved parts of guest-physical space that the kernel must leave alone, such as PCI's
 *     configuration window
 * @param rsdpGpa where the ACPI tables begin, if there are any
 * @param entropy for the place of the kernel
 */
public record BootRequest(
    Kernel kernel,
    Optional<byte[]> initrd,
    String commandLine,
    List<RamRange> ram,
    List<RamRange> reserved,
    OptionalLong rsdpGpa,
    Entropy entropy) {

  /** Whether the command line has this word. */
  boolean says(String word) {
    return (" " + commandLine + " ").contains(" " + word + " ");
  }

  /** Whether the command line gives this option a value. */
  boolean sets(String option) {
    return (" " + commandLine).contains(" " + option + "=");
  }
}

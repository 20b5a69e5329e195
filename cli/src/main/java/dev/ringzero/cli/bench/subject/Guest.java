package dev.ringzero.cli.bench.subject;

import java.nio.file.Path;

/**
 * What the subjects boot: the same files for all of them.
 *
 * @param kernel a bzImage
 * @param elfKernel the same, unpacked, with a PVH entry
 * @param initrd the first file system
 * @param append further words for the kernel's command line
 */
public record Guest(
    Path kernel, Path elfKernel, Path initrd, int memoryMebibytes, int cpus, String append) {
  /** The kernel's command line. */
  String commandLine() {
    return "console=ttyS0 panic=-1 no_timer_check " + append;
  }
}

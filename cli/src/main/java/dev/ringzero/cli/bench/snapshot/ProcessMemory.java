package dev.ringzero.cli.bench.snapshot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Memory that this process alone has.
 *
 * @param writtenBytes pages of mapped machines' memory that their guests wrote
 * @param otherBytes everything else: heap, stacks, tables, code
 */
record ProcessMemory(long writtenBytes, long otherBytes) {
  private static final Path MAPS = Path.of("/proc/self/smaps");
  private static final String MAPPED_MEMORY = "/ringzero-fork-";
  private static final int KIBIBYTE_SHIFT = 10;

  /** After a collection of garbage, so that what nobody uses does not count. */
  static ProcessMemory now() throws IOException {
    System.gc();
    long written = 0;
    long other = 0;
    boolean machine = false;
    for (String line : Files.readAllLines(MAPS)) {
      if (line.matches("^[0-9a-f]+-[0-9a-f]+ .*")) {
        machine = line.contains(MAPPED_MEMORY);
      } else if (machine && line.startsWith("Private_Dirty:")) {
        written += kibibytes(line);
      } else if (!machine && line.startsWith("Pss:")) {
        other += kibibytes(line);
      }
    }
    return new ProcessMemory(written << KIBIBYTE_SHIFT, other << KIBIBYTE_SHIFT);
  }

  private static long kibibytes(String line) {
    return Long.parseLong(line.replaceAll("\\D", ""));
  }
}

package dev.ringzero.cli.bench.snapshot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Memory that this process alone has.
 *
 * @param writtenBytes pages of mapped machines' memory that their guests wrote
 * @param otherBytes everything else: live objects, stacks, tables, code
 * @param residentBytes all of it, with what the heap keeps beside live objects
 */
record ProcessMemory(long writtenBytes, long otherBytes, long residentBytes) {
  private static final Path MAPS = Path.of("/proc/self/smaps");
  private static final String MAPPED_MEMORY = "/ringzero-fork-";
  private static final int KIBIBYTE_SHIFT = 10;
  private static final int HEXADECIMAL = 16;

  /** First address, name. */
  private static final Pattern MAPPING =
      Pattern.compile("^([0-9a-f]+)-[0-9a-f]+ \\S+ \\S+ \\S+ \\S+\\s*(.*)$");

  /** Below this address a JVM keeps its heap, where it can, and nothing else without a name. */
  private static final long HEAP_END = 1L << 35;

  /** Of the heap, live objects count, after a collection of garbage; not what it keeps in stock. */
  static ProcessMemory now() throws IOException {
    System.gc();
    long written = 0;
    long other = Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    long resident = 0;
    boolean machine = false;
    boolean heap = false;
    for (String line : Files.readAllLines(MAPS)) {
      Matcher mapping = MAPPING.matcher(line);
      if (mapping.matches()) {
        machine = line.contains(MAPPED_MEMORY);
        heap =
            mapping.group(2).isEmpty()
                && Long.parseUnsignedLong(mapping.group(1), HEXADECIMAL) < HEAP_END;
      } else if (machine && line.startsWith("Private_Dirty:")) {
        written += bytes(line);
      } else if (line.startsWith("Pss:")) {
        resident += bytes(line);
        other += machine || heap ? 0 : bytes(line);
      }
    }
    return new ProcessMemory(written, other, resident);
  }

  private static long bytes(String line) {
    return Long.parseLong(line.replaceAll("\\D", "")) << KIBIBYTE_SHIFT;
  }
}

package dev.ringzero.memory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** How much memory the host has, and how much it could still give, in bytes. */
final class HostMemory {
  private static final Path MEMINFO = Path.of("/proc/meminfo");
  private static final Path CGROUP = Path.of("/sys/fs/cgroup");

  /** Assumed where the host does not tell. */
  private static final long UNKNOWN = 8L << 30;

  /** What is left to the host and to this JVM's own growth, at least. */
  private static final long RESERVE = 128L << 20;

  private HostMemory() {}

  static long totalBytes() {
    long total = kilobytes(MEMINFO, "MemTotal:");
    return total < 0 ? UNKNOWN : total << 10;
  }

  /** What can be touched without swapping or meeting the limit of this process's group. */
  static long availableBytes() {
    long available = kilobytes(MEMINFO, "MemAvailable:");
    long host = available < 0 ? UNKNOWN : available << 10;
    return Math.min(host, groupBytes());
  }

  /** The part of what is available that guests may have. */
  static long limitBytes(long availableBytes) {
    return Math.max(0, availableBytes - Math.max(RESERVE, availableBytes >>> 5));
  }

  private static long groupBytes() {
    try {
      String limit = Files.readString(CGROUP.resolve("memory.max")).strip();
      if (limit.equals("max")) {
        return Long.MAX_VALUE;
      }
      long used = Long.parseLong(Files.readString(CGROUP.resolve("memory.current")).strip());
      return Math.max(0, Long.parseLong(limit) - used);
    } catch (IOException | NumberFormatException e) {
      return Long.MAX_VALUE;
    }
  }

  private static long kilobytes(Path file, String name) {
    try {
      List<String> lines = Files.readAllLines(file);
      for (String line : lines) {
        if (line.startsWith(name)) {
          return Long.parseLong(line.substring(name.length()).replace("kB", "").strip());
        }
      }
    } catch (IOException | NumberFormatException e) {
      return -1;
    }
    return -1;
  }
}

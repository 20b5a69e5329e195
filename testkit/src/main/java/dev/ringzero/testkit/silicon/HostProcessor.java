package dev.ringzero.testkit.silicon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/** What the host's processor is. */
public final class HostProcessor {
  private static final Set<String> FEATURES = read();

  private HostProcessor() {}

  /** Features as Linux names them in /proc/cpuinfo ("avx2", "sse4_1"); empty on other hosts. */
  public static Set<String> features() {
    return FEATURES;
  }

  private static Set<String> read() {
    try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(line -> line.startsWith("flags"))
          .findFirst()
          .map(line -> Set.of(line.substring(line.indexOf(':') + 1).trim().split(" ")))
          .orElse(Set.of());
    } catch (IOException e) {
      return Set.of();
    }
  }
}

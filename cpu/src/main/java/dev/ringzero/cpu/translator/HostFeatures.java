package dev.ringzero.cpu.translator;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What the host's processor has, by the names of the instruction table. */
final class HostFeatures {
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");
  private static final Path AUXILIARY_VECTOR = Path.of("/proc/self/auxv");
  private static final int AT_HWCAP2 = 26;
  private static final long HWCAP2_FSGSBASE = 1 << 1;

  /** What emitted code uses for itself. */
  private static final List<String> NEEDED = List.of("AVX", "BMI2", "LAHF_LM");

  /** Names of the host's kernel that differ from those of the table. */
  private static final Map<String, String> RENAMED =
      Map.of("pni", "SSE3", "abm", "LZCNT", "sha_ni", "SHA", "3dnowprefetch", "PRFCHW");

  private HostFeatures() {}

  /** What the translator needs and the host lacks, in one line. */
  static Optional<String> lacking() {
    Set<String> features = read();
    for (String needed : NEEDED) {
      if (!features.contains(needed)) {
        return Optional.of("the host's processor lacks " + needed);
      }
    }
    return (hardwareCapabilities2() & HWCAP2_FSGSBASE) != 0
        ? Optional.empty()
        : Optional.of("the host's kernel does not let programs set the GS base");
  }

  static Set<String> read() {
    Set<String> features = new HashSet<>();
    try (var lines = Files.lines(CPU_INFO)) {
      lines
          .filter(line -> line.startsWith("flags"))
          .limit(1)
          .flatMap(line -> Arrays.stream(line.substring(line.indexOf(':') + 1).trim().split(" ")))
          .forEach(name -> features.add(RENAMED.getOrDefault(name, name.toUpperCase(Locale.ROOT))));
    } catch (IOException e) {
      return Set.of();
    }
    return features;
  }

  private static long hardwareCapabilities2() {
    try {
      ByteBuffer vector =
          ByteBuffer.wrap(Files.readAllBytes(AUXILIARY_VECTOR)).order(ByteOrder.LITTLE_ENDIAN);
      while (vector.remaining() >= 16) {
        long type = vector.getLong();
        long value = vector.getLong();
        if (type == AT_HWCAP2) {
          return value;
        }
      }
      return 0;
    } catch (IOException e) {
      return 0;
    }
  }
}

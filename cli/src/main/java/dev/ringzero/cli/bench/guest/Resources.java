package dev.ringzero.cli.bench.guest;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The programs' own files, which lie beside this class. */
final class Resources {
  private static final List<String> SOURCES =
      List.of(
          "faults.c",
          "files.py",
          "large.awk",
          "matrix.c",
          "memory.c",
          "nbody.c",
          "nbody.py",
          "objects.py",
          "paging.c",
          "pipe.c",
          "rsa.c",
          "sqlite.sql");

  private Resources() {}

  /** Every program, and every source that one of them needs. */
  static List<String> files() {
    List<String> files = new ArrayList<>();
    GuestPrograms.ALL.forEach(entry -> files.add(entry.script()));
    MemoryPrograms.ALL.forEach(entry -> files.add(entry.script()));
    SOURCES.forEach(source -> files.add("sources/" + source));
    return files;
  }

  static byte[] bytes(String name) throws IOException {
    try (InputStream in = Resources.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new FileNotFoundException("no resource " + name);
      }
      return in.readAllBytes();
    }
  }

  static String text(String name) throws IOException {
    return new String(bytes(name), StandardCharsets.UTF_8);
  }
}

package dev.ringzero.images.module;

import dev.ringzero.images.HostFileTrouble;
import dev.ringzero.images.ImageException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The modules of a kernel in a directory of the host, such as {@code /lib/modules/6.1.0-56}. */
public final class ModuleDirectory implements ModuleFiles {
  private static final List<String> PLACES = List.of("lib/modules", "usr/lib/modules", "modules");

  private final Map<String, Path> byName = new HashMap<>();
  private final Set<String> builtIn = new HashSet<>();

  private ModuleDirectory(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      files
          .filter(file -> ModuleNames.isModule(file.getFileName().toString()))
          .forEach(file -> byName.put(ModuleNames.module(file.toString()), file));
    }
    Path list = directory.resolve(ModuleNames.BUILT_IN);
    if (Files.isRegularFile(list)) {
      Files.readAllLines(list).forEach(line -> builtIn.add(ModuleNames.module(line)));
    }
  }

  /**
   * Finds the modules of a kernel: beside its file, as an unpacked package has them, or where the
   * host keeps modules.
   */
  public static Optional<ModuleDirectory> of(Path kernel, String release) {
    Path beside = kernel.toAbsolutePath().getParent();
    for (Path root : new Path[] {beside, beside.getParent(), Path.of("/")}) {
      for (String place : PLACES) {
        Path directory = root == null ? null : root.resolve(place).resolve(release);
        if (directory != null && Files.isDirectory(directory)) {
          return Optional.of(open(directory));
        }
      }
    }
    return Optional.empty();
  }

  private static ModuleDirectory open(Path directory) {
    try {
      return new ModuleDirectory(directory);
    } catch (IOException e) {
      throw new ImageException(
          "cannot read kernel modules " + directory + ": " + HostFileTrouble.reason(e), e);
    }
  }

  @Override
  public Optional<byte[]> read(String name) throws IOException {
    Path file = byName.get(name);
    if (file == null) {
      return Optional.empty();
    }
    try (InputStream in = Files.newInputStream(file);
        InputStream unpacked = ModuleNames.unpacked(file.getFileName().toString(), in)) {
      return Optional.of(unpacked.readAllBytes());
    }
  }

  @Override
  public boolean isBuiltIn(String name) {
    return builtIn.contains(name);
  }

  @Override
  public void close() {
    // Nothing is open.
  }
}

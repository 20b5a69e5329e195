package dev.ringzero.images.debian;

import dev.ringzero.images.HostFileTrouble;
import dev.ringzero.images.ImageCache;
import dev.ringzero.images.ImageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The files of packages that were fetched, kept in the user's cache by their SHA-256. */
public final class PackageFiles {
  private static final String DIRECTORY = "packages";

  private final ImageCache cache;
  private final Apt apt;

  public PackageFiles(ImageCache cache, Apt apt) {
    this.cache = cache;
    this.apt = apt;
  }

  /** Where the file of a package is, once it was fetched. */
  public Path path(DebianPackage one) {
    return cache.path(DIRECTORY + "/" + one.sha256() + ".deb");
  }

  /** Fetches those that are missing, and checks all. */
  public void fetch(List<DebianPackage> packages) {
    List<DebianPackage> missing = packages.stream().filter(one -> !isWhole(one)).toList();
    if (missing.isEmpty()) {
      return;
    }
    Path directory = temporaryDirectory();
    try {
      apt.fetch(missing, directory);
      keep(missing, directory);
    } catch (IOException e) {
      throw new ImageException(
          "cannot keep packages in " + directory + ": " + HostFileTrouble.reason(e), e);
    } finally {
      delete(directory);
    }
  }

  private boolean isWhole(DebianPackage one) {
    Path path = path(one);
    return Files.isRegularFile(path) && Sha256.of(path).equals(one.sha256());
  }

  private void keep(List<DebianPackage> wanted, Path directory) throws IOException {
    Map<String, Path> fetched = new HashMap<>();
    try (Stream<Path> files = Files.list(directory)) {
      files.filter(Files::isRegularFile).forEach(file -> fetched.put(Sha256.of(file), file));
    }
    for (DebianPackage one : wanted) {
      Path file = fetched.get(one.sha256());
      if (file == null) {
        throw new ImageException(
            "package %s is damaged: nothing that was fetched has its SHA-256 %s"
                .formatted(one, one.sha256()));
      }
      Files.move(
          file, path(one), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private Path temporaryDirectory() {
    try {
      return Files.createTempDirectory(cache.directory(DIRECTORY), "fetch-");
    } catch (IOException e) {
      throw new ImageException(
          "cannot write " + cache.path(DIRECTORY) + ": " + HostFileTrouble.reason(e), e);
    }
  }

  private static void delete(Path directory) {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
      Files.delete(directory);
    } catch (IOException e) {
      // What stays behind takes space and does no harm.
    }
  }
}

package dev.ringzero.images;

import dev.ringzero.images.debian.Apt;
import dev.ringzero.images.debian.DebFile;
import dev.ringzero.images.module.ModuleArchive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * What boots when a user names no kernel: Debian's own cloud kernel and busybox, fetched once
 * through the machine's package manager and then taken from the cache.
 *
 * @param kernel the file as Debian ships it
 * @param busybox one static program that is a whole user space
 */
public record DefaultGuest(Path kernel, Path busybox) {
  private static final String BUSYBOX_PACKAGE = "busybox-static";
  private static final String BUSYBOX_FILE = "debian/busybox";

  /** Takes the default guest from the cache, and fetches what is missing there. */
  public static DefaultGuest prepare(ImageCache cache, Progress progress) {
    return new DefaultGuest(kernel(cache, progress), busybox(cache, progress));
  }

  /** The kernel alone. */
  public static Path kernel(ImageCache cache, Progress progress) {
    return kernel(DebianKernel.CLOUD, cache, progress);
  }

  /** A kernel alone. */
  public static Path kernel(DebianKernel which, ImageCache cache, Progress progress) {
    prepareKernel(which, cache, progress);
    return cache.path(which.file());
  }

  /** The modules of the {@link #kernel}, a {@link ModuleArchive}. */
  public static Path modules(ImageCache cache, Progress progress) {
    return modules(DebianKernel.CLOUD, cache, progress);
  }

  /** The modules of a kernel, a {@link ModuleArchive}. */
  public static Path modules(DebianKernel which, ImageCache cache, Progress progress) {
    prepareKernel(which, cache, progress);
    return cache.path(which.modulesFile());
  }

  /** Kernel and modules come from one package, so that they fit each other. */
  private static void prepareKernel(DebianKernel which, ImageCache cache, Progress progress) {
    if (!cache.contains(which.file()) || !cache.contains(which.modulesFile())) {
      new Fetch(cache, progress).kernel(which);
    }
  }

  /** The user space alone. */
  public static Path busybox(ImageCache cache, Progress progress) {
    return cache.contains(BUSYBOX_FILE)
        ? cache.path(BUSYBOX_FILE)
        : new Fetch(cache, progress)
            .file(BUSYBOX_PACKAGE, path -> path.endsWith("bin/busybox"), BUSYBOX_FILE);
  }

  /** Gets files out of packages. */
  private record Fetch(ImageCache cache, Progress progress) {

    Path file(String packageName, Predicate<String> wanted, String target) {
      return from(apt -> packageName, deb -> unpack(deb, wanted, target));
    }

    void kernel(DebianKernel which) {
      from(apt -> apt.kernelBehind(which.packageName()), deb -> unpackKernel(which, deb));
    }

    private Path from(Function<Apt, String> name, Function<Path, Path> unpack) {
      Apt apt = new Apt(cache.directory("apt"), progress);
      Path directory = temporaryDirectory();
      try {
        String packageName = name.apply(apt);
        Path deb = apt.fetch(packageName, directory);
        progress.at("unpacking " + packageName);
        return unpack.apply(deb);
      } finally {
        delete(directory);
      }
    }

    private Path unpackKernel(DebianKernel which, Path deb) {
      return cache.place(
          which.modulesFile(),
          out -> {
            ModuleArchive.Writer modules = new ModuleArchive.Writer(out);
            new DebFile(deb)
                .visit((entry, contents) -> {
                  if (entry.path().startsWith("boot/vmlinuz-")) {
                    cache.place(which.file(), contents::transferTo);
                  } else {
                    modules.take(entry.path(), contents);
                  }
                  return true;
                });
            modules.finish();
          });
    }

    private Path unpack(Path deb, Predicate<String> wanted, String target) {
      try {
        new DebFile(deb)
            .visit((entry, contents) -> {
              boolean found = wanted.test(entry.path());
              if (found) {
                cache.place(target, contents::transferTo);
              }
              return !found;
            });
      } catch (IOException e) {
        throw new ImageException(deb.getFileName() + " is damaged: " + e.getMessage(), e);
      }
      if (!cache.contains(target)) {
        throw new ImageException(deb.getFileName() + " has no file for " + target);
      }
      return cache.path(target);
    }

    private Path temporaryDirectory() {
      try {
        return Files.createTempDirectory(cache.directory("packages"), "fetch-");
      } catch (IOException e) {
        throw new ImageException(
            "cannot write " + cache.path("packages") + ": " + HostFileTrouble.reason(e), e);
      }
    }

    private static void delete(Path directory) {
      try (Stream<Path> files = Files.list(directory)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
        Files.delete(directory);
      } catch (IOException e) {
        // What stays behind takes space and does no harm.
      }
    }
  }
}

package dev.ringzero.cli.bench.guest;

import dev.ringzero.cli.bench.subject.Guest;
import dev.ringzero.images.DefaultGuest;
import dev.ringzero.images.ImageCache;
import dev.ringzero.images.ImageException;
import dev.ringzero.images.Progress;
import dev.ringzero.images.debian.Apt;
import dev.ringzero.images.debian.DebFile;
import dev.ringzero.images.debian.DebianPackage;
import dev.ringzero.images.debian.DependencyResolver;
import dev.ringzero.images.debian.PackageFiles;
import dev.ringzero.images.kernel.KernelFiles;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/**
 * The guest in which the programs run: Debian's kernel, and a first file system of Debian's
 * packages and our programs. It is built once and then taken from the cache.
 *
 * @param root the same files in a directory of the host's
 */
public record GuestImage(Guest guest, Path root) {
  private static final int MEMORY_MEBIBYTES = 1024;
  private static final String QUIET = "quiet loglevel=1";
  private static final String DIRECTORY = "bench/";

  /** What packages depend on, and the programs do not. */
  private static final Pattern LEFT_OUT =
      Pattern.compile(
          "dpkg|tar|debianutils|media-types|readline-common|gcc-.*-base|perl-modules-.*"
              + "|lib(asan|tsan|lsan|ubsan|itm|quadmath|gprofng|stdc\\+\\+|cc1-|atomic)[0-9]*"
              + "|lib(nsl|tirpc|krb5|k5crypto|gssapi|keyutils|com-err|gdbm|db5|uuid|md0).*"
              + "|rpcsvc-proto");

  private static final Pattern IMAGE = Pattern.compile("[0-9a-f]{8}\\.(cpio|root)");
  private static final Duration KEPT = Duration.ofDays(1);

  /** Builds what is missing. */
  public static GuestImage prepare(ImageCache cache, Progress progress) throws IOException {
    String name = DIRECTORY + fingerprint();
    Path initrd = cache.path(name + ".cpio");
    Path root = cache.path(name + ".root");
    if (!Files.exists(initrd) || !Files.exists(root)) {
      build(cache, progress, name);
      dropOld(cache.directory(DIRECTORY), Instant.now().minus(KEPT));
    }
    Path kernel = DefaultGuest.kernel(cache, progress);
    Path elf =
        new KernelFiles(cache, progress)
            .unpacked(kernel)
            .orElseThrow(() -> new ImageException("cannot unpack " + kernel));
    return new GuestImage(new Guest(kernel, elf, initrd, MEMORY_MEBIBYTES, 1, QUIET), root);
  }

  private static void build(ImageCache cache, Progress progress, String name) throws IOException {
    FileTree tree = new FileTree();
    Apt apt = new Apt(cache.directory("apt"), progress);
    PackageFiles files = new PackageFiles(cache, apt);
    List<DebianPackage> packages = packages(apt);
    files.fetch(packages);
    progress.at("building the guest of the benchmark");
    for (DebianPackage one : packages) {
      tree.add(new DebFile(files.path(one)));
    }
    addOurs(tree);
    Path unfinished = Files.createTempDirectory(cache.directory(DIRECTORY), "unfinished-");
    try {
      tree.unpack(unfinished.resolve("root"));
      Files.move(unfinished.resolve("root"), cache.path(name + ".root"));
    } catch (FileAlreadyExistsException | DirectoryNotEmptyException e) {
      progress.at("another rz bench has built it meanwhile");
    } finally {
      delete(unfinished);
    }
    cache.place(name + ".cpio", out -> out.write(tree.cpio()));
  }

  /** Drops guests of earlier versions; younger ones may be in use by another RingZero. */
  static void dropOld(Path directory, Instant before) throws IOException {
    try (Stream<Path> all = Files.list(directory)) {
      for (Path one : all.toList()) {
        if (IMAGE.matcher(one.getFileName().toString()).matches()
            && Files.getLastModifiedTime(one).toInstant().isBefore(before)) {
          delete(one);
        }
      }
    }
  }

  private static List<DebianPackage> packages(Apt apt) throws IOException {
    Set<String> wanted = new LinkedHashSet<>(Resources.text("packages.txt").lines().toList());
    return DependencyResolver.resolve(apt.index(), wanted).stream()
        .filter(one -> !LEFT_OUT.matcher(one.name()).matches())
        .toList();
  }

  private static void addOurs(FileTree tree) throws IOException {
    tree.file("init", true, Resources.bytes("init.sh"));
    tree.file("bench/driver", true, Resources.bytes("driver.sh"));
    for (String file : Resources.files()) {
      tree.file("bench/" + file, false, Resources.bytes(file));
    }
    tree.file("bench/data/text", false, TextData.bytes());
  }

  /** Another one for other packages, programs or data. */
  private static String fingerprint() throws IOException {
    CRC32 crc = new CRC32();
    crc.update(Resources.bytes("packages.txt"));
    crc.update(Resources.bytes("init.sh"));
    crc.update(Resources.bytes("driver.sh"));
    for (String file : Resources.files()) {
      crc.update(Resources.bytes(file));
    }
    return "%08x".formatted(crc.getValue());
  }

  private static void delete(Path directory) throws IOException {
    Files.walkFileTree(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, IOException trouble)
              throws IOException {
            Files.delete(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}

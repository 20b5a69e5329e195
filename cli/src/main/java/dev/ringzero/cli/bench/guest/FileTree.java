package dev.ringzero.cli.bench.guest;

import dev.ringzero.images.archive.TarReader;
import dev.ringzero.images.debian.DebFile;
import dev.ringzero.images.initramfs.CpioWriter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** The files of the guest's first file system, in memory. All of {@code /usr} is merged. */
final class FileTree {
  private static final List<String> MERGED = List.of("bin", "sbin", "lib", "lib64");
  private static final List<String> MOUNT_POINTS = List.of("dev", "proc", "sys", "tmp", "root");
  private static final int EXECUTABLE = 0111;

  /** Documents, what only other compilers need, and libraries to link statically. */
  private static final Pattern LEFT_OUT =
      Pattern.compile(
          "usr/share/(doc|man|locale|info|lintian|gcc|gdb|bug|perl5|python3)/.*"
              + "|usr/lib/.*/(gconv|ldscripts|audit)/.*|etc/.*"
              + "|.*/(lto1|g?cov.*)"
              + "|usr/bin/.*(lto-dump|gold|dwp|gprof|gcov).*"
              + "|usr/lib/.*/lib(c|m-.*|mvec|asan|tsan|lsan|ubsan|gcov|sqlite3|pthread_.*)\\.a");

  private sealed interface Node {
    record Directory() implements Node {}

    record File(byte[] contents, boolean executable) implements Node {}

    record Link(String target) implements Node {}
  }

  private final NavigableMap<String, Node> nodes = new TreeMap<>();

  FileTree() {
    for (String name : MERGED) {
      nodes.put(name, new Node.Link("usr/" + name));
      directory("usr/" + name);
    }
    MOUNT_POINTS.forEach(this::directory);
  }

  /** Adds what a package installs. */
  void add(DebFile deb) throws IOException {
    deb.visit((entry, contents) -> {
      add(entry, contents);
      return true;
    });
  }

  private void add(TarReader.Entry entry, InputStream contents) throws IOException {
    String path = merged(entry.path());
    if (path.isEmpty() || LEFT_OUT.matcher(path).matches()) {
      return;
    }
    switch (entry.kind()) {
      case FILE ->
          put(
              path,
              new Node.File(contents.readAllBytes(), isExecutable(entry.attributes().mode())));
      case SYMBOLIC_LINK -> put(path, new Node.Link(entry.linkTarget()));
      case HARD_LINK -> {
        Node target = nodes.get(merged(entry.linkTarget().replaceFirst("^\\./", "")));
        if (target != null) {
          put(path, target);
        }
      }
      case DIRECTORY, CHARACTER_DEVICE, BLOCK_DEVICE, PIPE, OTHER -> {}
    }
  }

  private static boolean isExecutable(int mode) {
    return (mode & EXECUTABLE) != 0;
  }

  private static String merged(String path) {
    int slash = path.indexOf('/');
    return slash > 0 && MERGED.contains(path.substring(0, slash)) ? "usr/" + path : path;
  }

  void file(String path, boolean executable, byte[] contents) {
    put(path, new Node.File(contents, executable));
  }

  void link(String path, String target) {
    put(path, new Node.Link(target));
  }

  private void put(String path, Node node) {
    if (path.contains("/")) {
      directory(path.substring(0, path.lastIndexOf('/')));
    }
    if (!(nodes.get(path) instanceof Node.Directory)) {
      nodes.put(path, node);
    }
  }

  private void directory(String path) {
    if (path.contains("/")) {
      directory(path.substring(0, path.lastIndexOf('/')));
    }
    nodes.put(path, new Node.Directory());
  }

  /** The tree as an archive for the kernel. */
  byte[] cpio() {
    CpioWriter cpio = new CpioWriter();
    nodes.forEach((path, node) -> {
      switch (node) {
        case Node.Directory() -> cpio.directory(path, 0755);
        case Node.File(byte[] contents, boolean executable) ->
            cpio.file(path, executable ? 0755 : 0644, contents);
        case Node.Link(String target) -> cpio.link(path, target);
      }
    });
    return cpio.characterDevice("dev/console", 0600, 5, 1).finish();
  }

  /** Writes the tree into a directory of the host's. */
  void unpack(Path root) throws IOException {
    Files.createDirectories(root);
    for (var entry : nodes.entrySet()) {
      Path path = root.resolve(entry.getKey());
      switch (entry.getValue()) {
        case Node.Directory() -> Files.createDirectories(path);
        case Node.File(byte[] contents, boolean executable) -> {
          Files.write(path, contents);
          Files.setPosixFilePermissions(
              path, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
        }
        case Node.Link(String target) -> Files.createSymbolicLink(path, Path.of(target));
      }
    }
  }
}

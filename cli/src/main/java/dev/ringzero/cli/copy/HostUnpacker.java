package dev.ringzero.cli.copy;

import dev.ringzero.images.archive.TarReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;

/**
 * Unpacks what a guest packed, which may be anything: nothing is written outside the place that the
 * user named, and nothing through a symbolic link. Links that the guest has are made only where
 * they stay inside, devices and pipes never.
 */
final class HostUnpacker {
  private final TarReader archive;
  private final String packed;
  private final Path to;
  private final PrintStream err;

  /**
   * Prepares it.
   *
   * @param packed the name at which every path in the archive has to begin
   * @param to what it becomes
   */
  HostUnpacker(InputStream in, String packed, Path to, PrintStream err) {
    this.archive = new TarReader(in);
    this.packed = packed;
    this.to = to;
    this.err = err;
  }

  void unpack() throws IOException {
    for (TarReader.Entry entry = archive.next(); entry != null; entry = archive.next()) {
      String path = entry.path();
      if (!path.equals(packed) && !path.startsWith(packed + "/")) {
        throw new IOException("the guest sent " + shown(path) + ", which was not asked for");
      }
      String below = path.equals(packed) ? "" : path.substring(packed.length() + 1);
      Path place = below.isEmpty() ? to : to.resolve(below);
      checkPlain(place);
      switch (entry.kind()) {
        case DIRECTORY -> {
          if (!Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectory(place);
          }
        }
        case FILE -> write(place, entry);
        case SYMBOLIC_LINK -> link(place, entry, below);
        default -> leftOut(path, "it is neither file, folder nor link");
      }
    }
  }

  /** All above it, from the user's place on, are folders, and it is no link itself. */
  private void checkPlain(Path place) throws IOException {
    for (Path at = place; at.startsWith(to) && !at.equals(to); at = at.getParent()) {
      if (Files.isSymbolicLink(at)) {
        throw new IOException(shown(at.toString()) + " is a symbolic link: not written through it");
      }
    }
    if (Files.isSymbolicLink(to)) {
      throw new IOException(to + " is a symbolic link: not written through it");
    }
  }

  private void write(Path place, TarReader.Entry entry) throws IOException {
    try (FileChannel channel =
            FileChannel.open(
                place,
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING,
                LinkOption.NOFOLLOW_LINKS);
        OutputStream out = Channels.newOutputStream(channel)) {
      long written = archive.contents().transferTo(out);
      if (written != entry.sizeBytes()) {
        throw new IOException(shown(entry.path()) + " came only in part");
      }
    }
    Files.setPosixFilePermissions(place, permissions(entry.mode()));
  }

  /** The guest's bits, less set-user-ID and the like; the user can always read and write it. */
  private static Set<PosixFilePermission> permissions(int mode) {
    Set<PosixFilePermission> permissions =
        EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
    for (PosixFilePermission permission : PosixFilePermission.values()) {
      if ((mode & 0400 >> permission.ordinal()) != 0) {
        permissions.add(permission);
      }
    }
    return permissions;
  }

  private void link(Path place, TarReader.Entry entry, String below) throws IOException {
    Path target = Path.of(entry.linkTarget());
    Path folder = Path.of(below).getParent();
    Path meant = folder == null ? target : folder.resolve(target);
    boolean inside =
        !below.isEmpty() && !target.isAbsolute() && !meant.normalize().startsWith("..");
    if (!inside) {
      leftOut(entry.path(), "it is a link to " + shown(entry.linkTarget()));
      return;
    }
    Files.deleteIfExists(place);
    Files.createSymbolicLink(place, target);
  }

  private void leftOut(String path, String why) {
    err.println("rz: left out " + shown(path) + ": " + why);
  }

  private static String shown(String text) {
    return text.replaceAll("\\p{Cntrl}", "?");
  }
}

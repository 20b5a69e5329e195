package dev.ringzero.cli.copy;

import dev.ringzero.images.archive.TarWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.util.concurrent.TimeUnit;

/** Packs a file or folder of the host; links in it stay links. */
final class HostPacker {
  private final Path from;
  private final String name;
  private final TarWriter archive;

  /**
   * Prepares it.
   *
   * @param name of it in the archive
   */
  HostPacker(Path from, String name, OutputStream out) {
    this.from = from;
    this.name = name;
    archive = new TarWriter(out);
  }

  void pack() throws IOException {
    Files.walkFileTree(
        Files.isSymbolicLink(from) ? from.toRealPath() : from,
        new SimpleFileVisitor<>() {
          private final Path top = Files.isSymbolicLink(from) ? from.toRealPath() : from;

          @Override
          public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes)
              throws IOException {
            archive.directory(
                inArchive(top, path), mode(path), seconds(attributes.lastModifiedTime()));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path path, BasicFileAttributes attributes)
              throws IOException {
            add(inArchive(top, path), path, attributes);
            return FileVisitResult.CONTINUE;
          }
        });
    archive.finish();
  }

  private String inArchive(Path top, Path path) {
    return path.equals(top) ? name : name + "/" + top.relativize(path);
  }

  private void add(String entry, Path path, BasicFileAttributes attributes) throws IOException {
    long seconds = seconds(attributes.lastModifiedTime());
    if (attributes.isSymbolicLink()) {
      archive.link(entry, Files.readSymbolicLink(path).toString(), seconds);
    } else if (attributes.isRegularFile()) {
      try (InputStream content = Files.newInputStream(path)) {
        archive.file(entry, mode(path), attributes.size(), seconds, content);
      }
    } else {
      System.err.println("rz: left out, for it is neither file, folder nor link: " + path);
    }
  }

  private static long seconds(FileTime time) {
    return time.to(TimeUnit.SECONDS);
  }

  private static int mode(Path path) throws IOException {
    int mode = 0;
    for (PosixFilePermission permission : Files.getPosixFilePermissions(path)) {
      mode |= 0400 >> permission.ordinal();
    }
    return mode;
  }
}

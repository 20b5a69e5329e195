package dev.ringzero.images.build;

import dev.ringzero.images.ImageException;
import dev.ringzero.images.archive.TarReader;
import dev.ringzero.images.debian.DebFile;
import dev.ringzero.images.debian.DebianPackage;
import dev.ringzero.images.disk.DiskFullException;
import dev.ringzero.images.root.Attributes;
import dev.ringzero.images.root.Node.Special;
import dev.ringzero.images.root.RootTree;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Unpacks packages into a tree, and writes dpkg's records of them. Their scripts are kept and not
 * run, so to dpkg they are "unpacked" and not "installed": {@code dpkg --configure -a} in the guest
 * would run them.
 */
final class PackageUnpacker {
  private static final String RECORDS = "var/lib/dpkg/";

  /** A package may be larger than it says, because it says so in whole blocks and by estimate. */
  private static final long ALLOWANCE_BYTES = 64L << 20;

  private static final int MOST_CONTROL_BYTES = 8 << 20;

  private final RootTree tree;
  private final StringBuilder status = new StringBuilder();

  PackageUnpacker(RootTree tree) {
    this.tree = tree;
  }

  /** Unpacks one package. */
  void unpack(DebianPackage one, Path file) throws DiskFullException {
    DebFile deb = new DebFile(file);
    try {
      deb.visitControl((entry, contents) -> takeControl(one, entry, contents));
      Files files = new Files(2 * one.installedBytes() + ALLOWANCE_BYTES);
      deb.visit(files::take);
      record(one, "list", files.list.toString().getBytes(StandardCharsets.UTF_8));
    } catch (DiskFullException e) {
      throw e;
    } catch (IOException e) {
      throw new ImageException("package " + one + " is damaged: " + e.getMessage(), e);
    }
  }

  /** Writes what belongs to no single package. */
  void finish() throws IOException {
    tree.file(RECORDS + "status", 0644, status.toString());
    tree.file(RECORDS + "available", 0644, "");
  }

  private boolean takeControl(DebianPackage one, TarReader.Entry entry, InputStream contents)
      throws IOException {
    if (entry.kind() != TarReader.Kind.FILE) {
      return true;
    }
    byte[] bytes = contents.readNBytes(MOST_CONTROL_BYTES);
    if (entry.path().equals("control")) {
      status
          .append("Status: install ok unpacked\n")
          .append(new String(bytes, StandardCharsets.UTF_8).strip())
          .append("\n\n");
    } else if (entry.path().indexOf('/') < 0) {
      record(one, entry.path(), bytes);
    }
    return true;
  }

  private void record(DebianPackage one, String kind, byte[] bytes) throws IOException {
    boolean script = kind.endsWith("inst") || kind.endsWith("rm") || kind.equals("config");
    tree.file(RECORDS + "info/" + one.recordName() + "." + kind, script ? 0755 : 0644, bytes);
  }

  /** The files of one package. */
  private final class Files {
    private final StringBuilder list = new StringBuilder();
    private long remainingBytes;

    Files(long mostBytes) {
      remainingBytes = mostBytes;
    }

    boolean take(TarReader.Entry entry, InputStream contents) throws IOException {
      String path = entry.path();
      Attributes attributes = attributes(entry.attributes());
      list.append('/').append(path.isEmpty() ? "." : path).append('\n');
      switch (entry.kind()) {
        case FILE -> {
          tree.file(path, attributes, contents, remainingBytes);
          remainingBytes -= entry.sizeBytes();
        }
        case DIRECTORY -> tree.directory(path, attributes);
        case SYMBOLIC_LINK -> tree.symbolicLink(path, attributes, entry.linkTarget());
        case HARD_LINK -> tree.hardLink(path, entry.linkTarget());
        case CHARACTER_DEVICE -> special(entry, Special.Kind.CHARACTER_DEVICE);
        case BLOCK_DEVICE -> special(entry, Special.Kind.BLOCK_DEVICE);
        case PIPE -> special(entry, Special.Kind.PIPE);
        case OTHER -> throw new IOException("file of an unknown kind: " + path);
      }
      return true;
    }

    private void special(TarReader.Entry entry, Special.Kind kind) throws IOException {
      TarReader.Attributes said = entry.attributes();
      tree.special(entry.path(), new Special(attributes(said), kind, said.major(), said.minor()));
    }

    private static Attributes attributes(TarReader.Attributes said) {
      return new Attributes(said.mode(), said.owner(), said.group(), said.modifiedSeconds());
    }
  }
}

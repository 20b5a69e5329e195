package dev.ringzero.images.debian;

import dev.ringzero.images.archive.ArReader;
import dev.ringzero.images.archive.TarReader;
import io.airlift.compress.v3.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * A Debian binary package: an {@code ar} archive with two compressed tar archives in it, one with
 * what is said of the package, and one with the files to install.
 *
 * @spec Debian deb(5), FORMAT
 */
public final class DebFile {
  private static final int BUFFER_BYTES = 1 << 16;
  private static final String CONTROL = "control.tar";
  private static final String DATA = "data.tar";

  private final Path path;

  public DebFile(Path path) {
    this.path = path;
  }

  /** Shows every file to install to the visitor, until it says that it has seen enough. */
  public void visit(Visitor visitor) throws IOException {
    visit(DATA, visitor);
  }

  /** Shows what is said of the package: its description, scripts, and the like. */
  public void visitControl(Visitor visitor) throws IOException {
    visit(CONTROL, visitor);
  }

  private void visit(String part, Visitor visitor) throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(path), BUFFER_BYTES)) {
      ArReader members = new ArReader(in);
      for (String name = members.next(); name != null; name = members.next()) {
        if (name.startsWith(part)) {
          InputStream unpacked = unpacked(name.substring(part.length()), members.contents());
          visit(new TarReader(unpacked), visitor);
          return;
        }
      }
    }
    throw new IOException("package without " + part + ": " + path);
  }

  private static void visit(TarReader tar, Visitor visitor) throws IOException {
    for (TarReader.Entry entry = tar.next(); entry != null; entry = tar.next()) {
      if (!visitor.visit(entry, tar.contents())) {
        return;
      }
    }
  }

  private static InputStream unpacked(String suffix, InputStream packed) throws IOException {
    return switch (suffix) {
      case "" -> packed;
      case ".gz" -> new GZIPInputStream(packed, BUFFER_BYTES);
      case ".xz" -> new XZInputStream(packed);
      case ".zst" -> new ZstdInputStream(packed);
      default -> throw new IOException("package with unknown compression: " + suffix);
    };
  }

  /** Sees the files of a package in their order. */
  @FunctionalInterface
  public interface Visitor {
    /**
     * Sees one entry.
     *
     * @param contents to be read now or never
     * @return whether to go on
     */
    boolean visit(TarReader.Entry entry, InputStream contents) throws IOException;
  }
}

package dev.ringzero.images.module;

import dev.ringzero.images.ImageException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/** All modules of one kernel in a zip file, with the list of those that are built into it. */
public final class ModuleArchive implements ModuleFiles {
  private final ZipFile zip;
  private final Set<String> builtIn = new HashSet<>();

  /** Opens what a {@link Writer} wrote. */
  public ModuleArchive(Path path) {
    try {
      zip = new ZipFile(path.toFile());
      Optional<byte[]> list = entry(ModuleNames.BUILT_IN);
      String lines = list.map(bytes -> new String(bytes, StandardCharsets.UTF_8)).orElse("");
      lines.lines().map(ModuleNames::module).forEach(builtIn::add);
    } catch (IOException e) {
      throw new ImageException("cannot read kernel modules " + path + ": " + e.getMessage(), e);
    }
  }

  private Optional<byte[]> entry(String name) throws IOException {
    ZipEntry entry = zip.getEntry(name);
    if (entry == null) {
      return Optional.empty();
    }
    try (InputStream in = zip.getInputStream(entry)) {
      return Optional.of(in.readAllBytes());
    }
  }

  @Override
  public Optional<byte[]> read(String name) throws IOException {
    return entry(name + ModuleNames.SUFFIX);
  }

  @Override
  public boolean isBuiltIn(String name) {
    return builtIn.contains(name);
  }

  @Override
  public void close() {
    try {
      zip.close();
    } catch (IOException e) {
      throw new ImageException("cannot close kernel modules: " + e.getMessage(), e);
    }
  }

  /** Writes an archive from the files of a kernel package. */
  public static final class Writer {
    private final ZipOutputStream zip;

    public Writer(OutputStream out) {
      zip = new ZipOutputStream(out);
    }

    /** Takes a file of the package, if it is a module or the list of built-in ones. */
    public void take(String path, InputStream contents) throws IOException {
      String file = path.substring(path.lastIndexOf('/') + 1);
      if (file.equals(ModuleNames.BUILT_IN)) {
        add(ModuleNames.BUILT_IN, contents);
      } else if (path.contains("lib/modules/") && ModuleNames.isModule(file)) {
        add(ModuleNames.module(path) + ModuleNames.SUFFIX, ModuleNames.unpacked(file, contents));
      }
    }

    private void add(String name, InputStream contents) throws IOException {
      zip.putNextEntry(new ZipEntry(name));
      contents.transferTo(zip);
      zip.closeEntry();
    }

    /** Ends the archive and leaves the stream open. */
    public void finish() throws IOException {
      zip.finish();
    }
  }
}

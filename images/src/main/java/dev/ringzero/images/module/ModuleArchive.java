package dev.ringzero.images.module;

import dev.ringzero.images.ImageException;
import io.airlift.compress.v3.zstd.ZstdInputStream;
import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.tukaani.xz.XZInputStream;

/** All modules of one kernel in a zip file, with the list of those that are built into it. */
public final class ModuleArchive implements Closeable {
  private static final String BUILT_IN = "modules.builtin";
  private static final String SUFFIX = ".ko";

  private final ZipFile zip;
  private final Set<String> builtIn = new HashSet<>();

  /** Opens what a {@link Writer} wrote. */
  public ModuleArchive(Path path) {
    try {
      zip = new ZipFile(path.toFile());
      byte[] list = read(BUILT_IN);
      String lines = list != null ? new String(list, StandardCharsets.UTF_8) : "";
      lines.lines().map(ModuleArchive::moduleName).forEach(builtIn::add);
    } catch (IOException e) {
      throw new ImageException("cannot read kernel modules " + path + ": " + e.getMessage(), e);
    }
  }

  /** The module of a path such as "kernel/fs/ext4/ext4.ko.xz". */
  private static String moduleName(String path) {
    String file = path.substring(path.lastIndexOf('/') + 1);
    int end = file.indexOf(SUFFIX);
    return KernelModule.canonical(end < 0 ? file : file.substring(0, end));
  }

  private byte[] read(String entryName) throws IOException {
    ZipEntry entry = zip.getEntry(entryName);
    if (entry == null) {
      return null;
    }
    try (InputStream in = zip.getInputStream(entry)) {
      return in.readAllBytes();
    }
  }

  /** Modules and what they need, in the order in which to load them; built-in ones are left out. */
  public List<KernelModule> closure(Collection<String> names) {
    Map<String, KernelModule> found = new LinkedHashMap<>();
    Set<String> visited = new HashSet<>();
    for (String name : names) {
      visit(KernelModule.canonical(name), visited, found);
    }
    return List.copyOf(found.values());
  }

  private void visit(String name, Set<String> visited, Map<String, KernelModule> found) {
    if (builtIn.contains(name) || !visited.add(name)) {
      return;
    }
    KernelModule module = module(name);
    for (String needed : module.dependencies()) {
      visit(needed, visited, found);
    }
    found.put(name, module);
  }

  private KernelModule module(String name) {
    try {
      byte[] file = read(name + SUFFIX);
      if (file == null) {
        throw new ImageException("the kernel has no module " + name);
      }
      return KernelModule.parse(name, file);
    } catch (IOException e) {
      throw new ImageException("cannot read kernel module " + name + ": " + e.getMessage(), e);
    }
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
      if (file.equals(BUILT_IN)) {
        add(BUILT_IN, contents);
      } else if (path.contains("lib/modules/") && file.contains(SUFFIX)) {
        add(moduleName(path) + SUFFIX, unpacked(file, contents));
      }
    }

    private void add(String name, InputStream contents) throws IOException {
      zip.putNextEntry(new ZipEntry(name));
      contents.transferTo(zip);
      zip.closeEntry();
    }

    private static InputStream unpacked(String file, InputStream contents) throws IOException {
      InputStream packed = new ByteArrayInputStream(contents.readAllBytes());
      return switch (file.substring(file.indexOf(SUFFIX) + SUFFIX.length())) {
        case "" -> packed;
        case ".xz" -> new XZInputStream(packed);
        case ".zst" -> new ZstdInputStream(packed);
        default -> throw new IOException("kernel module with unknown compression: " + file);
      };
    }

    /** Ends the archive and leaves the stream open. */
    public void finish() throws IOException {
      zip.finish();
    }
  }
}

package dev.ringzero.images.module;

import io.airlift.compress.v3.zstd.ZstdInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import org.tukaani.xz.XZInputStream;

/** What the names of module files say. */
final class ModuleNames {
  static final String SUFFIX = ".ko";
  static final String BUILT_IN = "modules.builtin";

  private ModuleNames() {}

  static boolean isModule(String file) {
    return file.contains(SUFFIX);
  }

  /** The module of a path such as "kernel/fs/ext4/ext4.ko.xz". */
  static String module(String path) {
    String file = path.substring(path.lastIndexOf('/') + 1);
    int end = file.indexOf(SUFFIX);
    return KernelModule.canonical(end < 0 ? file : file.substring(0, end));
  }

  /** The content of a module's file; it may be compressed, as its name tells. */
  static InputStream unpacked(String file, InputStream contents) throws IOException {
    InputStream packed = new ByteArrayInputStream(contents.readAllBytes());
    return switch (file.substring(file.indexOf(SUFFIX) + SUFFIX.length())) {
      case "" -> packed;
      case ".gz" -> new GZIPInputStream(packed);
      case ".xz" -> new XZInputStream(packed);
      case ".zst" -> new ZstdInputStream(packed);
      default -> throw new IOException("kernel module with unknown compression: " + file);
    };
  }
}

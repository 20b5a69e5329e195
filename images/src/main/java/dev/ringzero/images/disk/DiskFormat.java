package dev.ringzero.images.disk;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** How a file holds a disk. */
public enum DiskFormat {
  RAW,
  QCOW2;

  /** The format with this name, in lower case. */
  public static Optional<DiskFormat> named(String name) {
    for (DiskFormat format : values()) {
      if (format.toString().equals(name)) {
        return Optional.of(format);
      }
    }
    return Optional.empty();
  }

  /** The format that a file's name tells. */
  public static DiskFormat of(Path path) {
    return path.getFileName().toString().endsWith(".qcow2") ? QCOW2 : RAW;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}

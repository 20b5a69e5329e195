package dev.ringzero.images.build;

import java.nio.file.Path;

/** What kind of file an image becomes; the file's name tells. */
public enum ImageForm {
  /** A disk with an ext4 file system, byte by byte. */
  RAW,
  /** The same, as a qcow2 image. */
  QCOW2,
  /** A cpio archive, for a kernel to unpack into memory. */
  CPIO,
  /** The same, compressed. */
  CPIO_GZIP;

  /** The form that a file's name asks for. */
  public static ImageForm of(Path file) {
    String name = file.getFileName().toString();
    if (name.endsWith(".qcow2")) {
      return QCOW2;
    }
    if (name.endsWith(".cpio.gz")) {
      return CPIO_GZIP;
    }
    return name.endsWith(".cpio") ? CPIO : RAW;
  }

  /** Whether a machine can have it as a disk. */
  public boolean isDisk() {
    return this == RAW || this == QCOW2;
  }
}

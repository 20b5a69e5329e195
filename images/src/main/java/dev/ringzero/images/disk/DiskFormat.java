package dev.ringzero.images.disk;

/** How a file holds a disk. */
public enum DiskFormat {
  RAW,
  QCOW2
}

package dev.ringzero.images.debian;

import dev.ringzero.images.ImageException;

/**
 * A package file that can be fetched, as {@code apt-get --print-uris} names it.
 *
 * @param fileName the name under which it is fetched
 * @param sha256 in lower-case hexadecimal
 */
record PackageSource(String fileName, long sizeBytes, String sha256) {

  /** Reads a line {@code 'address' file-name size SHA256:digest}. */
  static PackageSource parse(String line) {
    String[] fields = line.strip().split(" ");
    if (fields.length != 4 || !fields[3].startsWith("SHA256:")) {
      throw new ImageException("apt-get names no SHA-256 of a package: " + line.strip());
    }
    try {
      return new PackageSource(
          fields[1], Long.parseLong(fields[2]), fields[3].substring("SHA256:".length()));
    } catch (NumberFormatException e) {
      throw new ImageException("apt-get answers in an unknown way: " + line.strip(), e);
    }
  }
}

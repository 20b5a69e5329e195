package dev.ringzero.images.store;

import dev.ringzero.images.debian.Paragraphs;
import dev.ringzero.images.disk.DiskFormat;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;

/**
 * An image that the store knows.
 *
 * @param disk where it lies
 * @param sizeBytes of the disk as a guest sees it
 * @param sha256 of the disk's file as it was built
 */
public record StoredImage(
    String name,
    Path disk,
    DiskFormat format,
    long sizeBytes,
    String sha256,
    Instant built,
    List<PackageEntry> packages) {

  /** A package in it. */
  public record PackageEntry(String name, String version, String sha256) {}

  /** The same, with its disk at another place. */
  public StoredImage at(Path other) {
    return new StoredImage(name, other, format, sizeBytes, sha256, built, packages);
  }

  /** Writes it as a paragraph of fields. */
  String text() {
    StringBuilder text = new StringBuilder();
    text.append("Image: ").append(name).append('\n');
    text.append("Disk: ").append(disk).append('\n');
    text.append("Format: ").append(format).append('\n');
    text.append("Size: ").append(sizeBytes).append('\n');
    text.append("SHA256: ").append(sha256).append('\n');
    text.append("Built: ").append(built).append('\n');
    text.append("Packages:\n");
    for (PackageEntry one : packages) {
      text.append(' ').append(one.name()).append(' ').append(one.version());
      text.append(' ').append(one.sha256()).append('\n');
    }
    return text.toString();
  }

  /**
   * Reads what {@link #text} wrote.
   *
   * @throws IOException if it is something else
   */
  static StoredImage parse(String text) throws IOException {
    Map<String, String> fields = new Paragraphs(new StringReader(text)).next();
    try {
      return new StoredImage(
          fields.get("Image"),
          Path.of(fields.get("Disk")),
          DiskFormat.named(fields.get("Format")).orElseThrow(),
          Long.parseLong(fields.get("Size")),
          fields.get("SHA256"),
          Instant.parse(fields.get("Built")),
          packages(fields.get("Packages")));
    } catch (RuntimeException e) {
      if (e instanceof NullPointerException
          || e instanceof NoSuchElementException
          || e instanceof NumberFormatException
          || e instanceof DateTimeParseException
          || e instanceof InvalidPathException) {
        throw new IOException("damaged", e);
      }
      throw e;
    }
  }

  private static List<PackageEntry> packages(String text) {
    List<PackageEntry> packages = new ArrayList<>();
    for (String line : text.split("\n")) {
      String[] words = line.strip().split(" ");
      if (words.length == 3) {
        packages.add(new PackageEntry(words[0], words[1], words[2]));
      }
    }
    return List.copyOf(packages);
  }
}

package dev.ringzero.cli.image;

import dev.ringzero.images.store.ImageStore;
import dev.ringzero.images.store.StoredImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Images for people and for programs. */
final class ImageTable {
  private static final String COLUMNS = "%-20s %8s %9s  %-20s %s%n";
  private static final String ROW = "%-10s %s%n";
  private static final int MEBIBYTE_SHIFT = 20;

  private ImageTable() {}

  static Map<String, Object> map(StoredImage image) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", image.name());
    map.put("file", image.disk().toString());
    map.put("format", image.format().toString());
    map.put("sizeBytes", image.sizeBytes());
    map.put("sha256", image.sha256());
    map.put("built", image.built().toString());
    map.put("changed", hasChanges(image));
    map.put(
        "packages",
        image.packages().stream()
            .map(one -> {
              Map<String, Object> entry = new LinkedHashMap<>();
              entry.put("name", one.name());
              entry.put("version", one.version());
              entry.put("sha256", one.sha256());
              return entry;
            })
            .toList());
    return map;
  }

  static String list(List<StoredImage> images) {
    StringBuilder text = new StringBuilder();
    text.append(COLUMNS.formatted("NAME", "SIZE", "PACKAGES", "BUILT", "FILE"));
    for (StoredImage image : images) {
      text.append(
          COLUMNS.formatted(
              image.name(),
              (image.sizeBytes() >> MEBIBYTE_SHIFT) + "M",
              image.packages().size(),
              image.built().truncatedTo(ChronoUnit.SECONDS),
              image.disk() + (Files.exists(image.disk()) ? "" : " (gone)")));
    }
    return text.toString();
  }

  static String text(StoredImage image) {
    return ROW.formatted("name", image.name())
        + ROW.formatted("file", image.disk())
        + ROW.formatted("size", (image.sizeBytes() >> MEBIBYTE_SHIFT) + " MiB" + taken(image))
        + ROW.formatted("sha256", image.sha256())
        + ROW.formatted("built", image.built().truncatedTo(ChronoUnit.SECONDS))
        + ROW.formatted("changed", hasChanges(image) ? "yes; rz image reset drops that" : "no")
        + ROW.formatted(
            "packages",
            image.packages().stream()
                .map(one -> one.name() + " " + one.version())
                .collect(Collectors.joining("\n" + " ".repeat(11))));
  }

  private static boolean hasChanges(StoredImage image) {
    return Files.exists(ImageStore.changes(image.disk()));
  }

  /** Files of images have holes; what they take is known to the host alone. */
  private static String taken(StoredImage image) {
    Path disk = image.disk();
    try {
      return Files.exists(disk) ? ", file of %,d bytes".formatted(Files.size(disk)) : ", gone";
    } catch (IOException e) {
      return "";
    }
  }
}

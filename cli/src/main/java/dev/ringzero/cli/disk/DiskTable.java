package dev.ringzero.cli.disk;

import dev.ringzero.images.disk.DiskReport;
import dev.ringzero.images.disk.qcow2.Qcow2Check;
import dev.ringzero.images.disk.qcow2.Qcow2Description;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Disk images for people and for programs. */
final class DiskTable {
  private static final String ROW = "%-16s %s%n";
  private static final int MEBIBYTE_SHIFT = 20;

  private DiskTable() {}

  static Map<String, Object> map(DiskReport report) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("file", report.file().toString());
    map.put("format", report.format());
    map.put("sizeBytes", report.sizeBytes());
    map.put("fileBytes", report.fileBytes());
    report
        .qcow2()
        .ifPresent(header -> {
          map.put("clusterBytes", header.clusterBytes());
          if (!header.backingName().isEmpty()) {
            map.put("backingFile", header.backingName());
            map.put("backingFormat", header.backingFormat());
          }
        });
    return map;
  }

  static String text(DiskReport report) {
    StringBuilder text = new StringBuilder();
    text.append(ROW.formatted("file", report.file()));
    text.append(ROW.formatted("format", report.format()));
    text.append(ROW.formatted("disk", size(report.sizeBytes())));
    text.append(ROW.formatted("file size", size(report.fileBytes())));
    if (report.qcow2().isPresent()) {
      Qcow2Description header = report.qcow2().get();
      text.append(ROW.formatted("cluster", header.clusterBytes() + " bytes"));
      if (!header.backingName().isEmpty()) {
        String format = header.backingFormat().isEmpty() ? "not said" : header.backingFormat();
        text.append(ROW.formatted("overlay of", header.backingName() + " (" + format + ")"));
      }
    }
    return text.toString();
  }

  private static String size(long bytes) {
    return "%,d bytes (%,d MiB)".formatted(bytes, bytes >> MEBIBYTE_SHIFT);
  }

  static Map<String, Object> map(Optional<Qcow2Check.Result> result) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("format", result.isPresent() ? "qcow2" : "raw");
    map.put("errors", result.map(Qcow2Check.Result::errors).orElse(0L));
    result.ifPresent(found -> {
      map.put("leakedClusters", found.leakedClusters());
      map.put("usedClusters", found.usedClusters());
      map.put("clusterBytes", found.clusterBytes());
      map.put("messages", found.messages());
    });
    return map;
  }

  static String text(Path file, Optional<Qcow2Check.Result> result) {
    if (result.isEmpty()) {
      return file + ": a raw disk, there is nothing to check\n";
    }
    Qcow2Check.Result found = result.get();
    StringBuilder text = new StringBuilder();
    found.messages().forEach(message -> text.append("error: ").append(message).append('\n'));
    text.append(file).append(": ");
    text.append(found.errors() == 0 ? "no errors" : found.errors() + " errors");
    text.append(", ").append(size(found.usedClusters() * found.clusterBytes())).append(" in use");
    if (found.leakedClusters() > 0) {
      text.append(", ")
          .append(size(found.leakedClusters() * found.clusterBytes()))
          .append(" taken by nothing, which harms nobody");
    }
    return text.append('\n').toString();
  }
}

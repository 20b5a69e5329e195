package dev.ringzero.cli.image;

import dev.ringzero.cli.ExitStatus;
import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.command.Quantity;
import dev.ringzero.cli.terminal.ProgressLine;
import dev.ringzero.control.protocol.Json;
import dev.ringzero.images.HostFileTrouble;
import dev.ringzero.images.ImageCache;
import dev.ringzero.images.ImageException;
import dev.ringzero.images.build.BaseSystem;
import dev.ringzero.images.build.ImageBuild;
import dev.ringzero.images.build.ImageForm;
import dev.ringzero.images.build.ImageRequest;
import dev.ringzero.images.debian.DebianPackage;
import dev.ringzero.images.debian.Sha256;
import dev.ringzero.images.disk.Disk;
import dev.ringzero.images.disk.DiskFormat;
import dev.ringzero.images.disk.DiskImages;
import dev.ringzero.images.store.BuildPlace;
import dev.ringzero.images.store.ImageStore;
import dev.ringzero.images.store.StoredImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.commons.cli.CommandLine;

/** {@code rz image build}. */
final class BuildAction {
  private static final Pattern PACKAGE = Pattern.compile("[a-z0-9][a-z0-9+.-]+");
  private static final long LEAST_BYTES = 16L << 20;
  private static final long MOST_BYTES = 8L << 40;

  private final CommandLine line;
  private final ImageStore store;
  private final ProgressLine progress = new ProgressLine();
  private final Optional<Path> output;
  private final String name;

  BuildAction(CommandLine line, ImageStore store) {
    this.line = line;
    this.store = store;
    this.output = value("output").map(BuildAction::file);
    this.name = chosenName();
  }

  private Optional<String> value(String option) {
    return Optional.ofNullable(line.getOptionValue(option));
  }

  private static Path file(String text) {
    try {
      Path file = Path.of(text).toAbsolutePath().normalize();
      if (!text.isEmpty() && file.getFileName() != null) {
        return file;
      }
    } catch (InvalidPathException e) {
      // the same answer as for an empty name
    }
    throw new UsageException("--output takes a file, not " + text);
  }

  /** An image is called as its file is, unless it is told. */
  private String chosenName() {
    Optional<String> named = value("name");
    if (named.isEmpty() && output.isEmpty()) {
      throw new UsageException("image build needs --name NAME, or -o FILE");
    }
    String chosen =
        named.orElseGet(() ->
            output
                .get()
                .getFileName()
                .toString()
                .replaceFirst("\\.(img|raw|qcow2|cpio(\\.gz)?)$", ""));
    if (!ImageStore.isName(chosen)) {
      throw new UsageException(
          "an image's name has up to 40 letters, digits, dots, dashes and underscores, not "
              + chosen
              + "; give one with --name");
    }
    return chosen;
  }

  int run() {
    ImageRequest request = new ImageRequest(name, base(), packages(), size());
    refuseToOverwrite();
    try {
      return output.isPresent() ? toFile(request, output.get()) : toStore(request);
    } catch (IOException e) {
      throw new ImageException("cannot write " + name + ": " + HostFileTrouble.reason(e), e);
    } finally {
      progress.clear();
    }
  }

  private BaseSystem base() {
    String text = value("base").orElse(BaseSystem.SMALL.toString());
    return BaseSystem.named(text)
        .orElseThrow(
            () -> new UsageException("--base takes small, essential or none, not " + text));
  }

  private List<String> packages() {
    List<String> packages =
        Stream.of(value("packages").orElse("").split(",", -1))
            .map(String::strip)
            .filter(one -> !one.isEmpty())
            .distinct()
            .toList();
    for (String one : packages) {
      if (!PACKAGE.matcher(one).matches()) {
        throw new UsageException("--packages takes names of packages, not " + one);
      }
    }
    return packages;
  }

  private OptionalLong size() {
    if (value("size").isEmpty()) {
      return OptionalLong.empty();
    }
    long bytes = Quantity.bytes("--size", value("size").get());
    if (bytes < LEAST_BYTES || bytes > MOST_BYTES) {
      throw new UsageException("--size takes 16M to 8T, not " + value("size").get());
    }
    return OptionalLong.of(bytes);
  }

  private void refuseToOverwrite() {
    if (line.hasOption("replace")) {
      return;
    }
    if (output.isPresent() && Files.exists(output.get())) {
      throw new ImageException(output.get() + " is there already; to overwrite it: --replace");
    }
    if (isDisk() && store.find(name).isPresent()) {
      throw new ImageException("image " + name + " is there already; to build it anew: --replace");
    }
  }

  private boolean isDisk() {
    return output.isEmpty() || ImageForm.of(output.get()).isDisk();
  }

  private int toStore(ImageRequest request) throws IOException {
    try (BuildPlace place = clearedAtTheEnd(store.newPlace())) {
      Path disk = place.file("disk.img");
      List<DebianPackage> packages = build(request, ImageForm.RAW, disk);
      StoredImage image = describe(disk, DiskFormat.RAW, packages);
      report(store.take(disk, image));
      return ExitStatus.OK;
    }
  }

  /** The file appears when it is whole. */
  private int toFile(ImageRequest request, Path file) throws IOException {
    ImageForm form = ImageForm.of(file);
    try (BuildPlace place = clearedAtTheEnd(BuildPlace.in(file.getParent()))) {
      Path unfinished = place.file("image");
      List<DebianPackage> packages = build(request, form, unfinished);
      Optional<StoredImage> image =
          form.isDisk()
              ? Optional.of(describe(unfinished, diskFormat(form), packages))
              : Optional.empty();
      store.reset(file);
      Files.move(
          unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      if (image.isPresent()) {
        StoredImage known = image.get().at(file);
        store.add(known);
        report(known);
      } else {
        reportArchive(file, packages.size());
      }
      return ExitStatus.OK;
    }
  }

  /** Also where a signal is the end. */
  private static BuildPlace clearedAtTheEnd(BuildPlace place) {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(() -> {
              try {
                place.close();
              } catch (IOException e) {
                // The next build here clears it away.
              }
            }));
    return place;
  }

  private List<DebianPackage> build(ImageRequest request, ImageForm form, Path file) {
    return new ImageBuild(ImageCache.ofUser(), progress).build(request, form, file);
  }

  private static DiskFormat diskFormat(ImageForm form) {
    return form == ImageForm.QCOW2 ? DiskFormat.QCOW2 : DiskFormat.RAW;
  }

  private StoredImage describe(Path disk, DiskFormat format, List<DebianPackage> packages)
      throws IOException {
    progress.at("reading " + name + " once more for its checksum");
    long size;
    try (Disk opened = DiskImages.open(disk, true, Optional.of(format))) {
      size = opened.sizeBytes();
    }
    return new StoredImage(
        name,
        disk,
        format,
        size,
        Sha256.of(disk),
        Instant.now(),
        packages.stream()
            .map(one -> new StoredImage.PackageEntry(one.name(), one.version(), one.sha256()))
            .toList());
  }

  private void report(StoredImage image) {
    progress.clear();
    if (line.hasOption("json")) {
      System.out.println(Json.write(ImageTable.map(image)));
    } else {
      System.out.printf(
          "%s: %d packages, %d MiB, %s%n",
          image.name(), image.packages().size(), image.sizeBytes() >> 20, image.disk());
    }
  }

  private void reportArchive(Path file, int packages) throws IOException {
    progress.clear();
    if (line.hasOption("json")) {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("file", file.toString());
      map.put("packages", packages);
      map.put("fileBytes", Files.size(file));
      System.out.println(Json.write(map));
    } else {
      System.out.printf("%s: %d packages, %d MiB%n", file, packages, Files.size(file) >> 20);
    }
  }
}

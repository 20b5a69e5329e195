package dev.ringzero.control.run;

import dev.ringzero.images.HostFileTrouble;
import dev.ringzero.images.ImageCache;
import dev.ringzero.images.ImageException;
import dev.ringzero.images.build.ImageForm;
import dev.ringzero.images.disk.BackingPolicy;
import dev.ringzero.images.disk.DiskFormat;
import dev.ringzero.images.disk.DiskImages;
import dev.ringzero.images.store.ImageStore;
import dev.ringzero.images.store.StoredImage;
import dev.ringzero.vmm.machine.DiskCache;
import dev.ringzero.vmm.machine.DiskConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/**
 * Makes a machine's disk of an image. The image itself is only read: what the guest writes goes to
 * an overlay, which is thrown away, or kept beside the image.
 */
final class ImageDisks {
  private static final String OVERLAYS = "overlays";

  private final ImageCache cache;
  private final ImageStore store;

  ImageDisks(ImageCache cache, ImageStore store) {
    this.cache = cache;
    this.store = store;
  }

  /**
   * A disk of an image.
   *
   * @param temporary the file to delete when the machine has opened it
   */
  record ImageDisk(DiskConfiguration configuration, Optional<Path> temporary) {}

  ImageDisk open(ImageChoice choice) {
    Path disk = find(choice.image());
    refuseForeignBacking(disk);
    return choice.persistent() ? kept(disk) : thrownAway(disk);
  }

  private Path find(String image) {
    Optional<StoredImage> stored = store.find(image);
    if (stored.isPresent()) {
      return present(stored.get());
    }
    try {
      Path file = Path.of(image);
      if (!image.isEmpty() && Files.isRegularFile(file)) {
        refuseArchive(file);
        return file.toAbsolutePath();
      }
    } catch (InvalidPathException e) {
      // Then it is no file either.
    }
    throw new ImageException("no image named %s; %s".formatted(image, known()));
  }

  /** Our overlay may name any image, but not so the image that a stranger made. */
  private static void refuseForeignBacking(Path disk) {
    try {
      DiskImages.open(disk, true, Optional.of(DiskFormat.of(disk)), BackingPolicy.FOLDER).close();
    } catch (IOException e) {
      throw new ImageException("cannot read " + disk + ": " + HostFileTrouble.reason(e), e);
    }
  }

  private static void refuseArchive(Path file) {
    if (!ImageForm.of(file).isDisk()) {
      throw new ImageException(file + " is an archive and no disk: rz run --initrd " + file);
    }
  }

  private static Path present(StoredImage image) {
    if (!Files.exists(image.disk())) {
      throw new ImageException(
          "the disk of image %s is gone: %s; build it again, or rz image rm %s"
              .formatted(image.name(), image.disk(), image.name()));
    }
    return image.disk();
  }

  private String known() {
    String names = store.list().stream().map(StoredImage::name).collect(Collectors.joining(", "));
    return names.isEmpty() ? "make one with rz image build" : "there are: " + names;
  }

  private static ImageDisk kept(Path disk) {
    Path changes = ImageStore.changes(disk);
    if (!Files.exists(changes)) {
      DiskImages.createOverlay(changes, disk);
    }
    return new ImageDisk(overlay(changes, DiskCache.WRITEBACK), Optional.empty());
  }

  private ImageDisk thrownAway(Path disk) {
    Path overlay;
    try {
      overlay = Files.createTempFile(cache.directory(OVERLAYS), "run-", ".qcow2");
      Files.delete(overlay);
    } catch (IOException e) {
      throw new ImageException(
          "cannot write " + cache.path(OVERLAYS) + ": " + HostFileTrouble.reason(e), e);
    }
    DiskImages.createOverlay(overlay, disk);
    return new ImageDisk(overlay(overlay, DiskCache.UNSAFE), Optional.of(overlay));
  }

  private static DiskConfiguration overlay(Path file, DiskCache durable) {
    return new DiskConfiguration(
        file,
        false,
        Optional.of(DiskFormat.QCOW2),
        BackingPolicy.ALLOW,
        durable,
        OptionalInt.empty(),
        Optional.of("root"));
  }
}

package dev.ringzero.images.build;

import dev.ringzero.images.HostFileTrouble;
import dev.ringzero.images.ImageCache;
import dev.ringzero.images.ImageException;
import dev.ringzero.images.Progress;
import dev.ringzero.images.debian.Apt;
import dev.ringzero.images.debian.AptTrouble;
import dev.ringzero.images.debian.DebianPackage;
import dev.ringzero.images.debian.DependencyResolver;
import dev.ringzero.images.debian.PackageFiles;
import dev.ringzero.images.debian.PackageIndex;
import dev.ringzero.images.disk.Disk;
import dev.ringzero.images.disk.DiskFormat;
import dev.ringzero.images.disk.DiskImages;
import dev.ringzero.images.ext4.Ext4Identity;
import dev.ringzero.images.ext4.Ext4Writer;
import dev.ringzero.images.initramfs.ArchiveStart;
import dev.ringzero.images.initramfs.TreeArchive;
import dev.ringzero.images.root.RootTree;
import dev.ringzero.images.root.Spool;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;

/**
 * Makes a root file system from Debian's packages: chooses them, fetches them through the machine's
 * package manager, unpacks them, and writes the result. It needs no root.
 */
public final class ImageBuild {
  private static final long FREE_BYTES = 512L << 20;
  private static final long ROUND_BYTES = 1L << 20;

  private final ImageCache cache;
  private final Progress progress;

  public ImageBuild(ImageCache cache, Progress progress) {
    this.cache = cache;
    this.progress = progress;
  }

  /**
   * Builds an image.
   *
   * @param target of a file that is not there yet
   * @return the packages in it
   */
  public List<DebianPackage> build(ImageRequest request, ImageForm form, Path target) {
    Apt apt = new Apt(cache.directory("apt"), progress);
    PackageFiles files = new PackageFiles(cache, apt);
    List<DebianPackage> packages = fetched(request, apt, files);
    Path directory = target.toAbsolutePath().getParent();
    Path spoolPath = directory.resolve("." + target.getFileName() + ".spool");
    try (Spool spool = new Spool(spoolPath)) {
      RootTree tree = tree(request, packages, files, spool);
      progress.at("writing " + request.name());
      write(request, packages, tree, form, target);
      return packages;
    } catch (IOException e) {
      deleteQuietly(target);
      throw new ImageException(
          "cannot make image " + request.name() + ": " + HostFileTrouble.reason(e) + hint(e), e);
    } catch (RuntimeException e) {
      deleteQuietly(target);
      throw e;
    }
  }

  private static String hint(IOException e) {
    String reason = String.valueOf(e.getMessage());
    return reason.contains("too small") ? "; give a larger --size, or leave it out" : "";
  }

  /** Lists of the machine may name files that are gone; then newer lists decide anew. */
  private List<DebianPackage> fetched(ImageRequest request, Apt apt, PackageFiles files) {
    List<DebianPackage> packages = chosen(request, apt.index());
    try {
      files.fetch(packages);
      return packages;
    } catch (ImageException e) {
      if (!AptTrouble.mayBeOldLists(e) || !apt.refresh()) {
        throw e;
      }
      List<DebianPackage> newer = chosen(request, apt.index());
      files.fetch(newer);
      return newer;
    }
  }

  private List<DebianPackage> chosen(ImageRequest request, PackageIndex index) {
    progress.at("choosing packages");
    Set<String> names = new LinkedHashSet<>(request.packages());
    names.addAll(request.base().packages(index));
    return DependencyResolver.resolve(index, names, request.base() == BaseSystem.ESSENTIAL);
  }

  private RootTree tree(
      ImageRequest request, List<DebianPackage> packages, PackageFiles files, Spool spool)
      throws IOException {
    RootTree tree = new RootTree(spool);
    SystemFiles system = new SystemFiles(tree);
    system.prepare();
    PackageUnpacker unpacker = new PackageUnpacker(tree);
    long total = packages.stream().mapToLong(DebianPackage::installedBytes).sum();
    long done = 0;
    for (DebianPackage one : packages) {
      progress.at("unpacking " + packages.size() + " packages", done, total);
      unpacker.unpack(one, files.path(one));
      done += one.installedBytes();
    }
    unpacker.finish();
    system.finish(request.name());
    return tree;
  }

  private static void write(
      ImageRequest request,
      List<DebianPackage> packages,
      RootTree tree,
      ImageForm form,
      Path target)
      throws IOException {
    switch (form) {
      case RAW -> writeDisk(request, packages, tree, DiskFormat.RAW, target);
      case QCOW2 -> writeDisk(request, packages, tree, DiskFormat.QCOW2, target);
      case CPIO, CPIO_GZIP -> {
        ArchiveStart.add(tree, request.name());
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(target), 1 << 18);
            OutputStream packed = form == ImageForm.CPIO ? out : new GZIPOutputStream(out)) {
          TreeArchive.write(tree, packed);
        }
      }
    }
  }

  private static void writeDisk(
      ImageRequest request,
      List<DebianPackage> packages,
      RootTree tree,
      DiskFormat format,
      Path target)
      throws IOException {
    long size = request.sizeBytes().orElseGet(() -> Ext4Writer.sizeFor(tree, FREE_BYTES));
    DiskImages.create(target, format, (size + ROUND_BYTES - 1) / ROUND_BYTES * ROUND_BYTES);
    try (Disk disk = DiskImages.open(target, false, Optional.of(format))) {
      Ext4Writer.write(tree, disk, identity(request, packages, tree));
    }
  }

  /** Equal packages make equal file systems, whenever they are made. */
  private static Ext4Identity identity(
      ImageRequest request, List<DebianPackage> packages, RootTree tree) {
    String madeOf = packages.stream().map(DebianPackage::sha256).collect(Collectors.joining("\n"));
    return Ext4Identity.of(request.name(), request.name() + "\n" + madeOf, tree.newestSeconds());
  }

  private static void deleteQuietly(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      // The message about the image itself says enough.
    }
  }
}

package dev.ringzero.control.snapshot;

import dev.ringzero.images.HostFileTrouble;
import dev.ringzero.images.disk.BackingPolicy;
import dev.ringzero.images.disk.DiskFormat;
import dev.ringzero.images.disk.DiskImages;
import dev.ringzero.vmm.machine.DiskCache;
import dev.ringzero.vmm.machine.DiskConfiguration;
import dev.ringzero.vmm.machine.Machine;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A disk of a saved machine. What the guest could write was copied, and is never written again:
 * machines made of it write to overlays. What it could only read stays where it is, and must not
 * have changed.
 *
 * @param file the copy, or the file that was only read
 * @param copied whether it is a copy
 * @param bytes length of the file
 * @param changed when the file was written last, in milliseconds
 */
record SavedDisk(
    Path file, boolean copied, long bytes, long changed, DiskConfiguration configuration) {
  private static final int MOST_QUEUES = 16;

  /** Copies the disks of a paused machine into a folder. */
  static List<SavedDisk> copy(Machine machine, Path folder) throws IOException {
    List<SavedDisk> disks = new ArrayList<>();
    for (DiskConfiguration disk : machine.configuration().disks()) {
      int number = disks.size();
      boolean writable = machine.isDiskWritable(number);
      Path file = writable ? folder.resolve("disk" + number + ".raw") : absolute(disk.file());
      if (writable) {
        machine.copyDisk(number, file);
      }
      disks.add(of(file, writable, disk));
    }
    return List.copyOf(disks);
  }

  private static Path absolute(Path file) {
    return file.toAbsolutePath().normalize();
  }

  private static SavedDisk of(Path file, boolean copied, DiskConfiguration disk)
      throws IOException {
    return new SavedDisk(
        file, copied, Files.size(file), Files.getLastModifiedTime(file).toMillis(), disk);
  }

  /** Makes what was copied durable. */
  void force() throws IOException {
    if (copied) {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
    }
  }

  /**
   * The disk for one machine that is made of the saved one; what it writes is thrown away with the
   * overlay.
   *
   * @param overlay a file that does not exist yet
   */
  DiskConfiguration open(Path overlay) {
    check();
    if (copied) {
      DiskImages.createOverlay(overlay, file, DiskFormat.RAW);
    }
    return new DiskConfiguration(
        copied ? overlay : file,
        !copied,
        copied ? Optional.of(DiskFormat.QCOW2) : configuration.format(),
        copied ? BackingPolicy.ALLOW : configuration.backing(),
        copied ? DiskCache.UNSAFE : configuration.cache(),
        configuration.queues(),
        configuration.serial());
  }

  private void check() {
    try {
      if (Files.size(file) != bytes || Files.getLastModifiedTime(file).toMillis() != changed) {
        throw new SnapshotException("its disk " + file + " was changed since then");
      }
    } catch (IOException e) {
      throw new SnapshotException("its disk " + file + ": " + HostFileTrouble.reason(e), e);
    }
  }

  Map<String, Object> form() {
    Map<String, Object> form = new LinkedHashMap<>();
    form.put("copied", copied);
    form.put("file", copied ? file.getFileName().toString() : file.toString());
    form.put("bytes", bytes);
    form.put("changed", changed);
    form.put("backing", configuration.backing().name());
    form.put("cache", configuration.cache().name());
    configuration.format().ifPresent(format -> form.put("format", format.name()));
    configuration.queues().ifPresent(queues -> form.put("queues", queues));
    configuration.serial().ifPresent(serial -> form.put("serial", serial));
    return form;
  }

  /**
   * Reads what {@link #form} gave.
   *
   * @param folder where copies are
   */
  static SavedDisk read(Form form, Path folder) {
    boolean copied = form.flag("copied");
    Path file = form.path("file");
    if (copied && (file.getNameCount() != 1 || file.toString().startsWith("."))) {
      throw new SnapshotException("it has a disk outside its own folder");
    }
    Path at = copied ? folder.resolve(file) : file;
    try {
      DiskConfiguration configuration =
          new DiskConfiguration(
              at,
              !copied,
              form.optionalText("format").map(DiskFormat::valueOf),
              BackingPolicy.valueOf(form.text("backing")),
              DiskCache.valueOf(form.text("cache")),
              form.has("queues")
                  ? OptionalInt.of((int) form.number("queues", 1, MOST_QUEUES))
                  : OptionalInt.empty(),
              form.optionalText("serial"));
      return new SavedDisk(
          at,
          copied,
          form.number("bytes", 0, Long.MAX_VALUE),
          form.number("changed", Long.MIN_VALUE, Long.MAX_VALUE),
          configuration);
    } catch (IllegalArgumentException e) {
      throw new SnapshotException("it has a disk that cannot be: " + e.getMessage(), e);
    }
  }
}

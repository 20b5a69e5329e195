package dev.ringzero.images.disk;

import dev.ringzero.images.ImageException;
import dev.ringzero.images.disk.qcow2.Qcow2Check;
import dev.ringzero.images.disk.qcow2.Qcow2Description;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a disk image is, without opening what it is an overlay of.
 *
 * @param sizeBytes of the disk
 * @param fileBytes of the file that holds it
 * @param qcow2 what its header says, for a qcow2 image
 */
public record DiskReport(
    Path file,
    DiskFormat format,
    long sizeBytes,
    long fileBytes,
    Optional<Qcow2Description> qcow2) {

  /** Reads what an image is. Its format is told by its content, because nothing is run from it. */
  public static DiskReport of(Path path) {
    return with(
        path,
        file -> {
          long bytes = file.sizeBytes();
          if (!Qcow2Description.describes(file)) {
            return new DiskReport(path, DiskFormat.RAW, bytes, bytes, Optional.empty());
          }
          Qcow2Description described = Qcow2Description.of(file);
          return new DiskReport(
              path, DiskFormat.QCOW2, described.sizeBytes(), bytes, Optional.of(described));
        });
  }

  /** Checks an image; empty for a raw disk, which has nothing to be wrong. */
  public static Optional<Qcow2Check.Result> check(Path path) {
    return with(
        path,
        file ->
            Qcow2Description.describes(file)
                ? Optional.of(Qcow2Check.check(file))
                : Optional.empty());
  }

  private interface Reading<R> {
    R of(DiskFile file) throws IOException;
  }

  private static <R> R with(Path path, Reading<R> reading) {
    try (DiskFile file = DiskFile.open(path, true)) {
      return reading.of(file);
    } catch (IOException e) {
      throw new ImageException("disk " + path + " " + e.getMessage(), e);
    }
  }
}

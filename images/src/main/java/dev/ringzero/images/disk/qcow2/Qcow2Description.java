package dev.ringzero.images.disk.qcow2;

import dev.ringzero.images.disk.DiskFile;
import java.io.IOException;

/**
 * What the header of an image says.
 *
 * @param backingName what it is an overlay of, as the image says it; empty for nothing
 * @param backingFormat as the image says it, or empty
 */
public record Qcow2Description(
    long sizeBytes, int clusterBytes, String backingName, String backingFormat) {

  /** Whether a file is a qcow2 image. */
  public static boolean describes(DiskFile file) throws IOException {
    return Qcow2Disk.recognises(file);
  }

  public static Qcow2Description of(DiskFile file) throws IOException {
    Header header = Header.parse(Qcow2Disk.start(file), true);
    return new Qcow2Description(
        header.sizeBytes(),
        (int) header.clusterBytes(),
        header.backing().map(Header.Backing::name).orElse(""),
        header.backing().map(Header.Backing::format).orElse(""));
  }
}

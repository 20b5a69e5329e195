package dev.ringzero.images.disk;

import dev.ringzero.images.ImageException;
import java.io.IOException;
import java.nio.file.Path;

/** Opens disk images. */
public final class DiskImages {
  private DiskImages() {}

  /**
   * Opens and locks an image.
   *
   * @throws ImageException if that is not possible
   */
  public static Disk open(Path path, boolean readOnly) {
    DiskFile file = DiskFile.open(path, readOnly);
    try {
      return new RawDisk(file, readOnly);
    } catch (IOException e) {
      throw new ImageException("cannot read disk " + path + ": " + e.getMessage(), e);
    }
  }
}

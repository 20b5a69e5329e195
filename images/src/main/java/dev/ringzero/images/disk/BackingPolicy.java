package dev.ringzero.images.disk;

import dev.ringzero.images.ImageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * Which files an image may name as what it is an overlay of. The name is part of the image, so that
 * whoever made the image chose it; what it names becomes readable to the guest.
 */
public enum BackingPolicy {
  /** Files in the overlay's own folder or below, links followed. */
  FOLDER,
  /** Any file that the user can read. */
  ALLOW,
  /** None. */
  DENY;

  /** The policy with this name, in lower case. */
  public static Optional<BackingPolicy> named(String name) {
    for (BackingPolicy policy : values()) {
      if (policy.toString().equals(name)) {
        return Optional.of(policy);
      }
    }
    return Optional.empty();
  }

  /**
   * The file that an overlay names.
   *
   * @throws ImageException if it is not one that may be used
   */
  Path resolve(Path overlay, String name) {
    if (this == DENY) {
      throw new ImageException(
          "disk " + overlay + " has a backing file, " + name + ", and may not");
    }
    try {
      Path file = overlay.toRealPath().resolveSibling(name);
      if (this == FOLDER) {
        checkInFolder(overlay, file);
      }
      return file;
    } catch (InvalidPathException e) {
      throw new ImageException("disk " + overlay + " has a backing file without a proper name", e);
    } catch (IOException e) {
      throw new ImageException(
          "disk " + overlay + " has a backing file that is missing: " + name, e);
    }
  }

  private static void checkInFolder(Path overlay, Path file) throws IOException {
    Path real = file.toRealPath();
    if (!real.startsWith(overlay.toRealPath().getParent())) {
      throw new ImageException(
          "disk %s has a backing file outside its own folder: %s; to use it, append ,backing=allow"
              .formatted(overlay, real));
    }
    if (!Files.isRegularFile(real)) {
      throw new ImageException("disk " + overlay + " has a backing file that is no file: " + real);
    }
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}

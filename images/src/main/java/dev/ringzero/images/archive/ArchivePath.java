package dev.ringzero.images.archive;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Paths in archives come from others: none may lead out of the place where it is unpacked. */
public final class ArchivePath {
  private ArchivePath() {}

  /**
   * Gives a path in its plain form, without {@code ./} and doubled slashes.
   *
   * @throws IOException for a path that starts at the root, climbs, or holds a NUL
   */
  public static String check(String path) throws IOException {
    List<String> names = new ArrayList<>();
    for (String name : path.split("/")) {
      if (name.equals("..")) {
        throw new IOException("archive has a path that climbs: " + path);
      }
      if (!name.isEmpty() && !name.equals(".")) {
        names.add(name);
      }
    }
    if (path.startsWith("/") || path.indexOf('\0') >= 0) {
      throw new IOException("archive has a path outside itself: " + path);
    }
    return String.join("/", names);
  }
}

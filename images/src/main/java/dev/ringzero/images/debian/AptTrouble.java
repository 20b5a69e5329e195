package dev.ringzero.images.debian;

import dev.ringzero.images.ImageException;
import dev.ringzero.images.debian.Command.Result;
import java.util.Optional;
import java.util.regex.Pattern;

/** Why the package manager could not do something, in words for people. */
public final class AptTrouble {
  private static final Pattern NETWORK =
      Pattern.compile("Could not (connect|resolve)|Temporary failure|Network is unreachable");
  private static final String NO_SPACE = "No space left";

  private AptTrouble() {}

  /** A file that the lists name is gone, or another one by now. */
  private static final class OldLists extends Exception {
    private static final long serialVersionUID = 1L;
  }

  /** Why something was not fetched. */
  static ImageException of(String what, Result result) {
    return ofHost(what, result)
        .orElseGet(() ->
            new ImageException(
                "apt-get cannot fetch " + what + ": " + reason(result), new OldLists()));
  }

  /** What newer lists would not mend. */
  static Optional<ImageException> ofHost(String what, Result result) {
    if (result.errors().contains(NO_SPACE)) {
      return Optional.of(
          new ImageException(
              "no space left on the disk for " + what + "; free some, or set XDG_CACHE_HOME"));
    }
    if (NETWORK.matcher(result.errors()).find()) {
      return Optional.of(
          new ImageException(
              "no network to fetch "
                  + what
                  + " with; try again when connected (rz run also takes --kernel and --initrd)"));
    }
    return Optional.empty();
  }

  private static String reason(Result result) {
    return result
        .errors()
        .lines()
        .filter(line -> line.startsWith("E: "))
        .findFirst()
        .map(line -> line.substring(3))
        .orElse("status " + result.status());
  }

  /** Whether newer lists may help. */
  public static boolean mayBeOldLists(ImageException trouble) {
    return trouble.getCause() instanceof OldLists;
  }
}

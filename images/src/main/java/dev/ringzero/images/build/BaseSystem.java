package dev.ringzero.images.build;

import dev.ringzero.images.debian.PackageIndex;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** What an image holds besides the packages that were asked for. */
public enum BaseSystem {
  /**
   * Directories, users, a shell, and busybox for every command that no other package brings. The
   * shell is not busybox's, which would take its own commands before those of packages.
   */
  SMALL {
    @Override
    List<String> packages(PackageIndex index) {
      return List.of("base-files", "base-passwd", "dash", "busybox-static");
    }
  },

  /** Every package that Debian calls essential. */
  ESSENTIAL {
    @Override
    List<String> packages(PackageIndex index) {
      return Stream.concat(
              index.essential().stream(), SMALL.packages(index).stream())
          .distinct()
          .toList();
    }
  },

  /** Nothing: whoever asks for this names every package that is needed. */
  NONE {
    @Override
    List<String> packages(PackageIndex index) {
      return List.of();
    }
  };

  abstract List<String> packages(PackageIndex index);

  /** The base with this name, in lower case. */
  public static Optional<BaseSystem> named(String name) {
    for (BaseSystem base : values()) {
      if (base.toString().equals(name)) {
        return Optional.of(base);
      }
    }
    return Optional.empty();
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}

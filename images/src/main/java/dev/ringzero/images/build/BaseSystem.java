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

  /**
   * Every package that Debian calls essential, and all that scripts of packages need, so that
   * {@code dpkg --configure -a} can run them in the guest.
   */
  ESSENTIAL {
    @Override
    List<String> packages(PackageIndex index) {
      // Directories are merged already: the package that would do it needs all of Perl.
      List<String> more =
          Stream.of("usr-is-merged").filter(one -> index.named(one).isPresent()).toList();
      return Stream.of(more, index.essential(), SMALL.packages(index))
          .flatMap(List::stream)
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

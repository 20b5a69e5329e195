package dev.ringzero.serve.resource;

import dev.ringzero.serve.http.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.http.HttpStatus;

/**
 * The folders whose files requests may name. No name leads out of them, neither by dots nor by
 * symbolic links, wherever those lead.
 *
 * <p>Not modelled: a program of the same user that puts a link in the place of a folder between a
 * look and the start of a machine; it can open those files itself.
 */
public final class FileStores {
  private final List<Path> folders;

  /**
   * Stores in folders.
   *
   * @throws IOException if one is no folder
   */
  public FileStores(List<Path> folders) throws IOException {
    List<Path> real = new ArrayList<>();
    for (Path folder : folders) {
      real.add(folder.toRealPath());
    }
    this.folders = List.copyOf(real);
  }

  public List<Path> folders() {
    return folders;
  }

  /** Whether a path lies in one of them. */
  boolean holds(String path) {
    return folders.stream().anyMatch(Path.of(path).normalize()::startsWith);
  }

  /**
   * The whole path of a file that a request names, from a store on or as a whole. It may be missing
   * if its folder is there.
   */
  String resolve(String said) {
    try {
      Path path = Path.of(said);
      for (Path part : path) {
        if (part.toString().equals("..") || part.toString().equals(".")) {
          throw refused(said, "it has " + part);
        }
      }
      return path.isAbsolute() ? absolute(said, path) : relative(said, path);
    } catch (InvalidPathException e) {
      throw refused(said, "it is no path");
    }
  }

  private String absolute(String said, Path path) {
    Path store =
        folders.stream()
            .filter(path::startsWith)
            .findFirst()
            .orElseThrow(() -> refused(said, "it lies in no store of rz serve"));
    return plain(said, store, store.relativize(path));
  }

  private String relative(String said, Path path) {
    for (Path store : folders) {
      if (Files.exists(store.resolve(path), LinkOption.NOFOLLOW_LINKS)) {
        return plain(said, store, path);
      }
    }
    return plain(said, folders.getFirst(), path);
  }

  private static String plain(String said, Path store, Path path) {
    Path at = store;
    for (Path part : path) {
      at = at.resolve(part);
      if (Files.isSymbolicLink(at)) {
        throw refused(said, "%s in it is a symbolic link".formatted(part));
      }
    }
    Path folder = at.getParent();
    if (!at.equals(store) && !Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      throw refused(said, "its folder is missing");
    }
    return at.toString();
  }

  private static Problem refused(String said, String why) {
    return Problem.of(
        HttpStatus.UNPROCESSABLE_ENTITY_422, "%s cannot be used: %s".formatted(said, why));
  }
}

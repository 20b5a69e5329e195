package dev.ringzero.control.directory;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A user's directory of control sockets, one for each running machine, named after it. Only the
 * user may enter it. Sockets behind which nobody listens any more are removed where they are met.
 */
public final class ControlDirectory {
  private static final String SUFFIX = ".sock";
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,39}");
  private static final int LONGEST_SOCKET_PATH = 107;
  private static final int MOST_MACHINES = 10_000;

  private final Path directory;

  public ControlDirectory(Path directory) {
    this.directory = directory;
  }

  /** The directory in {@code $XDG_RUNTIME_DIR/ringzero}, or in {@code ~/.local/state/ringzero}. */
  public static ControlDirectory ofUser() {
    String runtime = System.getenv("XDG_RUNTIME_DIR");
    return new ControlDirectory(
        runtime != null && !runtime.isBlank() && Files.isDirectory(Path.of(runtime))
            ? Path.of(runtime, "ringzero")
            : home().resolve(".local/state/ringzero"));
  }

  public Path path() {
    return directory;
  }

  private static Path home() {
    String home = System.getenv("HOME");
    return Path.of(home != null && !home.isBlank() ? home : System.getProperty("user.home"));
  }

  /** Whether a machine may be called so. */
  public static boolean isName(String name) {
    return NAME.matcher(name).matches();
  }

  /**
   * Takes a name and listens under it.
   *
   * @param wanted the name, or empty for one that is free
   * @throws IOException if a machine of that name runs already, or the directory is not private
   */
  public ListeningSocket listen(Optional<String> wanted) throws IOException {
    makePrivate();
    if (wanted.isPresent()) {
      return listen(wanted.get())
          .orElseThrow(() -> new IOException("a machine named " + wanted.get() + " runs already"));
    }
    for (int i = 1; i < MOST_MACHINES; i++) {
      Optional<ListeningSocket> socket = listen("vm" + i);
      if (socket.isPresent()) {
        return socket.get();
      }
    }
    throw new IOException("no free name for a machine");
  }

  private Optional<ListeningSocket> listen(String name) throws IOException {
    Path path = path(name);
    if (path.toString().getBytes(StandardCharsets.UTF_8).length > LONGEST_SOCKET_PATH) {
      throw new IOException("the path of the control socket is too long: " + path);
    }
    if (Files.exists(path, LinkOption.NOFOLLOW_LINKS) && connect(name).isPresent()) {
      return Optional.empty();
    }
    ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.bind(UnixDomainSocketAddress.of(path));
      return Optional.of(new ListeningSocket(name, path, channel));
    } catch (IOException e) {
      channel.close();
      if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
        return Optional.empty();
      }
      throw new IOException("cannot make the control socket " + path + ": " + e.getMessage(), e);
    }
  }

  /** Connects to a machine; empty if none of that name runs. The caller closes the channel. */
  public Optional<SocketChannel> connect(String name) {
    if (!isName(name)) {
      return Optional.empty();
    }
    Path path = path(name);
    try {
      return Optional.of(SocketChannel.open(UnixDomainSocketAddress.of(path)));
    } catch (IOException e) {
      try {
        Files.deleteIfExists(path);
      } catch (IOException ignored) {
        // Somebody else may have removed it.
      }
      return Optional.empty();
    }
  }

  /** Names under which sockets exist, in order; machines behind them may have ended. */
  public List<String> names() {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(SUFFIX))
          .map(name -> name.substring(0, name.length() - SUFFIX.length()))
          .sorted()
          .toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  private Path path(String name) {
    return directory.resolve(name + SUFFIX);
  }

  /** Makes the directory where it is missing, and keeps others out. */
  public void makePrivate() throws IOException {
    Files.createDirectories(
        directory.getParent(),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      Files.createDirectory(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    PosixFileAttributes attributes =
        Files.readAttributes(directory, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (!PosixFilePermissions.toString(attributes.permissions()).equals("rwx------")) {
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
    }
  }

  /**
   * A socket on which a machine listens.
   *
   * @param name of the machine
   */
  public record ListeningSocket(String name, Path path, ServerSocketChannel channel)
      implements AutoCloseable {
    @Override
    public void close() throws IOException {
      channel.close();
      Files.deleteIfExists(path);
    }
  }
}

package dev.ringzero.control.process;

import dev.ringzero.control.directory.ControlDirectory;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A user's directory of processes of one kind that several machines share: a socket for each, and a
 * lock for who starts it.
 */
public final class ProcessDirectory {
  private static final String SOCKET = ".sock";
  private static final String LOCK = ".lock";

  /** What is in a lock file that has no name any more, for those who waited for it. */
  private static final byte[] REMOVED = {1};

  private final Path directory;

  public ProcessDirectory(Path directory) {
    this.directory = directory;
  }

  /** The user's switches, beside the control sockets of the user's machines. */
  public static ProcessDirectory ofSwitches() {
    return new ProcessDirectory(ControlDirectory.ofUser().path().resolve("switches"));
  }

  /** The user's hosts of several machines. */
  public static ProcessDirectory ofHosts() {
    return new ProcessDirectory(ControlDirectory.ofUser().path().resolve("hosts"));
  }

  public Path path() {
    return directory;
  }

  /** Names under which sockets exist, in order; processes behind them may have ended. */
  public List<String> names() {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(SOCKET))
          .map(name -> name.substring(0, name.length() - SOCKET.length()))
          .filter(ControlDirectory::isName)
          .sorted()
          .toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  /** Connects to a process; empty if none of that name runs. The caller closes the channel. */
  public Optional<SocketChannel> connect(String name) {
    try {
      return Optional.of(SocketChannel.open(UnixDomainSocketAddress.of(socket(name))));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Listens under a name. The socket appears only when it can be connected to. */
  public ServerSocketChannel listen(String name) throws IOException {
    makePrivate();
    Path fresh = directory.resolve(name + "." + ProcessHandle.current().pid());
    Files.deleteIfExists(fresh);
    ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.bind(UnixDomainSocketAddress.of(fresh));
      Files.move(fresh, socket(name), StandardCopyOption.ATOMIC_MOVE);
      return channel;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /** Takes away the socket of a process that ends, and its lock unless somebody holds that. */
  public void forget(String name) throws IOException {
    Files.deleteIfExists(socket(name));
    Path path = directory.resolve(name + LOCK);
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.WRITE);
        FileLock lock = file.tryLock()) {
      if (lock != null) {
        Files.deleteIfExists(path);
        file.write(ByteBuffer.wrap(REMOVED));
      }
    } catch (NoSuchFileException | OverlappingFileLockException e) {
      // There is none, or somebody is about to start such a process.
    }
  }

  /** Waits until nobody else starts or ends the process. */
  public Lock lock(String name) throws IOException {
    makePrivate();
    while (true) {
      FileChannel file =
          FileChannel.open(
              directory.resolve(name + LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = file.lock();
      if (file.size() == 0) {
        return new Lock(file, lock);
      }
      file.close();
    }
  }

  /** Keeps others from starting or ending a process. */
  public record Lock(FileChannel file, FileLock lock) implements AutoCloseable {
    @Override
    public void close() throws IOException {
      file.close();
    }
  }

  private Path socket(String name) {
    return directory.resolve(name + SOCKET);
  }

  private void makePrivate() throws IOException {
    new ControlDirectory(directory.getParent()).makePrivate();
    new ControlDirectory(directory).makePrivate();
  }
}

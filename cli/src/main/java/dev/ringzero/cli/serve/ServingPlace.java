package dev.ringzero.cli.serve;

import dev.ringzero.cli.UsageException;
import dev.ringzero.control.directory.ControlDirectory;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Where a user's API is: a folder that only the user may enter, and one process at a time has. */
record ServingPlace(Path socket, FileChannel lock) implements AutoCloseable {
  private static final int LONGEST_SOCKET_PATH = 107;

  static ServingPlace take() throws IOException {
    ControlDirectory machines = ControlDirectory.ofUser();
    machines.makePrivate();
    Path folder = machines.path().resolve("api");
    new ControlDirectory(folder).makePrivate();
    Path socket = folder.resolve("api.sock");
    if (socket.toString().getBytes(StandardCharsets.UTF_8).length > LONGEST_SOCKET_PATH) {
      throw new UsageException("the path of the socket is too long: " + socket);
    }
    FileChannel channel =
        FileChannel.open(
            folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock held = channel.tryLock();
    if (held == null) {
      channel.close();
      throw new UsageException("rz serve runs already, at " + socket);
    }
    Files.deleteIfExists(socket);
    return new ServingPlace(socket, channel);
  }

  @Override
  public void close() throws IOException {
    lock.close();
  }
}

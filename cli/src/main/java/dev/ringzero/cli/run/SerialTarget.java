package dev.ringzero.cli.run;

import dev.ringzero.cli.UsageException;
import dev.ringzero.control.console.ConsoleHistory.Follower;
import dev.ringzero.control.run.GuestRun;
import dev.ringzero.images.HostFileTrouble;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * Where {@code --serial} sends the guest's console: into a file, or to whoever calls at a socket.
 */
final class SerialTarget {
  private static final String SOCKET_SUFFIX = ".sock";
  private static final int BUFFER_BYTES = 1 << 14;

  private final GuestRun run;

  private SerialTarget(GuestRun run) {
    this.run = run;
  }

  /** Connects the console; what comes back ends that. */
  static AutoCloseable connect(GuestRun run, Path target) {
    try {
      return target.toString().endsWith(SOCKET_SUFFIX)
          ? new SerialTarget(run).listen(target)
          : write(run, target);
    } catch (IOException e) {
      throw new UsageException(
          "cannot write the console to " + target + ": " + HostFileTrouble.reason(e));
    }
  }

  private static AutoCloseable write(GuestRun run, Path file) throws IOException {
    OutputStream out = Files.newOutputStream(file);
    run.machine()
        .console()
        .addListener((bytes, length) -> {
          try {
            out.write(bytes, 0, length);
          } catch (IOException e) {
            // The disk is full or gone; the guest may go on.
          }
        });
    return out;
  }

  private AutoCloseable listen(Path path) throws IOException {
    if (isStale(path)) {
      Files.delete(path);
    }
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      server.bind(UnixDomainSocketAddress.of(path));
    } catch (IOException e) {
      server.close();
      throw e;
    }
    Thread.ofVirtual().name("serial").start(() -> accept(server));
    return () -> {
      server.close();
      Files.deleteIfExists(path);
    };
  }

  /** Whether a run that was killed left its socket there. */
  private static boolean isStale(Path path) throws IOException {
    if (!Files.exists(path) || !Files.readAttributes(path, BasicFileAttributes.class).isOther()) {
      return false;
    }
    try (SocketChannel other = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
      return false;
    } catch (ConnectException e) {
      return true;
    }
  }

  private void accept(ServerSocketChannel server) {
    try {
      while (true) {
        SocketChannel client = server.accept();
        Follower follower = run.history().follow();
        Thread.ofVirtual().start(() -> send(follower, client));
        Thread.ofVirtual().start(() -> receive(client));
      }
    } catch (IOException e) {
      // The machine has ended.
    }
  }

  private static void send(Follower follower, SocketChannel client) {
    byte[] bytes = new byte[BUFFER_BYTES];
    try (client) {
      for (int count = follower.read(bytes); count >= 0; count = follower.read(bytes)) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes, 0, count);
        while (buffer.hasRemaining()) {
          client.write(buffer);
        }
      }
    } catch (IOException e) {
      // The caller went away.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void receive(SocketChannel client) {
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    try (client) {
      for (int count = client.read(buffer); count >= 0; count = client.read(buffer)) {
        run.type(buffer.array(), count);
        buffer.clear();
      }
    } catch (IOException e) {
      // The caller went away.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

package dev.ringzero.vmm.vsock;

import dev.ringzero.devices.virtio.vsock.HostSockets;
import dev.ringzero.devices.virtio.vsock.VirtioSocket;
import dev.ringzero.devices.virtio.vsock.VsockStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Joins streams of a guest with Unix sockets. A program of the host that calls at the socket says
 * {@code CONNECT PORT} in a line, is answered {@code OK PORT}, and then talks to the guest's
 * program that listens at that port. A program of the guest that calls port N of the host reaches
 * whoever listens at the socket whose name has {@code _N} behind it.
 */
public final class UnixSockets implements HostSockets, AutoCloseable {
  private static final String CONNECT = "CONNECT ";
  private static final int LONGEST_LINE_BYTES = 32;
  private static final long HIGHEST_PORT = 0xFFFF_FFFFL;

  private final Path path;
  private final ServerSocketChannel server;
  private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();
  private final Map<SocketChannel, VsockStream> streams = new ConcurrentHashMap<>();

  /**
   * Listens for programs of the host; only the user's own may call.
   *
   * @throws IOException if something else is at that path, or nothing can be
   */
  public UnixSockets(Path path) throws IOException {
    this.path = path;
    removeStale(path);
    server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      server.bind(UnixDomainSocketAddress.of(path));
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
    } catch (IOException | RuntimeException e) {
      server.close();
      throw new IOException(e.getMessage(), e);
    }
  }

  /** A run that was killed leaves its socket behind. */
  private static void removeStale(Path path) throws IOException {
    boolean isSocket =
        Files.exists(path, LinkOption.NOFOLLOW_LINKS)
            && Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .isOther();
    if (isSocket) {
      try (SocketChannel other = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
        throw new IOException("another program listens there");
      } catch (ConnectException e) {
        Files.delete(path);
      }
    }
  }

  /** Begins to let programs of the host in. */
  public void serve(VirtioSocket device) {
    Thread.ofVirtual().name("vsock").start(() -> acceptAll(device));
  }

  private void acceptAll(VirtioSocket device) {
    try {
      while (true) {
        SocketChannel caller = server.accept();
        open.add(caller);
        Thread.ofVirtual().name("vsock-caller").start(() -> answer(device, caller));
      }
    } catch (IOException e) {
      // The machine has ended.
    }
  }

  private void answer(VirtioSocket device, SocketChannel caller) {
    try {
      long port = readPort(caller);
      VsockStream stream = port < 0 ? null : device.connect((int) port);
      if (stream == null) {
        close(caller);
        return;
      }
      streams.put(caller, stream);
      StreamPump pump = new StreamPump(stream, caller, this::close);
      pump.awaitAnswer();
      if (stream.isClosed()) {
        close(caller);
        return;
      }
      String answer = "OK " + Integer.toUnsignedString(stream.hostPort()) + "\n";
      caller.write(ByteBuffer.wrap(answer.getBytes(StandardCharsets.US_ASCII)));
      pump.start();
    } catch (IOException e) {
      close(caller);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      close(caller);
    }
  }

  /** Reads the line byte by byte: what follows is the guest's. -1 if it is wrong. */
  private static long readPort(SocketChannel caller) throws IOException {
    ByteBuffer one = ByteBuffer.allocate(1);
    StringBuilder line = new StringBuilder();
    while (line.length() < LONGEST_LINE_BYTES && caller.read(one.clear()) == 1) {
      char character = (char) one.get(0);
      if (character == '\n') {
        return port(line.toString());
      }
      line.append(character);
    }
    return -1;
  }

  private static long port(String line) {
    String digits = line.startsWith(CONNECT) ? line.substring(CONNECT.length()).strip() : "";
    boolean valid = digits.matches("[0-9]{1,10}") && Long.parseLong(digits) <= HIGHEST_PORT;
    return valid ? Long.parseLong(digits) : -1;
  }

  @Override
  public void requested(VsockStream stream) {
    Thread.ofVirtual().name("vsock-call").start(() -> call(stream));
  }

  private void call(VsockStream stream) {
    String name = path + "_" + Integer.toUnsignedString(stream.hostPort());
    try {
      SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(name));
      open.add(channel);
      streams.put(channel, stream);
      stream.accept();
      new StreamPump(stream, channel, this::close).start();
    } catch (IOException e) {
      stream.reset();
    }
  }

  private void close(SocketChannel channel) {
    open.remove(channel);
    streams.remove(channel);
    try {
      channel.close();
    } catch (IOException e) {
      // It is gone either way.
    }
  }

  @Override
  public void close() {
    try {
      server.close();
      Files.deleteIfExists(path);
    } catch (IOException e) {
      // A socket that stays behind is removed by the next run.
    }
    // Who waits for the guest, which will not answer any more, goes on.
    List.copyOf(streams.values()).forEach(VsockStream::reset);
    open.forEach(this::close);
  }
}

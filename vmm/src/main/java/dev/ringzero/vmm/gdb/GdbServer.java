package dev.ringzero.vmm.gdb;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

/**
 * Serves one gdb after another on a loopback port: {@code target remote :PORT}. The machine stands
 * still from the moment gdb connects, and runs on when it goes.
 */
public final class GdbServer implements AutoCloseable {
  private final ServerSocket server;
  private final DebugTarget target;

  /**
   * Binds the port; nothing is served before {@link #start()}.
   *
   * @param port 1 to 65535, or 0 for any free one
   * @throws IOException if the port cannot be bound
   */
  public GdbServer(DebugTarget target, int port) throws IOException {
    this.target = target;
    server = new ServerSocket();
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1);
  }

  public int port() {
    return server.getLocalPort();
  }

  /** Starts to serve, on a thread of its own. */
  public void start() {
    Thread.ofPlatform().name("gdb-server").daemon().start(this::serve);
  }

  private void serve() {
    while (!server.isClosed()) {
      try (Socket socket = server.accept()) {
        socket.setTcpNoDelay(true);
        Packets packets = new Packets(socket.getInputStream(), socket.getOutputStream());
        new GdbSession(target, packets).run();
      } catch (IOException e) {
        // the debugger went away, or the server was closed: wait for the next one, or end
      }
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}

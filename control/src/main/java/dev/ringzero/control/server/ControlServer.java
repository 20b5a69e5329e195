package dev.ringzero.control.server;

import dev.ringzero.control.directory.ControlDirectory.ListeningSocket;
import dev.ringzero.control.protocol.Json;
import dev.ringzero.control.protocol.Json.MalformedJsonException;
import dev.ringzero.control.protocol.MessageChannel;
import dev.ringzero.control.run.GuestRun;
import dev.ringzero.control.snapshot.SnapshotException;
import dev.ringzero.images.ImageException;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.Map;

/**
 * Lets other processes of the user see and steer one machine, through its control socket. A request
 * is one line of JSON, {@code {"do": NAME, …}}; so is its answer, {@code {"ok": true, …}} or {@code
 * {"error": TEXT}}. Behind the answers to {@code attach} and {@code trace} the connection is a
 * stream of console bytes, or of lines.
 */
final class ControlServer implements AutoCloseable {
  private final ListeningSocket socket;
  private final Requests requests;

  ControlServer(ListeningSocket socket, GuestRun run, MachineHost host) {
    this.socket = socket;
    this.requests = new Requests(run, host);
  }

  /** Starts to serve, on threads of its own. */
  void start() {
    Thread.ofVirtual().name("control").start(this::accept);
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel channel = socket.channel().accept();
        Thread.ofVirtual().name("control-client").start(() -> serve(channel));
      }
    } catch (IOException e) {
      // The socket was closed: the machine has ended.
    }
  }

  private void serve(SocketChannel connection) {
    try (MessageChannel channel = new MessageChannel(connection)) {
      for (String line = channel.readLine(); line != null; line = channel.readLine()) {
        answer(channel, line);
      }
    } catch (IOException e) {
      // The client went away.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void answer(MessageChannel channel, String line)
      throws IOException, InterruptedException {
    try {
      requests.answer(Json.read(line), channel);
    } catch (MalformedJsonException | IllegalArgumentException e) {
      channel.write(Map.of("error", e.getMessage()));
    } catch (ImageException | SnapshotException e) {
      channel.write(Map.of("error", e.getMessage()));
    } catch (RuntimeException e) {
      channel.write(Map.of("error", e.toString()));
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}

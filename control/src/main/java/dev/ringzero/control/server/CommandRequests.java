package dev.ringzero.control.server;

import dev.ringzero.control.agent.AgentCommand;
import dev.ringzero.control.agent.AgentCommand.Window;
import dev.ringzero.control.protocol.MessageChannel;
import dev.ringzero.control.run.GuestRun;
import dev.ringzero.vmm.vsock.GuestSocket;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;
import java.util.Optional;

/** Requests for commands whose input and output are streams: frames of the guest's agent. */
final class CommandRequests {
  private static final int BUFFER_BYTES = 1 << 16;

  private final GuestRun run;

  CommandRequests(GuestRun run) {
    this.run = run;
  }

  /** Behind the answer the connection is the agent's, until one of both ends it. */
  void command(Map<String, Object> request, MessageChannel channel)
      throws IOException, InterruptedException {
    Optional<GuestSocket> begun;
    try {
      begun = begin(request);
    } catch (IOException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
    if (begun.isEmpty()) {
      channel.write(Map.of("ok", true, "agent", false));
      return;
    }
    try (GuestSocket socket = begun.get()) {
      channel.write(Map.of("ok", true, "agent", true));
      join(socket, channel);
    }
  }

  private Optional<GuestSocket> begin(Map<String, Object> request)
      throws IOException, InterruptedException {
    Optional<GuestSocket> called = run.agent().call(ExecRequests.limit(request));
    if (called.isPresent()) {
      try {
        AgentCommand.request(
            called.get().output(), String.valueOf(request.get("command")), window(request));
      } catch (IOException e) {
        called.get().close();
        throw e;
      }
    }
    return called;
  }

  private static Optional<Window> window(Map<String, Object> request) {
    return request.get("rows") instanceof Long rows
            && request.get("columns") instanceof Long columns
        ? Optional.of(
            new Window(
                (int) Math.clamp(rows, 1, Short.MAX_VALUE),
                (int) Math.clamp(columns, 1, Short.MAX_VALUE)))
        : Optional.empty();
  }

  private static void join(GuestSocket socket, MessageChannel channel) throws IOException {
    Thread.ofVirtual()
        .name("command-output")
        .start(() -> {
          try (channel) {
            move(socket.input(), channel.stream());
          } catch (IOException e) {
            // Whose command it is went away.
          }
        });
    try {
      move(channel.input(), socket.output());
    } catch (IOException e) {
      // The command ended, or whose it is went away.
    }
  }

  private static void move(InputStream from, OutputStream to) throws IOException {
    byte[] bytes = new byte[BUFFER_BYTES];
    for (int count = from.read(bytes); count >= 0; count = from.read(bytes)) {
      to.write(bytes, 0, count);
    }
  }
}

package dev.ringzero.serve;

import dev.ringzero.control.directory.ControlDirectory;
import dev.ringzero.control.directory.ControlDirectory.ListeningSocket;
import dev.ringzero.control.protocol.Json;
import dev.ringzero.control.protocol.MessageChannel;
import dev.ringzero.control.registry.RunningVm;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** What a machine's process says at its control socket, without a machine. */
final class FakeMachine implements AutoCloseable {
  private final ListeningSocket socket;
  private final Optional<RunningVm> kept;
  private final Queue<String> asked = new ConcurrentLinkedQueue<>();
  private volatile boolean paused;

  FakeMachine(ControlDirectory directory, String name, Optional<RunningVm> kept)
      throws IOException {
    socket = directory.listen(Optional.of(name));
    this.kept = kept;
    Thread.ofVirtual().start(this::accept);
  }

  /** What was asked, but for its status. */
  List<String> asked() {
    return List.copyOf(asked);
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel connection = socket.channel().accept();
        Thread.ofVirtual().start(() -> serve(connection));
      }
    } catch (IOException e) {
      // It ended.
    }
  }

  private void serve(SocketChannel connection) {
    try (MessageChannel channel = new MessageChannel(connection)) {
      for (String line = channel.readLine(); line != null; line = channel.readLine()) {
        answer(Json.read(line), channel);
      }
    } catch (Exception e) {
      // The client went away.
    }
  }

  private void answer(Map<String, Object> request, MessageChannel channel) throws IOException {
    String what = String.valueOf(request.get("do"));
    if (!what.equals("status")) {
      asked.add(Json.write(request));
    }
    switch (what) {
      case "status" -> channel.write(status());
      case "statistics" -> {
        Map<String, Object> shown = status();
        shown.put("exits", Map.of("CPUID", Map.of("count", 7, "nanos", 100)));
        shown.put("ramBytes", 1 << 26);
        shown.put("givenBytes", 1 << 20);
        channel.write(shown);
      }
      case "pause", "resume" -> {
        paused = what.equals("pause");
        channel.write(Map.of("ok", true));
      }
      case "stop", "size", "ready" -> channel.write(Map.of("ok", true));
      case "kill" -> {
        close();
        channel.write(Map.of("ok", true));
      }
      case "snapshot" ->
          channel.write(
              Map.of(
                  "ok",
                  true,
                  "name",
                  request.get("name"),
                  "folder",
                  "/x",
                  "storedBytes",
                  5,
                  "stoodStillMillis",
                  1));
      case "fork" -> channel.write(Map.of("ok", true, "names", List.of("web-1"), "millis", 3));
      case "exec" ->
          channel.write(
              Map.of("ok", true, "status", 3, "output", base64("said " + request.get("command"))));
      case "command" -> file(channel);
      case "attach" -> echo(channel);
      default -> channel.write(Map.of("error", "unknown request: " + what));
    }
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  /** An agent whose command reads all that there is and prints a word. */
  private static void file(MessageChannel channel) throws IOException {
    channel.write(Map.of("ok", true, "agent", true));
    byte[] frames = {
      2, 0, 0, 0, 4, 0, 0, 0, 'w', 'o', 'r', 'd', 4, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0
    };
    channel.write(frames, frames.length);
  }

  /** The console says hello, then what is typed. */
  private static void echo(MessageChannel channel) throws IOException {
    channel.write(Map.of("ok", true));
    byte[] hello = "hello ".getBytes(StandardCharsets.UTF_8);
    channel.write(hello, hello.length);
    byte[] bytes = new byte[1 << 10];
    for (int count = channel.read(bytes); count >= 0; count = channel.read(bytes)) {
      channel.write(bytes, count);
    }
  }

  private Map<String, Object> status() {
    Map<String, Object> status = new LinkedHashMap<>();
    status.put("ok", true);
    status.put("name", socket.name());
    status.put("pid", 1);
    status.put("engine", "software");
    status.put("cpus", 1);
    status.put("memoryBytes", 1 << 26);
    status.put("uptimeMillis", 5);
    status.put("state", paused ? "paused" : "running");
    status.put("ranNanos", 1_500_000_000L);
    status.put("commandLine", "quiet");
    return status;
  }

  @Override
  public void close() throws IOException {
    socket.close();
    if (kept.isPresent()) {
      kept.get().failed("killed");
      kept.get().close();
    }
  }
}

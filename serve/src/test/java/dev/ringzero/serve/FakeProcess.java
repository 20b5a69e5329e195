package dev.ringzero.serve;

import dev.ringzero.control.process.ProcessDirectory;
import dev.ringzero.control.process.SharedProcess;
import dev.ringzero.control.protocol.Json;
import dev.ringzero.control.protocol.MessageChannel;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A switch, card or host that only answers. */
final class FakeProcess {
  private final ProcessDirectory directory;
  private final String name;
  private final List<String> options;
  private final ServerSocketChannel listener;

  private FakeProcess(ProcessDirectory directory, String name, List<String> options)
      throws IOException {
    this.directory = directory;
    this.name = name;
    this.options = options;
    listener = directory.listen(name);
    Thread.ofVirtual().start(this::accept);
  }

  static SharedProcess.Connected connect(
      SharedProcess kind, ProcessDirectory directory, String name, List<String> options)
      throws IOException {
    if (directory.connect(name).isPresent()) {
      return new SharedProcess.Connected(directory.connect(name).get(), false);
    }
    new FakeProcess(directory, name, options);
    return new SharedProcess.Connected(directory.connect(name).orElseThrow(), true);
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel connection = listener.accept();
        Thread.ofVirtual().start(() -> serve(connection));
      }
    } catch (IOException e) {
      // It ended.
    }
  }

  private void serve(SocketChannel connection) {
    try (MessageChannel channel = new MessageChannel(connection)) {
      for (String line = channel.readLine(); line != null; line = channel.readLine()) {
        switch (String.valueOf(Json.read(line).get("do"))) {
          case "show" -> channel.write(show());
          case "end" -> {
            listener.close();
            directory.forget(name);
            channel.write(Map.of("ok", true));
          }
          default -> channel.write(Map.of("ok", true));
        }
      }
    } catch (Exception e) {
      // The client went away.
    }
  }

  private Map<String, Object> show() {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("ok", true);
    shown.put("name", name);
    shown.put("uplink", "none");
    shown.put("ports", List.of());
    shown.put("physicalCpus", 2);
    shown.put("machines", List.of());
    if (options.stream().anyMatch(option -> option.startsWith("--vfs"))) {
      shown.put("functions", List.of());
    }
    return shown;
  }
}

package dev.ringzero.cli.serve;

import dev.ringzero.control.protocol.Json;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** {@code rz serve} in a process of its own, with registry and sockets in a folder. */
final class ServingProcess {
  private final Path folder;
  private Process process;

  ServingProcess(Path folder) throws IOException {
    this.folder = folder;
    Files.createDirectories(folder.resolve("run"));
  }

  /** Runs rz in these surroundings. */
  Process rz(String... words) throws IOException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    List<String> command =
        Stream.concat(
                Stream.of(
                    java,
                    "-XX:+UseSerialGC",
                    "--enable-native-access=ALL-UNNAMED",
                    "--sun-misc-unsafe-memory-access=allow",
                    "-cp",
                    System.getProperty("java.class.path"),
                    "dev.ringzero.cli.Main"),
                Stream.of(words))
            .toList();
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("XDG_DATA_HOME", folder.resolve("data").toString());
    builder.environment().put("XDG_RUNTIME_DIR", folder.resolve("run").toString());
    return builder.start();
  }

  void start() throws IOException {
    process = rz("serve");
    String said = process.inputReader().readLine();
    if (said == null || !said.startsWith("rz: serves at ")) {
      throw new IOException("rz serve said " + said);
    }
  }

  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** What was answered. */
  record Answer(int status, Map<String, Object> json) {}

  Answer send(String method, String path, Map<String, Object> body) throws Exception {
    Path socket = folder.resolve("run/ringzero/api/api.sock");
    byte[] content = body == null ? new byte[0] : Json.write(body).getBytes(StandardCharsets.UTF_8);
    String head =
        "%s %s HTTP/1.1\r\nHost: rz\r\nConnection: close\r\nContent-Length: %d\r\n%s\r\n"
            .formatted(
                method,
                path,
                content.length,
                body == null ? "" : "Content-Type: application/json\r\n");
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      channel.write(ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII)));
      channel.write(ByteBuffer.wrap(content));
      String answer =
          new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
      if (answer.isEmpty()) {
        throw new IOException("no answer");
      }
      String text = answer.substring(answer.indexOf("\r\n\r\n") + 4);
      return new Answer(
          Integer.parseInt(answer.split(" ")[1]), text.isBlank() ? Map.of() : Json.read(text));
    }
  }
}

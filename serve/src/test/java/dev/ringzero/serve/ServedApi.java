package dev.ringzero.serve;

import dev.ringzero.control.directory.ControlDirectory;
import dev.ringzero.control.process.ProcessDirectory;
import dev.ringzero.control.protocol.Json;
import dev.ringzero.control.registry.Registry;
import dev.ringzero.control.registry.RegistryException;
import dev.ringzero.control.registry.VmConfiguration;
import dev.ringzero.control.snapshot.SnapshotStore;
import dev.ringzero.serve.access.Token;
import dev.ringzero.serve.http.Limits;
import dev.ringzero.serve.resource.Backend;
import dev.ringzero.serve.resource.FileStores;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** A server on a port and a Unix socket, over machines that are not there. */
final class ServedApi implements AutoCloseable {
  /** The machine that runs from the start. */
  static final String RUNNING = "web";

  /** The machine that is kept and does not run. */
  static final String RESTING = "rest";

  final Registry registry;
  final Path store;
  final Path socket;
  final Token token;
  final ControlDirectory machines;
  private final Map<String, FakeMachine> fakes = new ConcurrentHashMap<>();
  private final ApiServer server;
  private final HttpClient client = HttpClient.newHttpClient();

  ServedApi(Path folder) throws Exception {
    this(folder, Limits.USUAL);
  }

  ServedApi(Path folder, Limits limits) throws Exception {
    Path run = Files.createDirectory(folder.resolve("r"));
    store = Files.createDirectory(folder.resolve("files")).toRealPath();
    machines = new ControlDirectory(run.resolve("m"));
    machines.makePrivate();
    registry = new Registry(folder.resolve("vms"));
    socket = run.resolve("api.sock");
    token = Token.in(folder.resolve("token"));
    Backend backend =
        new Backend(
            machines,
            registry,
            this::start,
            new SnapshotStore(folder.resolve("snapshots")),
            new ProcessDirectory(run.resolve("m/switches")),
            new ProcessDirectory(run.resolve("m/hosts")),
            ServedApi::check,
            new FileStores(List.of(store)),
            FakeProcess::connect);
    server =
        new ApiServer(
            backend,
            socket,
            Optional.of(
                new ApiServer.Listen(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), token)),
            limits);
    registry.create(RUNNING, VmConfiguration.of(Map.of()));
    registry.create(RESTING, VmConfiguration.of(Map.of("cpus", 1L)));
    start(RUNNING);
  }

  private void start(String name) {
    try {
      fakes.put(name, new FakeMachine(machines, name, Optional.of(registry.run(name))));
    } catch (IOException e) {
      throw new RegistryException(RegistryException.Kind.CONFLICT, e.getMessage(), e);
    }
  }

  private static void check(VmConfiguration configuration) {
    if (Long.valueOf(13).equals(configuration.toMap().get("cpus"))) {
      throw new IllegalArgumentException("--cpus 13 is unlucky");
    }
  }

  FakeMachine fake(String name) {
    return fakes.get(name);
  }

  int port() {
    return server.port();
  }

  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port() + path);
  }

  /** An answer, with its JSON if it has one. */
  record Answer(int status, String type, String text) {
    Map<String, Object> json() throws Exception {
      return Json.read(text);
    }
  }

  Answer get(String path) throws Exception {
    return send("GET", path, null);
  }

  /** Asks with the token. */
  Answer send(String method, String path, Object body) throws Exception {
    return send(authorized(method, path, body).build());
  }

  HttpRequest.Builder authorized(String method, String path, Object body) {
    return plain(method, path, body).header("Authorization", "Bearer " + token.text());
  }

  HttpRequest.Builder plain(String method, String path, Object body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri(path))
            .method(
                method,
                body == null
                    ? BodyPublishers.noBody()
                    : BodyPublishers.ofString(
                        body instanceof String text ? text : Json.write(body)));
    return body == null ? request : request.header("Content-Type", "application/json");
  }

  Answer send(HttpRequest request) throws Exception {
    HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
    return new Answer(
        response.statusCode(),
        response.headers().firstValue("Content-Type").orElse(""),
        response.body());
  }

  HttpClient client() {
    return client;
  }

  /** Sends bytes as they are, and gives all that comes back until the server closes. */
  String raw(String text) throws IOException {
    try (Socket connection = new Socket(InetAddress.getLoopbackAddress(), port())) {
      connection.setSoTimeout(20_000);
      connection.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
      connection.getOutputStream().flush();
      return new String(connection.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (FakeMachine fake : fakes.values()) {
      fake.close();
    }
  }
}

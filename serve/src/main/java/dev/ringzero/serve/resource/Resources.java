package dev.ringzero.serve.resource;

import dev.ringzero.serve.description.ApiDescription;
import dev.ringzero.serve.http.ApiHandler.Action;
import dev.ringzero.serve.http.ApiHandler.SocketAction;
import dev.ringzero.serve.http.ApiHandler.StreamAction;
import dev.ringzero.serve.http.ApiResponse;
import dev.ringzero.serve.stream.ConsoleSocket;
import dev.ringzero.serve.stream.EventFeed;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** What each operation of the description does. */
public final class Resources {
  private final Backend backend;
  private final Machines machines;
  private final ApiDescription description;
  private final String started = Instant.now().toString();

  public Resources(Backend backend, Machines machines, ApiDescription description) {
    this.backend = backend;
    this.machines = machines;
    this.description = description;
  }

  /** Those that are answered, but for metrics. */
  public Map<String, Action> actions() {
    Map<String, Action> actions = new LinkedHashMap<>();
    actions.put("getService", request -> ApiResponse.ok(service()));
    actions.put(
        "getDescription",
        request ->
            ApiResponse.of(
                "application/yaml", description.text().getBytes(StandardCharsets.UTF_8)));
    new VmResource(backend, machines, description).register(actions);
    new SnapshotResource(backend.snapshots()).register(actions);
    ProcessResource.switches(backend).register("Switch", actions);
    ProcessResource.nics(backend).register("Nic", actions);
    ProcessResource.hosts(backend).register("Host", actions);
    return actions;
  }

  /** Those that become WebSockets. */
  public Map<String, SocketAction> sockets(EventFeed feed) {
    return Map.of(
        "followEvents",
        request -> feed.newSocket(),
        "attachToVm",
        request ->
            new ConsoleSocket(
                machines.connect(request.name()), () -> machines.connect(request.name())));
  }

  /** Those that read or write bytes as they come. */
  public Map<String, StreamAction> streams() {
    return new FileResource(machines).actions();
  }

  private Map<String, Object> service() {
    Map<String, Object> service = new LinkedHashMap<>();
    service.put("name", "RingZero");
    String version = Resources.class.getPackage().getImplementationVersion();
    service.put("version", version == null ? "unbuilt" : version);
    service.put("started", started);
    service.put("stores", backend.files().folders().stream().map(Path::toString).toList());
    return service;
  }
}

package dev.ringzero.serve.resource;

import dev.ringzero.control.registry.RegisteredVm;
import dev.ringzero.control.registry.Registry;
import dev.ringzero.control.registry.VmConfiguration;
import dev.ringzero.serve.description.ApiDescription;
import dev.ringzero.serve.description.SchemaCheck;
import dev.ringzero.serve.http.ApiHandler.Action;
import dev.ringzero.serve.http.ApiRequest;
import dev.ringzero.serve.http.ApiResponse;
import dev.ringzero.serve.http.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.eclipse.jetty.http.HttpStatus;

/** Machines: {@code /v1/vms}. */
final class VmResource {
  private static final Duration SOON = Duration.ofSeconds(5);
  private static final Duration LONG = Duration.ofMinutes(5);
  private static final long USUAL_COMMAND_MILLIS = 60_000;
  private static final Map<String, Object> ENDED = Map.of("status", "stopped");
  private static final int LOOKS = 250;
  private static final long LOOK_AGAIN_MILLIS = 20;
  private static final long USUAL_LOG_BYTES = 65_536;

  private final Backend backend;
  private final Machines machines;
  private final ApiDescription description;

  VmResource(Backend backend, Machines machines, ApiDescription description) {
    this.backend = backend;
    this.machines = machines;
    this.description = description;
  }

  void register(Map<String, Action> actions) {
    actions.put("listVms", request -> ApiResponse.list("vms", machines.list()));
    actions.put("createVm", this::create);
    actions.put("getVm", request -> ApiResponse.ok(machines.get(request.name())));
    actions.put("changeVm", this::change);
    actions.put("deleteVm", this::delete);
    actions.put("actOnVm", this::act);
    actions.put("snapshotVm", this::snapshot);
    actions.put("forkVm", this::fork);
    actions.put("execInVm", this::exec);
    actions.put(
        "getVmStatistics", request -> ApiResponse.ok(machines.statistics(request.name(), SOON)));
    actions.put("getVmLog", this::log);
  }

  private ApiResponse create(ApiRequest request) {
    String name = request.body().get("name").toString();
    if (backend.machines().connect(name).isPresent()) {
      throw Problem.of(HttpStatus.CONFLICT_409, "a machine named %s runs".formatted(name));
    }
    VmConfiguration configuration =
        VmConfiguration.of(object(request.body(), "configuration"))
            .mapPaths(backend.files()::resolve);
    check(configuration);
    backend.registry().create(name, configuration);
    return ApiResponse.created(machines.get(name));
  }

  private ApiResponse change(ApiRequest request) {
    Registry registry = backend.registry();
    RegisteredVm vm = kept(request.name());
    Map<String, Object> changes = object(request.body(), "configuration");
    Map<String, Object> given = new LinkedHashMap<>(changes);
    given.values().removeIf(value -> value == null);
    new SchemaCheck(description)
        .complaint(description.schema("Configuration"), "configuration", given)
        .ifPresent(complaint -> {
          throw Problem.of(HttpStatus.BAD_REQUEST_400, complaint);
        });
    changes.putAll(VmConfiguration.of(given).mapPaths(backend.files()::resolve).toMap());
    VmConfiguration changed = vm.configuration().with(changes);
    check(changed);
    registry.configure(vm.name(), changed);
    return ApiResponse.ok(machines.get(vm.name()));
  }

  private RegisteredVm kept(String name) {
    return backend
        .registry()
        .find(name)
        .orElseThrow(() -> {
          machines.get(name);
          return Problem.of(
              HttpStatus.CONFLICT_409,
              "machine %s only runs: it is not kept, and has no configuration here"
                  .formatted(name));
        });
  }

  private void check(VmConfiguration configuration) {
    try {
      backend.check().accept(configuration);
    } catch (RuntimeException e) {
      throw Problem.of(HttpStatus.UNPROCESSABLE_ENTITY_422, String.valueOf(e.getMessage()), e);
    }
  }

  private static Map<String, Object> object(Map<String, Object> body, String member) {
    Map<String, Object> object = new LinkedHashMap<>();
    if (body.get(member) instanceof Map<?, ?> said) {
      said.forEach((name, value) -> object.put(name.toString(), value));
    }
    return object;
  }

  private ApiResponse delete(ApiRequest request) {
    String name = request.name();
    if (backend.registry().has(name) || !backend.registry().runs().forget(name)) {
      backend.registry().remove(kept(name).name());
    }
    return ApiResponse.done();
  }

  private ApiResponse act(ApiRequest request) throws InterruptedException {
    String name = request.name();
    String type = request.body().get("type").toString();
    if (type.equals("start")) {
      start(kept(name));
    } else {
      machines.ask(name, Map.of("do", type), SOON);
    }
    if (type.equals("kill")) {
      return ApiResponse.ok(awaitEnd(name));
    }
    return ApiResponse.ok(machines.get(name));
  }

  /** What was killed ends soon; of one that is not kept nothing is left then. */
  private Map<String, Object> awaitEnd(String name) throws InterruptedException {
    Map<String, Object> shown = Map.of("name", name, "kept", false, "state", ENDED);
    for (int i = 0; i < LOOKS && backend.machines().connect(name).isPresent(); i++) {
      Thread.sleep(LOOK_AGAIN_MILLIS);
    }
    return backend.registry().has(name) ? machines.get(name) : shown;
  }

  /** What lies in a store may have become a link since it was looked at. */
  private void start(RegisteredVm vm) {
    vm.configuration()
        .mapPaths(path -> backend.files().holds(path) ? backend.files().resolve(path) : path);
    backend.starter().accept(vm.name());
  }

  private ApiResponse snapshot(ApiRequest request) {
    Map<String, Object> asked = new LinkedHashMap<>(request.body());
    asked.put("do", "snapshot");
    Map<String, Object> saved = machines.ask(request.name(), asked, LONG);
    saved.remove("folder");
    return ApiResponse.created(saved);
  }

  private ApiResponse fork(ApiRequest request) {
    Map<String, Object> asked = new LinkedHashMap<>();
    asked.put("do", "fork");
    asked.put("count", request.body().getOrDefault("count", 1L));
    if (request.body().get("prefix") != null) {
      asked.put("name", request.body().get("prefix"));
    }
    return ApiResponse.created(machines.ask(request.name(), asked, LONG));
  }

  private ApiResponse exec(ApiRequest request) {
    long millis =
        request.body().get("timeoutMillis") instanceof Long said ? said : USUAL_COMMAND_MILLIS;
    Duration limit = Duration.ofMillis(millis).plus(SOON);
    if (Boolean.TRUE.equals(request.body().get("awaitShell"))) {
      machines.ask(request.name(), Map.of("do", "ready", "millis", millis), limit);
    }
    Map<String, Object> asked = new LinkedHashMap<>();
    asked.put("do", "exec");
    asked.put("command", request.body().get("command"));
    asked.put("millis", millis);
    Map<String, Object> end = machines.ask(request.name(), asked, limit);
    byte[] output = Base64.getDecoder().decode(String.valueOf(end.get("output")));
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("exitStatus", end.get("status"));
    shown.put("output", new String(output, StandardCharsets.UTF_8));
    shown.put("outputBase64", end.get("output"));
    return ApiResponse.ok(shown);
  }

  private ApiResponse log(ApiRequest request) throws IOException {
    long bytes = request.query().get("bytes") instanceof Long said ? said : USUAL_LOG_BYTES;
    return ApiResponse.of(
        "application/octet-stream", kept(request.name()).console().tail(Math.toIntExact(bytes)));
  }
}

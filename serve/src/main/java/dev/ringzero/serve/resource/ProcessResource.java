package dev.ringzero.serve.resource;

import dev.ringzero.control.process.ProcessDirectory;
import dev.ringzero.control.process.SharedProcess;
import dev.ringzero.serve.http.ApiHandler.Action;
import dev.ringzero.serve.http.ApiRequest;
import dev.ringzero.serve.http.ApiResponse;
import dev.ringzero.serve.http.Problem;
import dev.ringzero.serve.resource.Backend.ProcessStarter;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import org.eclipse.jetty.http.HttpStatus;

/**
 * Processes that several machines share: {@code /v1/switches}, {@code /v1/nics} and {@code
 * /v1/hosts}.
 *
 * @param kind the word for one
 * @param member under which a list of them is shown
 * @param isOne whether what such a process shows of itself is of this kind
 * @param options with which one is started
 * @param settings what it is told then, if anything
 * @param starter starts one
 */
record ProcessResource(
    String kind,
    String member,
    ProcessDirectory directory,
    SharedProcess process,
    Predicate<Map<String, Object>> isOne,
    Function<Map<String, Object>, List<String>> options,
    Function<Map<String, Object>, Map<String, Object>> settings,
    ProcessStarter starter) {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  static ProcessResource switches(Backend backend) {
    return new ProcessResource(
        "switch",
        "switches",
        backend.switches(),
        SharedProcess.SWITCH,
        shown -> true,
        body -> List.of("--keep"),
        ProcessResource::switchSettings,
        backend.processes());
  }

  private static Map<String, Object> switchSettings(Map<String, Object> body) {
    Map<String, Object> settings = new LinkedHashMap<>();
    if (body.get("uplink") instanceof String uplink) {
      settings.put("uplink", uplink);
      settings.put("publish", body.getOrDefault("publish", List.of()));
      settings.put("allowHost", body.getOrDefault("allowHost", false));
      if (body.get("uplinkVlan") instanceof Long vlan) {
        settings.put("uplinkMode", "vlan=" + vlan);
      }
    }
    if (body.get("floodsASecond") instanceof Long floods) {
      settings.put("floods", floods);
    }
    return settings;
  }

  static ProcessResource hosts(Backend backend) {
    return new ProcessResource(
        "host",
        "hosts",
        backend.hosts(),
        SharedProcess.HOST,
        shown -> !shown.containsKey("functions"),
        ProcessResource::hostOptions,
        body -> Map.of(),
        backend.processes());
  }

  private static List<String> hostOptions(Map<String, Object> body) {
    List<String> options = new ArrayList<>(List.of("--keep"));
    if (body.get("physicalCpus") instanceof Long cpus) {
      options.add("--physical-cpus=" + cpus);
    }
    if (body.get("sliceMicros") instanceof Long micros) {
      options.add("--slice=" + micros + "us");
    }
    return options;
  }

  static ProcessResource nics(Backend backend) {
    return new ProcessResource(
        "nic",
        "nics",
        backend.hosts(),
        SharedProcess.HOST,
        shown -> shown.containsKey("functions"),
        body ->
            List.of(
                "--keep",
                "--vfs=" + body.getOrDefault("vfs", 7L),
                "--uplink=" + body.getOrDefault("uplink", "none")),
        body -> Map.of(),
        backend.processes());
  }

  /** Adds what can be done with them, as operations with this noun. */
  void register(String noun, Map<String, Action> actions) {
    actions.put("list" + noun + (noun.endsWith("h") ? "es" : "s"), request -> list());
    actions.put("create" + noun, this::create);
    actions.put("get" + noun, request -> ApiResponse.ok(show(request.name())));
    actions.put("delete" + noun, this::delete);
  }

  private ApiResponse list() {
    List<Map<String, Object>> all = new ArrayList<>();
    for (String name : directory.names()) {
      try {
        find(name).ifPresent(all::add);
      } catch (Problem e) {
        // It ends, or hangs; the others are shown.
      }
    }
    return ApiResponse.list(member, all);
  }

  private Optional<Map<String, Object>> find(String name) {
    return directory
        .connect(name)
        .map(channel -> Asking.ask(channel, Map.of("do", "show"), LIMIT))
        .filter(isOne);
  }

  private Map<String, Object> show(String name) {
    return find(name).orElseThrow(() -> missing(name));
  }

  private Problem missing(String name) {
    return Problem.of(HttpStatus.NOT_FOUND_404, "no %s named %s runs".formatted(kind, name));
  }

  private ApiResponse create(ApiRequest request) {
    String name = request.body().get("name").toString();
    try {
      SharedProcess.Connected connected =
          starter.connect(process, directory, name, options.apply(request.body()));
      if (!connected.started()) {
        connected.channel().close();
        throw Problem.of(
            HttpStatus.CONFLICT_409, "there is a %s or host named %s".formatted(kind, name));
      }
      set(connected.channel(), name, settings.apply(request.body()));
    } catch (IOException e) {
      throw Problem.of(HttpStatus.UNPROCESSABLE_ENTITY_422, e.getMessage(), e);
    }
    return ApiResponse.created(show(name));
  }

  /** One that was made for settings that failed goes again. */
  private void set(SocketChannel channel, String name, Map<String, Object> wanted)
      throws IOException {
    if (wanted.isEmpty()) {
      channel.close();
      return;
    }
    Map<String, Object> asked = new LinkedHashMap<>(wanted);
    asked.put("do", "set");
    try {
      Asking.ask(channel, asked, LIMIT);
    } catch (Problem e) {
      directory.connect(name).ifPresent(fresh -> Asking.ask(fresh, Map.of("do", "end"), LIMIT));
      throw Problem.of(HttpStatus.UNPROCESSABLE_ENTITY_422, e.getMessage(), e);
    }
  }

  private ApiResponse delete(ApiRequest request) {
    show(request.name());
    boolean force = Boolean.TRUE.equals(request.query().get("force"));
    Asking.ask(
        directory.connect(request.name()).orElseThrow(() -> missing(request.name())),
        Map.of("do", "end", "force", force),
        LIMIT);
    return ApiResponse.done();
  }
}

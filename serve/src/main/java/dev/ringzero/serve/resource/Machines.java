package dev.ringzero.serve.resource;

import dev.ringzero.control.registry.RegisteredVm;
import dev.ringzero.control.registry.RegistryException;
import dev.ringzero.serve.http.Problem;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.eclipse.jetty.http.HttpStatus;

/** All machines, those that are kept and those that only run, as the API shows them. */
public final class Machines {
  /** How long a machine may take for an answer that costs it nothing. */
  private static final Duration SOON = Duration.ofSeconds(5);

  private static final List<String> FIGURES =
      List.of(
          "engine",
          "cpus",
          "memoryBytes",
          "uptimeMillis",
          "ranNanos",
          "waitedNanos",
          "slices",
          "weight",
          "capPercent",
          "commandLine");

  private final Backend backend;

  public Machines(Backend backend) {
    this.backend = backend;
  }

  /** All, without what those that are kept are doing. */
  public List<Map<String, Object>> list() {
    TreeSet<String> names = new TreeSet<>(backend.registry().names());
    names.addAll(backend.machines().names());
    names.addAll(backend.registry().runs().all().keySet());
    List<Map<String, Object>> all = new ArrayList<>();
    for (String name : names) {
      try {
        Optional<RegisteredVm> kept = backend.registry().find(name);
        if (kept.isPresent()) {
          all.add(show(kept.get()));
        } else {
          status(name)
              .map(status -> showRunning(name, status))
              .or(() -> lost(name))
              .ifPresent(all::add);
        }
      } catch (RegistryException e) {
        all.add(damaged(name, e));
      }
    }
    return all;
  }

  /** A machine whose directory cannot be read hides no other. */
  private static Map<String, Object> damaged(String name, RegistryException trouble) {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("name", name);
    shown.put("kept", true);
    shown.put("state", Map.of("status", "failed", "detail", trouble.getMessage()));
    return shown;
  }

  /** One, with what it is doing. */
  Map<String, Object> get(String name) {
    Optional<RegisteredVm> kept = backend.registry().find(name);
    Optional<Map<String, Object>> status =
        kept.isPresent() && !kept.get().state().status().isLive() ? Optional.empty() : status(name);
    if (kept.isEmpty()) {
      return status
          .map(said -> showRunning(name, said))
          .or(() -> lost(name))
          .orElseThrow(() -> missing(name));
    }
    Map<String, Object> shown = show(kept.get());
    status.ifPresent(said -> shown.put("running", figures(said)));
    return shown;
  }

  /** One that is not kept and whose process was killed. */
  private Optional<Map<String, Object>> lost(String name) {
    return backend
        .registry()
        .runs()
        .find(name)
        .filter(state -> !state.status().isLive())
        .map(state -> {
          Map<String, Object> shown = new LinkedHashMap<>();
          shown.put("name", name);
          shown.put("kept", false);
          shown.put("state", state.toMap());
          return shown;
        });
  }

  private static Problem missing(String name) {
    return Problem.of(HttpStatus.NOT_FOUND_404, "no machine named " + name);
  }

  private Optional<Map<String, Object>> status(String name) {
    try {
      return backend
          .machines()
          .connect(name)
          .map(channel -> Asking.ask(channel, Map.of("do", "status"), SOON));
    } catch (Problem e) {
      return Optional.empty();
    }
  }

  private static Map<String, Object> show(RegisteredVm vm) {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("name", vm.name());
    shown.put("kept", true);
    shown.put("state", vm.state().toMap());
    shown.put("configuration", vm.configuration().toMap());
    return shown;
  }

  private static Map<String, Object> showRunning(String name, Map<String, Object> status) {
    Map<String, Object> state = new LinkedHashMap<>();
    String said = String.valueOf(status.get("state"));
    state.put("status", said.startsWith("paused") ? "paused" : "running");
    if (said.startsWith("paused: ")) {
      state.put("detail", said.substring("paused: ".length()));
    }
    if (status.get("pid") instanceof Long pid) {
      state.put("pid", pid);
    }
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("name", name);
    shown.put("kept", false);
    shown.put("state", state);
    shown.put("running", figures(status));
    return shown;
  }

  private static Map<String, Object> figures(Map<String, Object> status) {
    Map<String, Object> figures = new LinkedHashMap<>();
    for (String figure : FIGURES) {
      if (status.get(figure) != null) {
        figures.put(figure, status.get(figure));
      }
    }
    return figures;
  }

  /** Asks a machine that runs. */
  Map<String, Object> ask(String name, Map<String, Object> request, Duration limit) {
    return Asking.ask(connect(name), request, limit);
  }

  /** What a running machine has done. */
  public Map<String, Object> statistics(String name, Duration limit) {
    return ask(name, Map.of("do", "statistics"), limit);
  }

  /** A connection to a machine that runs. The caller closes it. */
  public SocketChannel connect(String name) {
    return backend
        .machines()
        .connect(name)
        .orElseThrow(() ->
            backend.registry().has(name)
                ? Problem.of(HttpStatus.CONFLICT_409, "machine %s does not run".formatted(name))
                : missing(name));
  }
}

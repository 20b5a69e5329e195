package dev.ringzero.serve.resource;

import dev.ringzero.control.snapshot.SnapshotException;
import dev.ringzero.control.snapshot.SnapshotStore;
import dev.ringzero.serve.http.ApiHandler.Action;
import dev.ringzero.serve.http.ApiRequest;
import dev.ringzero.serve.http.ApiResponse;
import dev.ringzero.serve.http.Problem;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.http.HttpStatus;

/** Saved machines: {@code /v1/snapshots}. */
final class SnapshotResource {
  private static final List<String> SHOWN =
      List.of("name", "saved", "machine", "cpus", "memoryBytes", "storedBytes");

  private final SnapshotStore store;

  SnapshotResource(SnapshotStore store) {
    this.store = store;
  }

  void register(Map<String, Action> actions) {
    actions.put(
        "listSnapshots",
        request ->
            ApiResponse.list(
                "snapshots", store.names().stream().filter(store::has).map(this::show).toList()));
    actions.put("getSnapshot", request -> ApiResponse.ok(show(known(request))));
    actions.put("deleteSnapshot", this::delete);
  }

  private String known(ApiRequest request) {
    if (!store.has(request.name())) {
      throw Problem.of(HttpStatus.NOT_FOUND_404, "no snapshot named " + request.name());
    }
    return request.name();
  }

  private Map<String, Object> show(String name) {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("name", name);
    try {
      Map<String, Object> all = store.get(name).toMap();
      SHOWN.forEach(member -> shown.put(member, all.get(member)));
    } catch (SnapshotException e) {
      shown.put("damage", e.getMessage());
    }
    return shown;
  }

  private ApiResponse delete(ApiRequest request) {
    store.remove(known(request));
    return ApiResponse.done();
  }
}

package dev.ringzero.control.server;

import dev.ringzero.control.run.GuestRun;
import dev.ringzero.control.snapshot.SnapshotException;
import dev.ringzero.control.snapshot.SnapshotSave;
import dev.ringzero.control.snapshot.SnapshotSave.Saved;
import dev.ringzero.control.snapshot.SnapshotStore;
import java.util.Map;

/** Requests to save a machine and to make copies of it. */
final class SnapshotRequests {
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final GuestRun run;
  private final MachineHost host;

  SnapshotRequests(GuestRun run, MachineHost host) {
    this.run = run;
    this.host = host;
  }

  Map<String, Object> save(Map<String, Object> request) {
    if (!(request.get("name") instanceof String name)) {
      throw new SnapshotException("a snapshot needs a name");
    }
    Saved saved =
        new SnapshotSave(SnapshotStore.ofUser())
            .save(run, name, Boolean.TRUE.equals(request.get("replace")));
    return Map.of(
        "name",
        saved.name(),
        "folder",
        saved.folder().toString(),
        "storedBytes",
        saved.storedBytes(),
        "stoodStillMillis",
        saved.stoodStill().toMillis());
  }

  Map<String, Object> fork(Map<String, Object> request) {
    int count =
        request.get("count") instanceof Long number
            ? (int) Math.clamp(number, 0, Integer.MAX_VALUE)
            : 1;
    String prefix =
        request.get("name") instanceof String name ? name : run.machine().configuration().name();
    long began = System.nanoTime();
    Object names = host.fork(run, count, prefix);
    return Map.of("names", names, "millis", (System.nanoTime() - began) / NANOS_PER_MILLI);
  }
}

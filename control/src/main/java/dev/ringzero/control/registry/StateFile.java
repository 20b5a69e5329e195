package dev.ringzero.control.registry;

import dev.ringzero.control.protocol.Json;
import dev.ringzero.control.protocol.Json.MalformedJsonException;
import dev.ringzero.control.registry.VmState.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The file in which the process of a machine says how it is. What it says last may not be true any
 * more: a process that was killed could not write.
 */
final class StateFile {
  private static final String LOST = "its process was killed, or the computer ended";

  private final Path file;

  StateFile(Path file) {
    this.file = file;
  }

  /** A state of a process that runs; that is this one. */
  void writeLive(Status status) throws IOException {
    Map<String, Object> map = begin(status);
    map.put("process", ProcessIdentity.self().toMap());
    AtomicFile.write(file, Json.write(map));
  }

  /** A state without a process. */
  void write(Status status, String cause, String detail, Optional<Integer> exitStatus)
      throws IOException {
    Map<String, Object> map = begin(status);
    if (!cause.isEmpty()) {
      map.put("cause", cause);
    }
    map.put("detail", detail);
    exitStatus.ifPresent(number -> map.put("exitStatus", number));
    AtomicFile.write(file, Json.write(map));
  }

  private static Map<String, Object> begin(Status status) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("status", status.word());
    map.put("since", Instant.now().toString());
    return map;
  }

  /** How the machine is, whatever was said last. */
  VmState read() throws IOException {
    try {
      Map<String, Object> map = Json.read(Files.readString(file));
      Status said = Status.valueOf(String.valueOf(map.get("status")).toUpperCase(Locale.ROOT));
      Optional<ProcessIdentity> process = ProcessIdentity.of(map.get("process"));
      boolean lost = said.isLive() && !process.map(ProcessIdentity::isAlive).orElse(false);
      return new VmState(
          lost ? Status.LOST : said,
          String.valueOf(map.get("since")),
          lost ? Optional.empty() : process.map(ProcessIdentity::pid),
          Optional.ofNullable(map.get("cause")).map(Object::toString),
          lost ? LOST : map.getOrDefault("detail", "").toString(),
          map.get("exitStatus") instanceof Long number ? Optional.of(number) : Optional.empty());
    } catch (MalformedJsonException | IllegalArgumentException e) {
      throw new IOException(file + " is damaged: " + e.getMessage(), e);
    }
  }
}

package dev.ringzero.control.registry;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A machine that is kept, as it was when it was looked at.
 *
 * @param directory of its files
 */
public record RegisteredVm(
    String name, Path directory, VmConfiguration configuration, VmState state) {

  /** What its console said. */
  public ConsoleLog console() {
    return new ConsoleLog(directory);
  }

  /** What its process said, beside the guest's console. */
  public Path monitorLog() {
    return directory.resolve("monitor.log");
  }

  /** The JSON object. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", name);
    map.put("state", state.toMap());
    map.put("configuration", configuration.toMap());
    return map;
  }
}

package dev.ringzero.control.server;

import dev.ringzero.control.run.GuestRun;
import dev.ringzero.engine.VirtualCpu;
import dev.ringzero.vmm.machine.Machine;
import dev.ringzero.vmm.memory.AddressWalk;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How a machine translates one address, asked from outside while it stands still. */
final class WalkRequest {
  private final GuestRun run;

  WalkRequest(GuestRun run) {
    this.run = run;
  }

  /** An answer with {@code ok} or {@code error}. */
  Map<String, Object> answer(Map<String, Object> request) {
    Machine machine = run.machine();
    if (!(request.get("address") instanceof Long gva)) {
      return Map.of("error", "which address?");
    }
    int id = request.get("cpu") instanceof Long cpu ? Math.toIntExact(cpu) : 0;
    if (id < 0 || id >= machine.cpus().size()) {
      return Map.of("error", "there is no processor " + id);
    }
    VirtualCpu cpu = machine.cpu(id);
    Optional<AddressWalk> walk;
    machine.pause();
    try {
      walk = machine.memoryVirtualization().walk(cpu, gva);
    } finally {
      machine.resume();
    }
    return walk.map(found -> map(machine, gva, found))
        .orElse(
            Map.of("error", "the host's kernel translates for this machine, and does not tell"));
  }

  private static Map<String, Object> map(Machine machine, long gva, AddressWalk walk) {
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("ok", true);
    answer.put("address", "0x" + Long.toHexString(gva));
    answer.put("memoryVirtualization", machine.memoryVirtualization().word());
    List<Object> tables = new ArrayList<>();
    for (AddressWalk.Table table : walk.tables()) {
      List<Object> steps = new ArrayList<>();
      for (AddressWalk.Step step : table.steps()) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("name", step.name());
        object.put("place", step.place());
        object.put("entry", "%016x".formatted(step.entry()));
        object.put("meaning", step.meaning());
        steps.add(object);
      }
      tables.add(Map.of("tables", table.name(), "entries", steps));
    }
    answer.put("walk", tables);
    answer.put("result", walk.result());
    return answer;
  }
}

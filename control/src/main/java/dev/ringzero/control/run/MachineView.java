package dev.ringzero.control.run;

import dev.ringzero.engine.Register;
import dev.ringzero.engine.SegmentState;
import dev.ringzero.engine.VirtualCpu;
import dev.ringzero.vmm.machine.EngineConfiguration;
import dev.ringzero.vmm.machine.Machine;
import dev.ringzero.vmm.machine.MachineConfiguration;
import dev.ringzero.vmm.schedule.VcpuTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;

/** A machine as others see it, as JSON objects. */
public final class MachineView {
  private static final String[] SEGMENTS = {
    "ES", "CS", "SS", "DS", "FS", "GS", "LDTR", "TR", "GDTR", "IDTR"
  };

  private MachineView() {}

  /** What it is and how long it runs. */
  public static Map<String, Object> status(GuestRun run) {
    MachineConfiguration configuration = run.machine().configuration();
    Map<String, Object> status = new LinkedHashMap<>();
    status.put("name", configuration.name());
    status.put("pid", ProcessHandle.current().pid());
    status.put("engine", configuration.engine().word());
    status.put("cpus", configuration.cpus());
    status.put("memoryBytes", configuration.memoryBytes());
    status.put("uptimeMillis", Duration.between(run.started(), Instant.now()).toMillis());
    status.put("state", state(run));
    status.put("ranNanos", sum(run, VcpuTime::ranNanos));
    status.put("waitedNanos", sum(run, VcpuTime::waitedNanos));
    status.put("slices", sum(run, VcpuTime::slices));
    if (configuration.engine() instanceof EngineConfiguration.Software ours) {
      status.put("weight", ours.share().weight());
      status.put("capPercent", ours.share().capPercent());
    }
    status.put("commandLine", configuration.commandLine());
    return status;
  }

  private static long sum(GuestRun run, ToLongFunction<VcpuTime> figure) {
    return run.machine().times().stream().mapToLong(figure).sum();
  }

  private static String state(GuestRun run) {
    String waitsFor = run.machine().waitsFor();
    if (!waitsFor.isEmpty()) {
      return "paused: " + waitsFor;
    }
    return run.isPaused() ? "paused" : "running";
  }

  /** What it has done so far; it goes on meanwhile. */
  public static Map<String, Object> statistics(GuestRun run) {
    Map<String, Object> shown = status(run);
    shown.putAll(run.statistics().toMap());
    return shown;
  }

  /** Registers of all processors, at one moment, and what the machine has done so far. */
  public static Map<String, Object> inspect(GuestRun run) {
    Map<String, Object> inspected = status(run);
    Machine machine = run.machine();
    machine.pause();
    try {
      List<Object> processors = new ArrayList<>();
      for (VirtualCpu cpu : run.cpus()) {
        processors.add(processor(cpu));
      }
      inspected.put("processors", processors);
    } finally {
      machine.resume();
    }
    inspected.put("statistics", run.statistics().toMap());
    return inspected;
  }

  private static Map<String, Object> processor(VirtualCpu cpu) {
    Map<String, Object> registers = new LinkedHashMap<>();
    for (Register register : Register.values()) {
      registers.put(register.name(), "%016x".formatted(cpu.register(register)));
    }
    Map<String, Object> segments = new LinkedHashMap<>();
    for (int number = 0; number < SEGMENTS.length; number++) {
      SegmentState segment = cpu.segment(number);
      segments.put(
          SEGMENTS[number],
          "%04x base %016x limit %08x rights %05x"
              .formatted(
                  segment.selector(), segment.base(), segment.limit(), segment.accessRights()));
    }
    Map<String, Object> processor = new LinkedHashMap<>();
    processor.put("id", cpu.id());
    processor.put("registers", registers);
    processor.put("segments", segments);
    return processor;
  }
}

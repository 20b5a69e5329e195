package dev.ringzero.serve.metrics;

import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;

/** What machines do, asked of them when somebody wants to know. */
public final class MachineMetrics {
  private static final double NANOS_PER_SECOND = 1e9;

  private final PrometheusRegistry registry;
  private final Supplier<List<Map<String, Object>>> machines;
  private final Function<String, Map<String, Object>> statistics;
  private Map<String, Long> states = Map.of();
  private Map<String, Map<String, Object>> figures = Map.of();

  /**
   * Makes the metrics.
   *
   * @param machines all of them, as they are now
   * @param statistics of a running one, by name; empty if it does not say
   */
  public MachineMetrics(
      PrometheusRegistry registry,
      Supplier<List<Map<String, Object>>> machines,
      Function<String, Map<String, Object>> statistics) {
    this.registry = registry;
    this.machines = machines;
    this.statistics = statistics;
    GaugeWithCallback.builder()
        .name("ringzero_vms")
        .help("Machines by state")
        .labelNames("state")
        .callback(
            callback -> states.forEach((state, count) -> callback.call((double) count, state)))
        .register(registry);
    counter("cpu_seconds", "Time in which its vCPUs ran", "ranNanos", NANOS_PER_SECOND);
    counter("wait_seconds", "Time in which they could have run", "waitedNanos", NANOS_PER_SECOND);
    counter("slices", "Time slices of its vCPUs", "slices", 1);
    gauge("memory_bytes", "Memory that its guest was promised", "ramBytes");
    gauge("memory_given_bytes", "Machine memory that it takes", "givenBytes");
    CounterWithCallback.builder()
        .name("ringzero_vm_exits_total")
        .help("VM exits by reason")
        .labelNames("vm", "reason")
        .callback(callback -> figures.forEach((vm, its) -> exits(callback, vm, its)))
        .register(registry);
  }

  private static void exits(
      CounterWithCallback.Callback callback, String vm, Map<String, Object> figures) {
    if (figures.get("exits") instanceof Map<?, ?> byReason) {
      byReason.forEach((reason, exits) -> {
        if (exits instanceof Map<?, ?> of && of.get("count") instanceof Long count) {
          callback.call(count, vm, reason.toString());
        }
      });
    }
  }

  private void counter(String name, String help, String figure, double unit) {
    CounterWithCallback.builder()
        .name("ringzero_vm_" + name + "_total")
        .help(help)
        .labelNames("vm")
        .callback(callback ->
            figures.forEach((vm, its) -> {
              if (its.get(figure) instanceof Long value) {
                callback.call(value / unit, vm);
              }
            }))
        .register(registry);
  }

  private void gauge(String name, String help, String figure) {
    GaugeWithCallback.builder()
        .name("ringzero_vm_" + name)
        .help(help)
        .labelNames("vm")
        .callback(callback ->
            figures.forEach((vm, its) -> {
              if (its.get(figure) instanceof Long value) {
                callback.call(value, vm);
              }
            }))
        .register(registry);
  }

  /** All figures in Prometheus' text form. */
  public synchronized byte[] text() throws IOException {
    Map<String, Long> counted = new TreeMap<>();
    Map<String, Map<String, Object>> asked = new TreeMap<>();
    for (Map<String, Object> machine : machines.get()) {
      String name = String.valueOf(machine.get("name"));
      String state =
          machine.get("state") instanceof Map<?, ?> its ? String.valueOf(its.get("status")) : "";
      counted.merge(state, 1L, Long::sum);
      if (state.equals("running") || state.equals("paused")) {
        asked.put(name, statistics.apply(name));
      }
    }
    states = counted;
    figures = asked;
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    PrometheusTextFormatWriter.create().write(text, registry.scrape(), EscapingScheme.ALLOW_UTF8);
    return text.toByteArray();
  }
}

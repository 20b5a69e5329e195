package dev.ringzero.serve.metrics;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Unit;

/** How requests were answered. */
public final class RequestMetrics {
  private static final double NANOS_PER_SECOND = 1e9;

  private final Counter answered;
  private final Histogram seconds;

  public RequestMetrics(PrometheusRegistry registry) {
    answered =
        Counter.builder()
            .name("ringzero_api_requests_total")
            .help("Requests by operation and status; none is for those that were led nowhere")
            .labelNames("operation", "status")
            .register(registry);
    seconds =
        Histogram.builder()
            .name("ringzero_api_request_seconds")
            .help("Time from a request's head to its answer")
            .unit(Unit.SECONDS)
            .classicUpperBounds(0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60)
            .classicOnly()
            .register(registry);
  }

  /** A request was answered. */
  public void done(String operation, int status, long nanos) {
    answered.labelValues(operation, Integer.toString(status)).inc();
    seconds.observe(nanos / NANOS_PER_SECOND);
  }
}

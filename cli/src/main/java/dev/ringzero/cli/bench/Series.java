package dev.ringzero.cli.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Times of one kind of run, in the order in which they were taken. */
final class Series {
  private final List<Double> seconds = new ArrayList<>();

  void add(Duration time) {
    seconds.add(time.toNanos() / 1e9);
  }

  double median() {
    List<Double> sorted = seconds.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  double min() {
    return seconds.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
  }

  double max() {
    return seconds.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
  }
}

package dev.ringzero.cli.bench;

import java.util.ArrayList;
import java.util.List;

/** Figures of one program on one subject, in the order in which they were taken. */
public final class Series {
  private final List<Double> values = new ArrayList<>();

  void add(double value) {
    values.add(value);
  }

  /** All of them. */
  public List<Double> values() {
    return List.copyOf(values);
  }

  /** The one in the middle, or the mean of the two in the middle. */
  public double median() {
    return median(values);
  }

  static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  public double min() {
    return values.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
  }

  public double max() {
    return values.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
  }
}

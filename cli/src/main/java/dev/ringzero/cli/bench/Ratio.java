package dev.ringzero.cli.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * How many times as fast as a peer RingZero is.
 *
 * @param median of the peer's times over the median of ours
 * @param min of the rounds
 * @param max of the rounds
 */
public record Ratio(double median, double min, double max) {

  /** Compares round by round, so that what slows both down cancels out. */
  static Ratio of(Series ours, Series peer) {
    List<Double> rounds = new ArrayList<>();
    int count = Math.min(ours.values().size(), peer.values().size());
    for (int i = 0; i < count; i++) {
      rounds.add(peer.values().get(i) / ours.values().get(i));
    }
    return new Ratio(
        peer.median() / ours.median(),
        rounds.stream().mapToDouble(Double::doubleValue).min().orElseThrow(),
        rounds.stream().mapToDouble(Double::doubleValue).max().orElseThrow());
  }
}

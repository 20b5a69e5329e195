package dev.ringzero.cli.bench;

import dev.ringzero.cli.bench.subject.Subject;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Predicate;

/** Times and failures by program and subject. */
public final class Results {
  private final Map<Program, Map<String, Series>> times = new LinkedHashMap<>();
  private final Map<Program, Map<String, String>> failures = new LinkedHashMap<>();

  /** A program took that long. */
  public void add(Program program, Subject subject, double seconds) {
    row(times, program).computeIfAbsent(subject.key(), key -> new Series()).add(seconds);
  }

  /** A program went wrong: none of its times on that subject counts. */
  public void fail(Program program, Subject subject, String reason) {
    row(failures, program).putIfAbsent(subject.key(), reason);
  }

  private <T> Map<String, T> row(Map<Program, Map<String, T>> table, Program program) {
    times.computeIfAbsent(program, key -> new LinkedHashMap<>());
    return table.computeIfAbsent(program, key -> new LinkedHashMap<>());
  }

  /** What was measured or tried, in its order. */
  public List<Program> programs() {
    return List.copyOf(times.keySet());
  }

  /** A program's times on a subject, if it never failed there. */
  public Optional<Series> series(Program program, Subject subject) {
    return failure(program, subject).isPresent()
        ? Optional.empty()
        : Optional.ofNullable(times.getOrDefault(program, Map.of()).get(subject.key()));
  }

  /** Why a program has no times on a subject. */
  public Optional<String> failure(Program program, Subject subject) {
    return Optional.ofNullable(failures.getOrDefault(program, Map.of()).get(subject.key()));
  }

  /** Whether anything went wrong. */
  public boolean failed() {
    return !failures.isEmpty();
  }

  /** How many times as fast as the peer we are, where both have times. */
  public Optional<Ratio> ratio(Program program, Subject ours, Subject peer) {
    Optional<Series> mine = series(program, ours);
    Optional<Series> other = series(program, peer);
    return mine.isPresent() && other.isPresent()
        ? Optional.of(Ratio.of(mine.get(), other.get()))
        : Optional.empty();
  }

  /** Geometric mean of the ratios to a peer, over the programs that the filter takes. */
  public OptionalDouble geometricMean(Subject ours, Subject peer, Predicate<Program> filter) {
    return programs().stream()
        .filter(filter)
        .map(program -> ratio(program, ours, peer))
        .flatMap(Optional::stream)
        .mapToDouble(ratio -> Math.log(ratio.median()))
        .average()
        .stream()
        .map(Math::exp)
        .findFirst();
  }

  /** Failures in words. */
  public List<String> failureLines(Collection<Subject> subjects) {
    return failures.entrySet().stream()
        .flatMap(row ->
            subjects.stream()
                .filter(subject -> row.getValue().containsKey(subject.key()))
                .map(subject ->
                    row.getKey().name()
                        + " on "
                        + subject.name()
                        + ": "
                        + row.getValue().get(subject.key())))
        .toList();
  }
}

package dev.ringzero.cli.control;

import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.command.Quantity;
import dev.ringzero.control.protocol.Json;
import dev.ringzero.control.protocol.Json.MalformedJsonException;
import dev.ringzero.control.protocol.MessageChannel;
import dev.ringzero.images.HostFileTrouble;
import dev.ringzero.vmm.schedule.Slice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.cli.CommandLine;

/** {@code rz trace --slices}: as lines, or as a timeline in a page. */
final class SliceTrace {
  private static final Duration USUAL = Duration.ofSeconds(2);
  private static final Duration LONGEST = Duration.ofMinutes(1);
  private static final double NANOS_PER_MILLI = 1e6;

  private final MessageChannel channel;

  SliceTrace(MessageChannel channel) {
    this.channel = channel;
  }

  void show(CommandLine line) throws IOException {
    String html = line.getOptionValue("html");
    if (html == null && line.hasOption("for")) {
      throw new UsageException("--for goes with --html");
    }
    Duration duration =
        Optional.ofNullable(line.getOptionValue("for"))
            .map(text -> Quantity.duration("--for", text))
            .orElse(USUAL);
    if (duration.isZero() || duration.compareTo(LONGEST) > 0) {
      throw new UsageException("--for takes up to 1m, not " + line.getOptionValue("for"));
    }
    int cpus = ((Long) channel.ask(Map.of("do", "slices")).get("physicalCpus")).intValue();
    if (html == null) {
      print();
    } else {
      write(html, cpus, duration);
    }
  }

  private void print() throws IOException {
    long first = 0;
    for (String text = channel.readLine(); text != null; text = channel.readLine()) {
      Optional<Slice> slice = parse(text);
      if (slice.isEmpty()) {
        System.out.println(text);
        continue;
      }
      Slice of = slice.get();
      first = first == 0 ? of.beganNanos() : first;
      System.out.printf(
          "pcpu%-3d %12.3f ms %10.3f ms  %-20s %s%n",
          of.cpu(),
          (of.beganNanos() - first) / NANOS_PER_MILLI,
          (of.endedNanos() - of.beganNanos()) / NANOS_PER_MILLI,
          of.vcpu(),
          words(of.end()));
    }
  }

  private static String words(Slice.End end) {
    return switch (end) {
      case WAITS -> "waits";
      case PREEMPTED -> "preempted";
      case ENDED -> "ended";
    };
  }

  private void write(String html, int cpus, Duration duration) throws IOException {
    List<Slice> slices = new ArrayList<>();
    long until = System.nanoTime() + duration.toNanos();
    Thread end = Thread.ofVirtual().start(() -> closeAfter(duration));
    try {
      for (String text = channel.readLine(); text != null; text = channel.readLine()) {
        parse(text).ifPresent(slices::add);
      }
    } catch (IOException e) {
      if (System.nanoTime() < until) {
        throw e;
      }
    }
    end.interrupt();
    try {
      Files.writeString(Path.of(html), SliceTimeline.page(slices, cpus, duration));
    } catch (IOException e) {
      throw new UsageException("cannot write " + html + ": " + HostFileTrouble.reason(e));
    } catch (InvalidPathException e) {
      throw new UsageException("--html takes a file, not " + html);
    }
    System.out.printf("%d slices in %s%n", slices.size(), html);
  }

  private void closeAfter(Duration duration) {
    try {
      Thread.sleep(duration);
      channel.close();
    } catch (IOException | InterruptedException e) {
      // It ended before.
    }
  }

  private static Optional<Slice> parse(String text) {
    try {
      Map<String, Object> line = Json.read(text);
      return Optional.of(
          new Slice(
              ((Long) line.get("cpu")).intValue(),
              String.valueOf(line.get("vcpu")),
              (Long) line.get("beganNanos"),
              (Long) line.get("endedNanos"),
              Slice.End.valueOf(String.valueOf(line.get("end")))));
    } catch (MalformedJsonException e) {
      return Optional.empty();
    }
  }
}

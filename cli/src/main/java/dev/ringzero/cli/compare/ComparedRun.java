package dev.ringzero.cli.compare;

import dev.ringzero.cli.UsageException;
import dev.ringzero.control.process.OwnCommandLine;
import dev.ringzero.control.protocol.Json;
import dev.ringzero.control.protocol.Json.MalformedJsonException;
import dev.ringzero.vmm.memory.MemoryTechnique;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Scanner;
import java.util.concurrent.TimeUnit;

/**
 * One run of a guest, in a process of its own.
 *
 * @param seconds that the work took by the guest's clock, to a hundredth
 * @param begin statistics when the work began, as {@code rz run --json} gives them
 * @param end when it ended
 */
record ComparedRun(double seconds, Map<?, ?> begin, Map<?, ?> end) {
  private static final String CLOCK = "cut -d' ' -f1 /proc/uptime";
  private static final String MARK = "rz-compare";
  private static final String BEGIN = "rz-begin";
  private static final String END = "rz-end";
  private static final long MOST_MINUTES = 10;

  static ComparedRun of(MemoryTechnique technique, int cpus, String work)
      throws IOException, InterruptedException {
    String script =
        "a=$(%s); echo %s; ( %s ) >/dev/null 2>&1; status=$?; echo %s; echo %s $a $(%s); exit $status"
            .formatted(CLOCK, BEGIN, work, END, MARK, CLOCK);
    List<String> command = ourselves();
    command.addAll(
        List.of(
            "run",
            "--memory-virtualization",
            technique.word(),
            "--cpus",
            Integer.toString(cpus),
            "--json",
            "--stats-between",
            BEGIN + "," + END,
            "--exec",
            script));
    Path errors = Files.createTempFile("ringzero-compare-", ".log");
    Path output = Files.createTempFile("ringzero-compare-", ".out");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectInput(Path.of("/dev/null").toFile())
              .redirectOutput(output.toFile())
              .redirectError(errors.toFile())
              .start();
      try {
        if (!process.waitFor(MOST_MINUTES, TimeUnit.MINUTES)) {
          throw new UsageException(
              "the guest with " + technique.word() + " does not come to an end");
        }
      } finally {
        process.destroyForcibly();
      }
      return parse(technique, Files.readString(output), Files.readAllLines(errors));
    } finally {
      Files.delete(errors);
      Files.delete(output);
    }
  }

  static ComparedRun parse(MemoryTechnique technique, String output, List<String> errors) {
    int at = output.lastIndexOf(MARK + " ");
    if (at >= 0) {
      try (Scanner clock = new Scanner(output.substring(at + MARK.length()))) {
        double begin = Double.parseDouble(clock.next());
        double end = Double.parseDouble(clock.next());
        for (String line : errors) {
          if (line.startsWith("{")) {
            Map<?, ?> between = (Map<?, ?>) Json.read(line).get("between");
            return new ComparedRun(
                end - begin, (Map<?, ?>) between.get("begin"), (Map<?, ?>) between.get("end"));
          }
        }
      } catch (MalformedJsonException | RuntimeException e) {
        // told below
      }
    }
    String last = errors.isEmpty() ? "it said nothing" : errors.getLast();
    throw new UsageException("the guest with " + technique.word() + " failed: " + last);
  }

  /** How this program was started, up to its own words. */
  private static List<String> ourselves() {
    ProcessHandle.Info self = ProcessHandle.current().info();
    List<String> command = new ArrayList<>(List.of(self.command().orElseThrow()));
    for (String word : OwnCommandLine.arguments()) {
      if (word.equals("compare")) {
        break;
      }
      command.add(word);
    }
    return command;
  }
}

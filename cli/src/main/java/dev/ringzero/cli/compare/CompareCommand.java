package dev.ringzero.cli.compare;

import dev.ringzero.cli.ExitStatus;
import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.command.Command;
import dev.ringzero.cli.command.OptionTable;
import dev.ringzero.cli.command.Quantity;
import dev.ringzero.cli.compare.scheduler.SchedulerAction;
import dev.ringzero.control.protocol.Json;
import dev.ringzero.vmm.memory.MemoryTechnique;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;

/**
 * {@code rz compare}: the same guest work under each way to virtualize memory, or the same guests
 * under several rules for their time.
 */
public final class CompareCommand implements Command {
  private static final Map<String, String> PROGRAMS = new LinkedHashMap<>();

  static {
    PROGRAMS.put("compute", "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done");
    PROGRAMS.put("fork", "i=0; while [ $i -lt 300 ]; do /bin/true; i=$((i+1)); done");
    PROGRAMS.put("memory", "dd if=/dev/zero of=/dev/shm/x bs=1M count=64; sha256sum /dev/shm/x");
    PROGRAMS.put(
        "pipes", "i=0; while [ $i -lt 100 ]; do echo $i | cat | cat >/dev/null; i=$((i+1)); done");
  }

  @Override
  public String name() {
    return "compare";
  }

  @Override
  public String summary() {
    return "run the same guest work with ept, shadow and direct paging, or under several"
        + " schedulers";
  }

  @Override
  public Options options() {
    return new OptionTable()
        .value("program", "NAME", String.join(", ", PROGRAMS.keySet()) + " (fork)")
        .value("exec", "COMMAND", "this in place of a program")
        .value("cpus", "N", "processors of the guest (1)")
        .flag("schedulers", "guests under several weights, caps and slices, in place of all that")
        .value("physical-cpus", "N", "with --schedulers: processors that they share (1)")
        .value("for", "TIME", "with --schedulers: how long to watch each (3s)")
        .flag("json", "as one JSON object")
        .value("html", "FILE", "also write a page with plots, which needs no other file")
        .options();
  }

  @Override
  public String notes() {
    return """

    Each way runs in a process of its own. What is shown is what was counted between the work's
    begin and its end. Seconds are the guest's own; on a host with other work they mean little.

    With --schedulers three busy guests and one that mostly sleeps run in this process, under one
    rule after the other: what each had of a physical CPU, how long it waited, what it got done.
    """;
  }

  @Override
  public int run(CommandLine line) throws IOException, InterruptedException {
    Optional<Path> page = Optional.ofNullable(line.getOptionValue("html")).map(Path::of);
    page.ifPresent(CompareCommand::checkWritable);
    if (line.hasOption("schedulers")) {
      return compareSchedulers(line, page);
    }
    if (line.hasOption("physical-cpus") || line.hasOption("for")) {
      throw new UsageException("--physical-cpus and --for go with --schedulers");
    }
    String work = work(line);
    int cpus =
        Optional.ofNullable(line.getOptionValue("cpus"))
            .map(text -> Quantity.number("--cpus", text, 1, 16))
            .orElse(1);
    Map<MemoryTechnique, Cost> costs = new LinkedHashMap<>();
    for (MemoryTechnique technique : MemoryTechnique.VIRTUAL) {
      System.err.println("rz: " + technique.word());
      costs.put(technique, Cost.of(ComparedRun.of(technique, cpus, work)));
    }
    Comparison comparison = new Comparison(work, costs);
    if (page.isPresent()) {
      Files.writeString(page.get(), ComparisonPage.of(comparison));
    }
    System.out.print(
        line.hasOption("json") ? Json.write(comparison.toMap()) + "\n" : comparison.text());
    return ExitStatus.OK;
  }

  private static int compareSchedulers(CommandLine line, Optional<Path> page)
      throws IOException, InterruptedException {
    SchedulerAction done = SchedulerAction.run(line);
    if (page.isPresent()) {
      Files.writeString(page.get(), done.page());
    }
    System.out.print(line.hasOption("json") ? Json.write(done.toMap()) + "\n" : done.text());
    return ExitStatus.OK;
  }

  /** Before minutes are spent on figures that cannot be kept. */
  private static void checkWritable(Path file) {
    Path directory = file.toAbsolutePath().getParent();
    if (directory == null || Files.isDirectory(file) || !Files.isWritable(directory)) {
      throw new UsageException("--html: cannot write " + file);
    }
  }

  private static String work(CommandLine line) {
    if (line.hasOption("exec") && line.hasOption("program")) {
      throw new UsageException("--program and --exec do not go together");
    }
    if (line.hasOption("exec")) {
      return line.getOptionValue("exec");
    }
    String name = line.getOptionValue("program", "fork");
    String program = PROGRAMS.get(name);
    if (program == null) {
      throw new UsageException(
          "--program takes " + String.join(", ", PROGRAMS.keySet()) + ", not " + name);
    }
    return program;
  }
}

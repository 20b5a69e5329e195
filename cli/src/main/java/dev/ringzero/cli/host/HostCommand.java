package dev.ringzero.cli.host;

import dev.ringzero.cli.ExitStatus;
import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.command.Command;
import dev.ringzero.cli.command.OptionTable;
import dev.ringzero.cli.command.Quantity;
import dev.ringzero.cli.command.Verbs;
import dev.ringzero.cli.process.SharedProcesses;
import dev.ringzero.control.process.ProcessDirectory;
import dev.ringzero.control.process.SharedProcess;
import dev.ringzero.control.protocol.Json;
import dev.ringzero.control.protocol.MessageChannel;
import dev.ringzero.vmm.schedule.PhysicalCpus;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;

/** {@code rz host}. */
public final class HostCommand implements Command {
  private static final Verbs VERBS =
      new Verbs("host")
          .add("ls", "json")
          .add("create NAME", "physical-cpus", "slice")
          .add("show NAME", "json")
          .add("rm NAME", "force")
          .addHidden("serve NAME", "physical-cpus", "slice", "vfs", "model", "uplink", "keep");
  static final SharedProcesses HOSTS = new SharedProcesses("host", ProcessDirectory.ofHosts());

  private static final int MOST_CPUS = 1024;

  @Override
  public String name() {
    return "host";
  }

  @Override
  public String summary() {
    return "make, show and end processes in which several machines share processors";
  }

  @Override
  public String operands() {
    return VERBS.operands();
  }

  @Override
  public int maximumOperands() {
    return VERBS.maximumOperands();
  }

  @Override
  public Options options() {
    return new OptionTable()
        .value("physical-cpus", "N", "threads that run its machines (as many as this computer has)")
        .value("slice", "TIME", "how long a vCPU runs while others want to, 100us to 1s (2ms)")
        .flag("force", "rm: also while machines run")
        .flag("json", "ls, show: as JSON, an object a host")
        .value("vfs", "N", "serve: with a network card of so many virtual functions")
        .value("model", "MODEL", "serve: what that card is to guests")
        .value("uplink", "KIND", "serve: where that card is plugged in")
        .flag("keep", "serve: stay without machines")
        .options();
  }

  @Override
  public String notes() {
    return """

    rz run --host NAME lets a machine run in such a process, which is started where it does not
    run, and then ends with its last machine. One that was created stays until rz host rm.
    Its machines share its physical CPUs by --cpu-weight, --cpu-cap and --cpu-pin of rz run.
    They trust each other: give those that do not a host each.
    rz host serve NAME is what the others start.
    """;
  }

  @Override
  public int run(CommandLine line) throws Exception {
    String verb = VERBS.of(line);
    if (verb.equals("ls")) {
      list(line.hasOption("json"));
      return ExitStatus.OK;
    }
    String name = VERBS.name(line);
    try {
      switch (verb) {
        case "create" -> create(name, line);
        case "show" -> show(name, line.hasOption("json"));
        case "rm" -> HOSTS.ask(name, Map.of("do", "end", "force", line.hasOption("force")));
        default -> serve(name, line);
      }
    } catch (IOException e) {
      throw new UsageException(e.getMessage());
    }
    return ExitStatus.OK;
  }

  private static void serve(String name, CommandLine line)
      throws IOException, InterruptedException {
    try (HostProcess host =
        new HostProcess(
            ProcessDirectory.ofHosts(),
            name,
            physicalCpus(line),
            sliceNanos(line),
            NicCommand.card(name, line),
            line.hasOption("keep"))) {
      System.out.println(SharedProcess.READY);
      System.out.close();
      host.await();
    }
  }

  private static int physicalCpus(CommandLine line) {
    return Optional.ofNullable(line.getOptionValue("physical-cpus"))
        .map(text -> Quantity.number("--physical-cpus", text, 1, MOST_CPUS))
        .orElse(Runtime.getRuntime().availableProcessors());
  }

  private static long sliceNanos(CommandLine line) {
    String text = line.getOptionValue("slice");
    if (text == null) {
      return PhysicalCpus.USUAL_SLICE_NANOS;
    }
    Duration slice = Quantity.duration("--slice", text);
    boolean fits =
        slice.compareTo(Duration.ofNanos(PhysicalCpus.LEAST_SLICE_NANOS)) >= 0
            && slice.compareTo(Duration.ofNanos(PhysicalCpus.MOST_SLICE_NANOS)) <= 0;
    if (!fits) {
      throw new UsageException("--slice takes 100us to 1s, not " + text);
    }
    return slice.toNanos();
  }

  private static void create(String name, CommandLine line) throws IOException {
    List<String> options = new ArrayList<>(List.of("--keep"));
    options.add("--physical-cpus=" + physicalCpus(line));
    options.add("--slice=" + sliceNanos(line) / 1000 + "us");
    SharedProcess.Connected connected =
        SharedProcess.HOST.connect(ProcessDirectory.ofHosts(), name, options);
    try (MessageChannel channel = new MessageChannel(connected.channel())) {
      channel.ask(Map.of("do", "keep"));
      if (!connected.started()) {
        System.err.println("rz: host " + name + " runs already; it stays now, as it is");
      }
    }
  }

  private static void list(boolean json) {
    if (!json) {
      System.out.printf("%-16s %8s %5s %9s %s%n", "NAME", "PID", "CPUS", "MACHINES", "ENDS");
    }
    for (Map<String, Object> shown : HOSTS.showAll()) {
      if (json) {
        System.out.println(Json.write(shown));
      } else {
        System.out.printf(
            "%-16s %8s %5s %9d %s%n",
            shown.get("name"),
            shown.get("pid"),
            shown.get("physicalCpus"),
            ((List<?>) shown.get("machines")).size(),
            Boolean.TRUE.equals(shown.get("kept")) ? "by rz host rm" : "with its last machine");
      }
    }
  }

  private static void show(String name, boolean json) throws IOException {
    Map<String, Object> shown = HOSTS.show(name);
    if (json) {
      System.out.println(Json.write(shown));
      return;
    }
    System.out.printf(
        "%s: %s physical CPUs, slices of %s us%n",
        name, shown.get("physicalCpus"), shown.get("sliceMicros"));
    System.out.printf("%-24s %12s %12s %10s%n", "VCPU", "RAN ms", "WAITED ms", "SLICES");
    for (Object vcpu : (List<?>) shown.get("vcpus")) {
      Map<?, ?> of = (Map<?, ?>) vcpu;
      System.out.printf(
          "%-24s %12s %12s %10s%n",
          of.get("vcpu"), of.get("ranMillis"), of.get("waitedMillis"), of.get("slices"));
    }
  }
}

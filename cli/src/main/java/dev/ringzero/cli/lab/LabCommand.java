package dev.ringzero.cli.lab;

import dev.ringzero.cli.ExitStatus;
import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.command.Command;
import dev.ringzero.cli.command.Nearest;
import dev.ringzero.cli.command.OptionTable;
import dev.ringzero.cli.command.Quantity;
import dev.ringzero.cli.command.Verbs;
import dev.ringzero.control.directory.ControlDirectory;
import dev.ringzero.control.protocol.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;

/** {@code rz lab}. */
public final class LabCommand implements Command {
  private static final Verbs VERBS =
      new Verbs("lab")
          .add("ls", "json")
          .add("up FILE", "timeout", "binds-anywhere")
          .add("down FILE|NAME")
          .add("graph FILE", "html");

  @Override
  public String name() {
    return "lab";
  }

  @Override
  public String summary() {
    return "start, show and end machines with links between them, from a file";
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
        .value("timeout", "TIME", "up: for each node's boot and each command (2m)")
        .flag("binds-anywhere", "up: binds may lead out of the file's folder")
        .value("html", "FILE", "graph: as a page with a drawing, to this file")
        .flag("json", "ls: as JSON, an object a lab")
        .options();
  }

  @Override
  public String notes() {
    return """

    The file has containerlab's form, of which these keys are known; see docs/guide/labs.md:
      name: lab1
      topology:
        defaults: {memory: 256MB}           # of all nodes; also kinds: {linux: {...}}
        nodes:
          r1:
            kind: linux
            image: NAME                     # of rz image ls; without one, the default guest
            cpu: 1                          # processors
            memory: 512MB
            network-mode: none              # no NAT at eth0
            binds: ["conf:/etc/conf:ro"]    # folders, below the file's
            exec: ["sysctl -w net.ipv4.ip_forward=1"]
          br0: {kind: bridge}               # a learning switch
          nic0: {kind: sriov-nic, vfs: 4}   # its functions are passed through to machines; model: 82576
        links:
          - endpoints: ["r1:eth1", "h1:eth1"]
          - endpoints: ["r1:eth2", "br0:p1"]
          - endpoints: ["r1:eth3", "nic0:vf0"]
    All machines of a lab run in one process, and are called NAME-NODE: rz attach lab1-r1,
    rz exec lab1-r1 'ip route'. Commands run when all nodes are up, each node's in order; one that
    fails takes the lab down again.
    """;
  }

  @Override
  public int run(CommandLine line) throws Exception {
    String verb = VERBS.of(line);
    if (verb.equals("ls")) {
      list(line.hasOption("json"));
      return ExitStatus.OK;
    }
    String subject = line.getArgList().get(1);
    try {
      switch (verb) {
        case "up" -> up(read(subject, line), line);
        case "down" -> down(subject);
        default -> graph(read(subject, line), line);
      }
    } catch (IOException e) {
      throw new UsageException(e.getMessage());
    }
    return ExitStatus.OK;
  }

  private static Lab read(String file, CommandLine line) {
    try {
      return LabReader.read(Path.of(file), line.hasOption("binds-anywhere"));
    } catch (InvalidPathException e) {
      throw new UsageException("lab takes a file, not " + file);
    }
  }

  private static void up(Lab lab, CommandLine line) throws IOException, InterruptedException {
    Duration limit = Quantity.duration("--timeout", line.getOptionValue("timeout", "2m"));
    new LabStart(lab, limit, System.err).up();
    System.out.println(lab.name());
  }

  /** A lab's name is enough: its file may have gone. */
  private static void down(String subject) throws IOException, InterruptedException {
    boolean named = ControlDirectory.isName(subject) && !Files.isRegularFile(Path.of(subject));
    String name = named ? subject : LabReader.read(Path.of(subject), true).name();
    LabProcess process =
        LabProcess.named(name)
            .orElseThrow(() -> new UsageException("no lab named " + name + " runs" + near(name)));
    if (process.lab().isEmpty()) {
      throw new UsageException(name + " is a host, no lab: rz host rm " + name + " ends it");
    }
    process.end();
  }

  private static String near(String name) {
    List<String> names = LabProcess.all().stream().map(LabProcess::name).toList();
    return Nearest.to(name, names).map(found -> "; did you mean " + found + "?").orElse("");
  }

  private static void list(boolean json) {
    for (LabProcess process : LabProcess.all()) {
      Map<String, Object> lab = new LinkedHashMap<>();
      lab.put("name", process.name());
      lab.put("pid", process.pid());
      process.lab().forEach((key, value) -> lab.put(String.valueOf(key), value));
      lab.put("running", process.machines());
      System.out.print(json ? Json.write(lab) + "\n" : table(process));
    }
  }

  private static String table(LabProcess process) {
    StringBuilder text = new StringBuilder();
    text.append(
        "%s (process %d), %s%n"
            .formatted(process.name(), process.pid(), process.lab().get("file")));
    if (process.lab().get("nodes") instanceof Map<?, ?> nodes) {
      nodes.forEach((node, machine) ->
          text.append(
              "  %-16s %-32s %s%n"
                  .formatted(
                      node, machine, process.machines().contains(machine) ? "running" : "ended")));
    }
    return text.toString();
  }

  private static void graph(Lab lab, CommandLine line) throws IOException {
    String html = line.getOptionValue("html");
    if (html == null) {
      System.out.print(LabGraph.text(lab));
    } else {
      Files.writeString(Path.of(html), LabGraph.html(lab));
    }
  }
}

package dev.ringzero.cli.network;

import dev.ringzero.cli.ExitStatus;
import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.command.Command;
import dev.ringzero.cli.command.OptionTable;
import dev.ringzero.cli.command.Quantity;
import dev.ringzero.cli.command.Verbs;
import dev.ringzero.cli.process.SharedProcesses;
import dev.ringzero.control.network.SwitchServer;
import dev.ringzero.control.process.ProcessDirectory;
import dev.ringzero.control.process.SharedProcess;
import dev.ringzero.control.protocol.Json;
import dev.ringzero.control.protocol.MessageChannel;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;

/** {@code rz switch}. */
public final class SwitchCommand implements Command {
  private static final Verbs VERBS =
      new Verbs("switch")
          .add("ls", "json")
          .add("create NAME", "uplink", "publish", "allow-host", "port", "mirror", "floods")
          .add("show NAME", "json")
          .add("set NAME", "uplink", "publish", "allow-host", "port", "mirror", "floods")
          .add("rm NAME", "force")
          .addHidden("serve NAME", "keep");
  private static final SharedProcesses SWITCHES =
      new SharedProcesses("switch", ProcessDirectory.ofSwitches());
  private static final int MOST_FLOODS = 1_000_000_000;

  @Override
  public String name() {
    return "switch";
  }

  @Override
  public String summary() {
    return "make, show, change and end switches between machines";
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
        .value("uplink", "KIND[,vlan=N]", "nat, tap=NAME or none: the switch's way to the world")
        .value("publish", "HOST:GUEST", "lead a port of 127.0.0.1 to the first guest, with nat")
        .flag("allow-host", "let guests reach this host, at 10.0.2.2, with nat")
        .value("port", "VM:eth0,vlan=N", "change the VLANs of a port; or trunk=N+N, trunk=all")
        .value("mirror", "VM:eth0|off", "a port that gets a copy of every frame")
        .value("floods", "N", "frames a second that a port may send to all others (10000)")
        .flag("force", "rm: also while machines are plugged in")
        .flag("json", "ls, show: as JSON, an object a switch")
        .flag("keep", "serve: stay without ports")
        .options();
  }

  @Override
  public String notes() {
    return """

    A switch is a process of yours. rz run --net switch=NAME starts it where it does not run; such
    a one ends with its last port. One that was created stays until rz switch rm.
    rz switch serve NAME is what the others start.
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
        case "set" -> change(name, line);
        case "rm" -> SWITCHES.ask(name, Map.of("do", "end", "force", line.hasOption("force")));
        default -> serve(name, line.hasOption("keep"));
      }
    } catch (IOException e) {
      throw new UsageException(e.getMessage());
    }
    return ExitStatus.OK;
  }

  private static void serve(String name, boolean kept) throws IOException, InterruptedException {
    try (SwitchServer server = new SwitchServer(ProcessDirectory.ofSwitches(), name, kept)) {
      System.out.println(SharedProcess.READY);
      System.out.close();
      server.await();
    }
  }

  private static void create(String name, CommandLine line) throws IOException {
    Map<String, Object> changes = changes(line);
    SharedProcess.Connected connected =
        SharedProcess.SWITCH.connect(ProcessDirectory.ofSwitches(), name, List.of("--keep"));
    try (MessageChannel channel = new MessageChannel(connected.channel())) {
      channel.ask(Map.of("do", "keep"));
      if (!connected.started() && changes.isEmpty()) {
        System.err.println("rz: switch " + name + " runs already; it stays now");
      }
      if (!changes.isEmpty()) {
        set(channel, changes, connected.started());
      }
    }
  }

  /** A switch that was made for a change that failed goes again. */
  private static void set(MessageChannel channel, Map<String, Object> changes, boolean fresh)
      throws IOException {
    try {
      channel.ask(changes);
    } catch (IOException e) {
      if (fresh) {
        channel.ask(Map.of("do", "end"));
      }
      throw e;
    }
  }

  private static void change(String name, CommandLine line) throws IOException {
    Map<String, Object> changes = changes(line);
    if (changes.isEmpty()) {
      throw new UsageException("set what? --uplink, --port, --mirror or --floods");
    }
    SWITCHES.ask(name, changes);
  }

  private static Map<String, Object> changes(CommandLine line) {
    Map<String, Object> changes = new LinkedHashMap<>();
    Optional.ofNullable(line.getOptionValue("uplink"))
        .ifPresent(text -> SwitchWords.uplink(text, changes));
    String[] published = line.getOptionValues("publish");
    if (published != null || line.hasOption("allow-host")) {
      if (!"nat".equals(changes.get("uplink"))) {
        throw new UsageException("--publish and --allow-host need --uplink nat");
      }
      changes.put("publish", published == null ? List.of() : List.of(published));
      changes.put("allowHost", line.hasOption("allow-host"));
    }
    Optional.ofNullable(line.getOptionValue("port"))
        .ifPresent(text -> SwitchWords.port(text, changes));
    Optional.ofNullable(line.getOptionValue("mirror"))
        .ifPresent(port -> changes.put("mirror", port));
    Optional.ofNullable(line.getOptionValue("floods"))
        .ifPresent(
            text -> changes.put("floods", Quantity.number("--floods", text, 0, MOST_FLOODS)));
    if (!changes.isEmpty()) {
      changes.put("do", "set");
    }
    return changes;
  }

  static MessageChannel connect(String name) {
    return SWITCHES.connect(name);
  }

  private static void list(boolean json) {
    if (!json) {
      System.out.printf("%-16s %8s %6s %-12s %s%n", "NAME", "PID", "PORTS", "UPLINK", "ENDS");
    }
    for (Map<String, Object> shown : SWITCHES.showAll()) {
      if (json) {
        System.out.println(Json.write(shown));
      } else {
        System.out.printf(
            "%-16s %8s %6d %-12s %s%n",
            shown.get("name"),
            shown.get("pid"),
            ((List<?>) shown.get("ports")).size(),
            shown.get("uplink"),
            Boolean.TRUE.equals(shown.get("kept")) ? "by rz switch rm" : "with its last port");
      }
    }
  }

  private static void show(String name, boolean json) throws IOException {
    Map<String, Object> shown = SWITCHES.show(name);
    System.out.print(json ? Json.write(shown) + "\n" : SwitchWords.show(shown));
  }
}

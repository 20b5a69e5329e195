package dev.ringzero.cli.lab;

import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.lab.Lab.Endpoint;
import dev.ringzero.cli.lab.Lab.Node;
import dev.ringzero.control.directory.ControlDirectory;
import dev.ringzero.control.process.ProcessDirectory;
import dev.ringzero.control.process.SharedProcess;
import dev.ringzero.control.protocol.Json;
import dev.ringzero.control.protocol.Json.MalformedJsonException;
import dev.ringzero.control.protocol.MessageChannel;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/** {@code rz lab up}: all or nothing. */
final class LabStart {
  private static final long NANOS_PER_TENTH = 100_000_000;

  private final Lab lab;
  private final Duration limit;
  private final PrintStream err;
  private final long begun = System.nanoTime();

  /**
   * Prepares it.
   *
   * @param limit for each node's boot, and for each of its commands
   */
  LabStart(Lab lab, Duration limit, PrintStream err) {
    this.lab = lab;
    this.limit = limit;
    this.err = err;
  }

  /** Starts the lab; what was started ends again if something fails. */
  void up() throws IOException, InterruptedException {
    SharedProcess.Connected connected =
        SharedProcess.HOST.connect(ProcessDirectory.ofHosts(), lab.name(), List.of());
    try (MessageChannel channel = new MessageChannel(connected.channel())) {
      if (!connected.started()) {
        throw new UsageException(
            "%s runs already: rz lab down %s ends it".formatted(lab.name(), lab.name()));
      }
      Thread undo = new Thread(this::end);
      Runtime.getRuntime().addShutdownHook(undo);
      try {
        channel.ask(Map.of("do", "lab", "lab", description()));
        for (Lab.Nic nic : lab.nics()) {
          channel.ask(card(nic));
        }
        boot();
        Runtime.getRuntime().removeShutdownHook(undo);
      } catch (IOException | InterruptedException | RuntimeException e) {
        Runtime.getRuntime().removeShutdownHook(undo);
        end();
        throw e;
      }
    }
  }

  private void end() {
    try {
      LabProcess process = LabProcess.named(lab.name()).orElse(null);
      if (process != null) {
        process.end();
      }
    } catch (IOException e) {
      err.println("rz: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What others can learn of the lab from its process. */
  private Map<String, Object> description() {
    Map<String, Object> nodes = new LinkedHashMap<>();
    lab.nodes().forEach(node -> nodes.put(node.name(), lab.machine(node)));
    return Map.of(
        "file",
        lab.file().toAbsolutePath().normalize().toString(),
        "nodes",
        nodes,
        "links",
        lab.links().stream().map(link -> link.one() + " - " + link.other()).toList());
  }

  private Map<String, Object> card(Lab.Nic nic) {
    Endpoint cable = new Endpoint(nic.name(), Endpoint.UPLINK);
    String uplink =
        nic.managed() ? "nat" : lab.link(cable).isPresent() ? lab.network(cable) : "none";
    return Map.of(
        "do",
        "card",
        "name",
        nic.name(),
        "model",
        nic.model().word(),
        "functions",
        (long) nic.functions(),
        "uplink",
        uplink);
  }

  private void boot() throws IOException, InterruptedException {
    for (Node node : lab.nodes()) {
      start(node);
    }
    all(this::awaitShell);
    all(this::runCommands);
  }

  private void start(Node node) throws IOException {
    try (MessageChannel channel =
        ProcessDirectory.ofHosts()
            .connect(lab.name())
            .map(MessageChannel::new)
            .orElseThrow(
                () -> new IOException("the process of lab " + lab.name() + " has ended"))) {
      channel.write(
          Map.of("do", "run", "arguments", NodeArguments.of(lab, node), "detached", true));
      String complaint = "its process has ended";
      for (String line = channel.readLine(); line != null; line = channel.readLine()) {
        Map<String, Object> frame = Json.read(line);
        if (frame.get("started") != null) {
          say(node, "boots");
          return;
        } else if (frame.get("err") instanceof String bytes) {
          complaint = said(Base64.getDecoder().decode(bytes), complaint);
        }
      }
      throw new UsageException("node " + node.name() + ": " + complaint);
    } catch (MalformedJsonException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** The last line, without our own name in front. */
  private static String said(byte[] bytes, String otherwise) {
    return new String(bytes, StandardCharsets.UTF_8)
        .lines()
        .map(line -> line.replaceAll("\\p{Cntrl}", "").strip())
        .filter(line -> !line.isEmpty())
        .reduce((first, second) -> second)
        .map(line -> line.startsWith("rz: ") ? line.substring("rz: ".length()) : line)
        .orElse(otherwise);
  }

  private void awaitShell(Node node) {
    ask(node, Map.of("do", "ready", "millis", limit.toMillis()));
    say(node, "is up");
  }

  private void runCommands(Node node) {
    int number = 0;
    for (String command : node.exec()) {
      number++;
      Map<String, Object> request = new LinkedHashMap<>();
      request.put("do", "exec");
      request.put("command", command);
      request.put("millis", limit.toMillis());
      Map<String, Object> answer = ask(node, request);
      if (!Long.valueOf(0).equals(answer.get("status"))) {
        byte[] output = Base64.getDecoder().decode(String.valueOf(answer.get("output")));
        throw new UsageException(
            "node %s: exec %d (%s) ended with status %s: %s"
                .formatted(
                    node.name(),
                    number,
                    YamlMap.shown(command),
                    answer.get("status"),
                    said(output, "it printed nothing")));
      }
    }
    if (number > 0) {
      say(node, number == 1 ? "has run its command" : "has run its %d commands".formatted(number));
    }
  }

  private Map<String, Object> ask(Node node, Map<String, Object> request) {
    try (MessageChannel channel =
        ControlDirectory.ofUser()
            .connect(lab.machine(node))
            .map(MessageChannel::new)
            .orElseThrow(() -> new IOException("the machine has ended"))) {
      return channel.ask(request);
    } catch (IOException e) {
      throw new UsageException("node " + node.name() + ": " + e.getMessage());
    }
  }

  /** Does something for all nodes at once, and waits for all. */
  private void all(Consumer<Node> what) throws InterruptedException, IOException {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> tasks = new ArrayList<>();
      for (Node node : lab.nodes()) {
        tasks.add(threads.submit(() -> what.accept(node)));
      }
      try {
        for (Future<?> task : tasks) {
          task.get();
        }
      } catch (ExecutionException e) {
        end();
        if (e.getCause() instanceof UsageException told) {
          throw told;
        }
        throw new IOException(String.valueOf(e.getCause()), e);
      }
    }
  }

  private void say(Node node, String what) {
    long tenths = (System.nanoTime() - begun) / NANOS_PER_TENTH;
    err.printf("rz: %d.%d s  %-12s %s%n", tenths / 10, tenths % 10, node.name(), what);
  }
}

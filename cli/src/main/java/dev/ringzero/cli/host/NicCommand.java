package dev.ringzero.cli.host;

import dev.ringzero.cli.ExitStatus;
import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.command.Command;
import dev.ringzero.cli.command.OptionTable;
import dev.ringzero.cli.command.Quantity;
import dev.ringzero.cli.command.Verbs;
import dev.ringzero.cli.network.CardOption;
import dev.ringzero.cli.run.FunctionOption;
import dev.ringzero.control.network.SharedNic;
import dev.ringzero.control.process.ProcessDirectory;
import dev.ringzero.control.process.SharedProcess;
import dev.ringzero.control.protocol.Json;
import dev.ringzero.network.NetworkAttachment;
import dev.ringzero.vmm.machine.CardModel;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;

/** {@code rz nic}. */
public final class NicCommand implements Command {
  private static final Verbs VERBS =
      new Verbs("nic")
          .add("ls", "json")
          .add("create NAME", "model", "vfs", "uplink")
          .add("show NAME", "json")
          .add("move NAME vfN VM|none", "now")
          .add("rm NAME", "force");
  private static final int USUAL_FUNCTIONS = 7;

  @Override
  public String name() {
    return "nic";
  }

  @Override
  public String summary() {
    return "make network cards of which each machine gets a function of its own (SR-IOV)";
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
        .value("model", "MODEL", "what its functions are to guests: virtio, or 82576 (virtio)")
        .value("vfs", "N", "how many virtual functions, 1 to 63, of an 82576 to 7 (7)")
        .value("uplink", "KIND", "nat, switch=NAME, tap=NAME or none: its cable (none)")
        .flag("force", "rm: also while machines have functions")
        .flag("now", "move: without asking the guest that has the function")
        .flag("json", "ls, show: as JSON, an object a card")
        .options();
  }

  @Override
  public String notes() {
    return """

    rz run --device NAME:vf0 gives a machine that virtual function, and --device NAME:pf the whole
    card, of which the guest then makes virtual functions itself. A function is one machine's at a
    time; move takes it from the one that has it, as if it were pulled out of its slot there, and
    puts it into a slot of the other. The card and the machines that have its functions live in one
    process, as rz host shows. Functions of an Intel 82576 are driven by igbvf, the whole card by
    igb: rz run takes Debian's kernel that has them, and loads them.
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
        case "move" -> move(name, line.getArgList(), line.hasOption("now"));
        case "show" -> show(name, line.hasOption("json"));
        default -> {
          shown(name);
          HostCommand.HOSTS.ask(name, Map.of("do", "end", "force", line.hasOption("force")));
        }
      }
    } catch (IOException e) {
      throw new UsageException(e.getMessage());
    }
    return ExitStatus.OK;
  }

  private static CardModel model(CommandLine line) {
    try {
      return CardModel.parse(line.getOptionValue("model", CardModel.VIRTIO.word()));
    } catch (IllegalArgumentException e) {
      throw new UsageException("--model is " + e.getMessage());
    }
  }

  private static int functions(CommandLine line) {
    int most = model(line).mostFunctions();
    return Optional.ofNullable(line.getOptionValue("vfs"))
        .map(text -> Quantity.number("--vfs", text, 1, most))
        .orElse(USUAL_FUNCTIONS);
  }

  private static Optional<NetworkAttachment> uplink(CommandLine line) {
    return uplink(line.getOptionValue("uplink", "none"));
  }

  private static Optional<NetworkAttachment> uplink(String kind) {
    return CardOption.all(List.of(kind), false, List.of()).stream()
        .map(card -> card.network())
        .findFirst();
  }

  /** The card that a host is told to have. */
  static Optional<SharedNic> card(String name, CommandLine line) throws IOException {
    return line.hasOption("vfs")
        ? Optional.of(
            new SharedNic(
                name, functions(line), model(line), uplink(line), new SecureRandom()::nextBytes))
        : Optional.empty();
  }

  /**
   * A card that a lab has.
   *
   * @param uplink where its cable leads, as {@code --uplink} takes it
   */
  static SharedNic card(String name, int functions, CardModel model, String uplink)
      throws IOException {
    return new SharedNic(name, functions, model, uplink(uplink), new SecureRandom()::nextBytes);
  }

  private static void create(String name, CommandLine line) throws IOException {
    uplink(line);
    List<String> options = new ArrayList<>(List.of("--keep", "--vfs=" + functions(line)));
    options.add("--model=" + model(line).word());
    options.add("--uplink=" + line.getOptionValue("uplink", "none"));
    SharedProcess.Connected connected =
        SharedProcess.HOST.connect(ProcessDirectory.ofHosts(), name, options);
    connected.channel().close();
    if (!connected.started()) {
      throw new UsageException("there is a card or host named " + name + " already");
    }
  }

  /** What a host that has a card shows of itself. */
  private static Map<String, Object> shown(String name) throws IOException {
    Map<String, Object> shown = HostCommand.HOSTS.show(name);
    if (!shown.containsKey("functions")) {
      throw new UsageException(name + " is no network card, but a host for machines");
    }
    return shown;
  }

  private static void list(boolean json) {
    if (!json) {
      System.out.printf(
          "%-16s %8s %-7s %9s %6s %s%n", "NAME", "PID", "MODEL", "FUNCTIONS", "TAKEN", "NETWORK");
    }
    for (Map<String, Object> shown : HostCommand.HOSTS.showAll()) {
      if (shown.get("functions") instanceof List<?> functions) {
        print(shown, functions, json);
      }
    }
  }

  private static void print(Map<String, Object> shown, List<?> functions, boolean json) {
    if (json) {
      System.out.println(Json.write(shown));
      return;
    }
    long taken = functions.stream().filter(of -> ((Map<?, ?>) of).get("machine") != null).count();
    System.out.printf(
        "%-16s %8s %-7s %9d %6d %s%n",
        shown.get("name"),
        shown.get("pid"),
        shown.get("model"),
        functions.size() - 1,
        taken,
        shown.get("network"));
  }

  private static void move(String name, List<String> words, boolean now) throws IOException {
    FunctionOption function = FunctionOption.of(name + ":" + words.get(2));
    Map<String, Object> request = new LinkedHashMap<>();
    request.put("do", "move");
    request.put("function", (long) function.number());
    request.put("machine", words.get(3).equals("none") ? null : words.get(3));
    request.put("now", now);
    shown(name);
    Object device = HostCommand.HOSTS.ask(name, request).get("device");
    if (!"".equals(device)) {
      System.out.printf("%s is %s of %s%n", function, device, words.get(3));
    }
  }

  private static void show(String name, boolean json) throws IOException {
    Map<String, Object> shown = shown(name);
    if (json) {
      System.out.println(Json.write(shown));
      return;
    }
    System.out.printf("%s: %s at %s%n", name, shown.get("model"), shown.get("network"));
    System.out.printf("%-10s %-18s %s%n", "FUNCTION", "ADDRESS", "MACHINE");
    for (Object function : (List<?>) shown.get("functions")) {
      Map<?, ?> of = (Map<?, ?>) function;
      System.out.printf(
          "%-10s %-18s %s%n",
          of.get("function"), of.get("mac"), of.get("machine") == null ? "-" : of.get("machine"));
    }
  }
}

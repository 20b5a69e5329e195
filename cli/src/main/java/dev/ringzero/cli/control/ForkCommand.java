package dev.ringzero.cli.control;

import dev.ringzero.cli.ExitStatus;
import dev.ringzero.cli.command.OptionTable;
import dev.ringzero.cli.command.Quantity;
import dev.ringzero.control.protocol.Json;
import dev.ringzero.control.protocol.MessageChannel;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;

/** {@code rz fork}. */
public final class ForkCommand extends MachineCommand {
  private static final int MOST = 1000;

  @Override
  public String name() {
    return "fork";
  }

  @Override
  public String summary() {
    return "make copies of a running machine, which share its memory until they write";
  }

  @Override
  public Options options() {
    return new OptionTable()
        .value("n", "count", "N", "how many (1)")
        .value("name", "NAME", "copies are called NAME-1, NAME-2, ... (the machine's name)")
        .flag("json", "as one JSON object")
        .options();
  }

  @Override
  public String notes() {
    return """

    Copies live in the process of the machine and outlive the machine; each has its own name for
    ps, attach and kill, its own disks, which begin as the machine's are now and end with it,
    its own network cards, and no published ports. Their guests learn that they are copies, as
    those of restored snapshots do: see rz help snapshot.
    VM may be left out where only one machine runs.
    """;
  }

  @Override
  int talk(MessageChannel channel, CommandLine line) throws IOException {
    Map<String, Object> request = new LinkedHashMap<>();
    request.put("do", "fork");
    request.put(
        "count",
        line.hasOption("count") ? Quantity.number("-n", line.getOptionValue("count"), 1, MOST) : 1);
    if (line.hasOption("name")) {
      request.put("name", line.getOptionValue("name"));
    }
    Map<String, Object> answer = channel.ask(request);
    answer.remove("ok");
    if (line.hasOption("json")) {
      System.out.println(Json.write(answer));
    } else {
      ((List<?>) answer.get("names")).forEach(System.out::println);
    }
    return ExitStatus.OK;
  }
}

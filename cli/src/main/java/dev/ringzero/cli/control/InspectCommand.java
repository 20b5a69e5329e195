package dev.ringzero.cli.control;

import dev.ringzero.cli.ExitStatus;
import dev.ringzero.cli.command.OptionTable;
import dev.ringzero.control.protocol.Json;
import dev.ringzero.control.protocol.MessageChannel;
import java.io.IOException;
import java.util.Map;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;

/** {@code rz inspect}. */
public final class InspectCommand extends MachineCommand {
  private static final String INDENT = "  ";

  @Override
  public String name() {
    return "inspect";
  }

  @Override
  public String summary() {
    return "show registers, memory and exits of a machine";
  }

  @Override
  public Options options() {
    return new OptionTable().flag("json", "as one JSON object").options();
  }

  @Override
  int talk(MessageChannel channel, CommandLine line) throws IOException {
    Map<String, Object> answer = channel.ask(Map.of("do", "inspect"));
    answer.remove("ok");
    if (line.hasOption("json")) {
      System.out.println(Json.write(answer));
    } else {
      print("", answer);
    }
    return ExitStatus.OK;
  }

  private static void print(String indent, Map<?, ?> object) {
    object.forEach((name, value) -> print(indent, name.toString(), value));
  }

  private static void print(String indent, String name, Object value) {
    switch (value) {
      case Map<?, ?> members when members.values().stream().allMatch(Map.class::isInstance) -> {
        System.out.println(indent + name);
        members.forEach((key, member) -> System.out.println(indent + INDENT + key + " " + member));
      }
      case Map<?, ?> members -> {
        System.out.println(indent + name);
        print(indent + INDENT, members);
      }
      case Iterable<?> elements ->
          elements.forEach(element -> print(indent + INDENT, name, element));
      case null, default -> System.out.printf("%s%-16s %s%n", indent, name, value);
    }
  }
}

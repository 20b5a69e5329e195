package dev.ringzero.cli.control;

import dev.ringzero.cli.ExitStatus;
import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.command.OptionTable;
import dev.ringzero.control.protocol.Json;
import dev.ringzero.control.protocol.MessageChannel;
import java.io.IOException;
import java.util.List;
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
  public String operands() {
    return "[VM [memory | walk ADDRESS]]";
  }

  @Override
  public int maximumOperands() {
    return 3;
  }

  @Override
  public Options options() {
    return new OptionTable()
        .flag("map", "with memory: the map from guest to machine frames, all of it")
        .flag("json", "as one JSON object")
        .options();
  }

  @Override
  int talk(MessageChannel channel, CommandLine line) throws IOException {
    List<String> words = line.getArgList();
    if (words.size() > 1 && words.get(1).equals("walk")) {
      return walk(channel, words, line.hasOption("json"));
    }
    if (words.size() > 1) {
      return memory(channel, words.get(1), line);
    }
    Map<String, Object> answer = channel.ask(Map.of("do", "inspect"));
    answer.remove("ok");
    if (line.hasOption("json")) {
      System.out.println(Json.write(answer));
    } else {
      print("", answer);
    }
    return ExitStatus.OK;
  }

  private static int memory(MessageChannel channel, String what, CommandLine line)
      throws IOException {
    if (!what.equals("memory")) {
      throw new UsageException(
          "inspect " + what + "? Known: memory, walk ADDRESS, or nothing for all");
    }
    Map<String, Object> memory =
        channel.ask(Map.of("do", "memory", "statistics", true, "map", true));
    memory.remove("ok");
    System.out.print(
        line.hasOption("json")
            ? Json.write(memory) + "\n"
            : MemoryTable.text(memory) + FrameMapTable.text(memory, line.hasOption("map")));
    return ExitStatus.OK;
  }

  private static int walk(MessageChannel channel, List<String> words, boolean json)
      throws IOException {
    if (words.size() < 3) {
      throw new UsageException("inspect walk needs an address, such as 0xffffffff81000000");
    }
    Map<String, Object> answer =
        channel.ask(Map.of("do", "walk", "address", address(words.get(2))));
    answer.remove("ok");
    if (json) {
      System.out.println(Json.write(answer));
      return ExitStatus.OK;
    }
    System.out.printf("%s, by %s%n", answer.get("address"), answer.get("memoryVirtualization"));
    for (Object tables : (List<?>) answer.get("walk")) {
      Map<?, ?> table = (Map<?, ?>) tables;
      System.out.println(table.get("tables"));
      for (Object entries : (List<?>) table.get("entries")) {
        Map<?, ?> entry = (Map<?, ?>) entries;
        System.out.printf(
            "  %-6s %-40s %s  %s%n",
            entry.get("name"), entry.get("place"), entry.get("entry"), entry.get("meaning"));
      }
    }
    System.out.println(answer.get("result"));
    return ExitStatus.OK;
  }

  private static long address(String text) {
    String digits = text.startsWith("0x") || text.startsWith("0X") ? text.substring(2) : text;
    try {
      return Long.parseUnsignedLong(digits, 16);
    } catch (NumberFormatException e) {
      throw new UsageException("not an address in hexadecimal: " + text);
    }
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

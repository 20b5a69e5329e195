package dev.ringzero.cli.control;

import dev.ringzero.cli.ExitStatus;
import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.command.OptionTable;
import dev.ringzero.control.protocol.Json;
import dev.ringzero.control.protocol.MessageChannel;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;

/** {@code rz inspect}. */
public final class InspectCommand extends MachineCommand {
  private static final String INDENT = "  ";
  private static final Pattern FUNCTION =
      Pattern.compile("(?:0000:)?(\\p{XDigit}{2}):(\\p{XDigit}{2})\\.([0-7])");

  @Override
  public String name() {
    return "inspect";
  }

  @Override
  public String summary() {
    return "show registers, memory, exits, PCI functions and IOMMU of a machine";
  }

  @Override
  public String operands() {
    return "[VM [memory | walk ADDRESS | pci | iommu [FUNCTION ADDRESS]]]";
  }

  @Override
  public int maximumOperands() {
    return 4;
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
    if (words.size() > 1 && words.get(1).equals("pci")) {
      return show(channel.ask(Map.of("do", "pci")), line, PciTable::functions);
    }
    if (words.size() > 1 && words.get(1).equals("iommu")) {
      return iommu(channel, words, line);
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
          "inspect "
              + what
              + "? Known: memory, walk ADDRESS, pci, iommu [FUNCTION ADDRESS], or nothing for all");
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

  private static int show(
      Map<String, Object> answer, CommandLine line, Function<Map<String, Object>, String> text) {
    answer.remove("ok");
    System.out.print(line.hasOption("json") ? Json.write(answer) + "\n" : text.apply(answer));
    return ExitStatus.OK;
  }

  private static int iommu(MessageChannel channel, List<String> words, CommandLine line)
      throws IOException {
    if (words.size() == 2) {
      return show(channel.ask(Map.of("do", "iommu")), line, PciTable::iommu);
    }
    if (words.size() == 3) {
      throw new UsageException("inspect iommu of a function needs an address, such as 0xfffff000");
    }
    Map<String, Object> request =
        Map.of("do", "iommu", "function", function(words.get(2)), "address", address(words.get(3)));
    return show(channel.ask(request), line, PciTable::walk);
  }

  private static long function(String text) {
    Matcher parts = FUNCTION.matcher(text);
    if (!parts.matches()) {
      throw new UsageException("a function is written as 0000:01:00.0 or 01:00.0, not " + text);
    }
    long device = Long.parseLong(parts.group(2), 16);
    if (device > 31) {
      throw new UsageException("a bus has devices 00 to 1f, not " + parts.group(2));
    }
    return Long.parseLong(parts.group(1), 16) << 8
        | device << 3
        | Long.parseLong(parts.group(3), 16);
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

package dev.ringzero.cli.control;

import dev.ringzero.cli.ExitStatus;
import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.command.OptionTable;
import dev.ringzero.cli.command.Quantity;
import dev.ringzero.control.protocol.Json;
import dev.ringzero.control.protocol.MessageChannel;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;

/** {@code rz device}. */
public final class DeviceCommand extends MachineCommand {
  private static final int MOST_OPERANDS = 3;
  private static final String COLUMNS = "%-16s %-6s %-6s %s%n";
  private static final Pattern ID = Pattern.compile("(.*?),id=([^,]*)(.*)");
  private static final String PATIENCE = "30s";
  private static final long LOOK_AGAIN_MILLIS = 100;

  @Override
  public String name() {
    return "device";
  }

  @Override
  public String summary() {
    return "put devices into a running machine, and take them out";
  }

  @Override
  public String operands() {
    return "ls VM | add VM disk=FILE[,OPTION]...|net=nat[,id=ID] | rm VM ID";
  }

  @Override
  public int maximumOperands() {
    return MOST_OPERANDS;
  }

  @Override
  public Options options() {
    return new OptionTable()
        .flag("now", "rm: pull it out without asking the guest, which may lose data")
        .value("wait", "TIME", "rm: how long to wait for the guest (" + PATIENCE + ")")
        .flag("json", "ls: as JSON, an object a line")
        .options();
  }

  @Override
  public String notes() {
    return """

    A machine has four slots. A disk takes the options of rz run --disk. Linux takes five
    seconds to let go of a device.
    """;
  }

  @Override
  List<String> machine(CommandLine line) {
    List<String> words = line.getArgList();
    if (words.isEmpty()) {
      throw new UsageException("device what? Known: ls, add, rm (see rz help device)");
    }
    return words.subList(1, words.size());
  }

  @Override
  int talk(MessageChannel channel, CommandLine line) throws IOException, InterruptedException {
    List<String> words = line.getArgList();
    switch (words.getFirst()) {
      case "ls" -> list(channel, line.hasOption("json"));
      case "add" -> add(channel, operand(words, "disk=FILE or net=nat"));
      case "rm" -> remove(channel, operand(words, "the id that rz device ls shows"), line);
      case String other -> throw new UsageException("device " + other + "? Known: ls, add, rm");
    }
    return ExitStatus.OK;
  }

  private static String operand(List<String> words, String what) {
    if (words.size() < MOST_OPERANDS) {
      throw new UsageException("device " + words.getFirst() + " VM needs " + what);
    }
    return words.getLast();
  }

  private static void list(MessageChannel channel, boolean json) throws IOException {
    List<Map<?, ?>> devices = devices(channel);
    if (json) {
      devices.forEach(device -> System.out.println(Json.write(device)));
      return;
    }
    System.out.printf(COLUMNS, "ID", "KIND", "SLOT", "WHAT");
    for (Map<?, ?> device : devices) {
      Object slot = device.get("slot");
      System.out.printf(
          COLUMNS,
          device.get("id"),
          device.get("kind"),
          slot.equals(0L) ? "board" : slot,
          device.get("what"));
    }
  }

  private static List<Map<?, ?>> devices(MessageChannel channel) throws IOException {
    Map<String, Object> answer = channel.ask(Map.of("do", "device", "action", "list"));
    return ((List<?>) answer.get("devices"))
        .stream().<Map<?, ?>>map(device -> (Map<?, ?>) device).toList();
  }

  private static void add(MessageChannel channel, String text) throws IOException {
    String device = text;
    Map<String, Object> request = new LinkedHashMap<>(Map.of("do", "device", "action", "add"));
    Matcher id = ID.matcher(text);
    if (id.matches()) {
      request.put("id", id.group(2));
      device = id.group(1) + id.group(3);
    }
    int equals = device.indexOf('=');
    if (equals < 0) {
      throw new UsageException("a device is disk=FILE or net=nat, not " + text);
    }
    String kind = device.substring(0, equals);
    String what = device.substring(equals + 1);
    request.put("kind", kind);
    request.put("what", kind.equals("disk") ? absolute(what) : what);
    System.out.println(channel.ask(request).get("id"));
  }

  /** The machine's process has another working directory. */
  private static String absolute(String file) {
    try {
      return Path.of("").toAbsolutePath().resolve(file).toString();
    } catch (InvalidPathException e) {
      throw new UsageException("disk= takes a file, not " + e.getInput());
    }
  }

  private static void remove(MessageChannel channel, String id, CommandLine line)
      throws IOException, InterruptedException {
    Duration patience = Quantity.duration("--wait", line.getOptionValue("wait", PATIENCE));
    boolean now = line.hasOption("now");
    channel.ask(Map.of("do", "device", "action", "remove", "id", id, "now", now));
    long deadline = System.nanoTime() + patience.toNanos();
    while (devices(channel).stream().anyMatch(device -> device.get("id").equals(id))) {
      if (System.nanoTime() > deadline) {
        throw new UsageException(
            "the guest has not let go of " + id + " yet; --now pulls it out without asking");
      }
      Thread.sleep(LOOK_AGAIN_MILLIS);
    }
  }
}

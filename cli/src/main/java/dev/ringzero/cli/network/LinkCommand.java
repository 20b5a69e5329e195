package dev.ringzero.cli.network;

import dev.ringzero.cli.ExitStatus;
import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.command.Command;
import dev.ringzero.cli.command.OptionTable;
import dev.ringzero.control.protocol.Json;
import dev.ringzero.control.protocol.MessageChannel;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;

/** {@code rz link}. */
public final class LinkCommand implements Command {
  private static final int MOST_WORDS = 8;

  @Override
  public String name() {
    return "link";
  }

  @Override
  public String summary() {
    return "show network cards, make a cable slow or lossy, pull it and plug it in";
  }

  @Override
  public String operands() {
    return "show VM | set VM:eth0 WHAT...";
  }

  @Override
  public int maximumOperands() {
    return MOST_WORDS;
  }

  @Override
  public Options options() {
    return new OptionTable().flag("json", "as JSON, an object a card").options();
  }

  @Override
  public String notes() {
    return """

    WHAT is any of: delay=20ms jitter=5ms loss=1%% rate=10mbit, or up, down, or good.
    Each direction of the cable gets them. What is not said stays as it is; good ends all.
    """
        .formatted();
  }

  @Override
  public int run(CommandLine line) throws Exception {
    List<String> words = line.getArgList();
    if (words.size() < 2) {
      throw new UsageException("link show VM, or link set VM:eth0 WHAT... (see rz help link)");
    }
    CardName card = CardName.parse(words.get(1));
    Map<String, Object> request = new LinkedHashMap<>();
    request.put("do", "link");
    switch (words.getFirst()) {
      case "show" -> {
        if (words.size() > 2) {
          throw new UsageException("unexpected: " + words.get(2) + " (see rz help link)");
        }
        if (words.get(1).contains(":")) {
          request.put("card", card.card());
        }
      }
      case "set" -> {
        request.put("card", card.card());
        request.put("set", LinkWords.parse(words.subList(2, words.size())));
      }
      default -> throw new UsageException("link takes show or set, not " + words.getFirst());
    }
    try (MessageChannel channel = card.connect()) {
      print(card.machine(), channel.ask(request), line.hasOption("json"));
    } catch (IOException e) {
      throw new UsageException(e.getMessage());
    }
    return ExitStatus.OK;
  }

  private static void print(String machine, Map<String, Object> answer, boolean json) {
    for (Object element : (Iterable<?>) answer.get("cards")) {
      Map<?, ?> card = (Map<?, ?>) element;
      if (json) {
        System.out.println(Json.write(card));
        continue;
      }
      System.out.printf(
          "%s:%s %s, %s, mtu %s, %s%n",
          machine,
          card.get("name"),
          card.get("network"),
          card.get("mac"),
          card.get("mtu"),
          card.get("line"));
      System.out.printf(
          "  received %s frames, %s bytes; sent %s frames, %s bytes; dropped %s, lost %s%n",
          card.get("framesReceived"),
          card.get("bytesReceived"),
          card.get("framesSent"),
          card.get("bytesSent"),
          card.get("dropped"),
          card.get("lost"));
    }
  }
}

package dev.ringzero.cli.command;

import dev.ringzero.cli.ExitStatus;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;

/** {@code rz help}. */
final class HelpCommand implements Command {
  private static final int OPTION_COLUMNS = 26;
  private static final int DESCRIPTION_COLUMNS = 70;
  private static final String COLUMNS = "  %-" + OPTION_COLUMNS + "s %s%n";

  @Override
  public String name() {
    return "help";
  }

  @Override
  public String summary() {
    return "show what there is, or how a command is used";
  }

  @Override
  public String operands() {
    return "[COMMAND]";
  }

  @Override
  public int run(CommandLine line) {
    List<String> words = line.getArgList();
    if (words.isEmpty()) {
      all();
    } else {
      one(Commands.named(words.getFirst()));
    }
    return ExitStatus.OK;
  }

  private static void all() {
    System.out.printf("usage: rz COMMAND [OPTION]...%n%n");
    for (Commands.Group group : Commands.GROUPS) {
      System.out.println(group.heading());
      for (String name : group.names()) {
        System.out.printf("  %-11s %s%n", name, Commands.named(name).summary());
      }
      System.out.println();
    }
    System.out.println(
        "'rz run' alone boots Debian's kernel to a shell. 'rz help run' tells more.");
  }

  private static void one(Command command) {
    List<Option> options = new ArrayList<>(command.options().getOptions());
    String form = options.isEmpty() ? "" : " [OPTION]...";
    System.out.printf("usage: rz %s%s %s%n%n", command.name(), form, command.operands());
    System.out.printf("%s%n", command.summary());
    if (!options.isEmpty()) {
      System.out.println();
    }
    for (Option option : options) {
      String value = option.hasArg() ? " " + option.getArgName() : "";
      String letter = option.getOpt() == null ? "" : "-" + option.getOpt() + ", ";
      show(letter + "--" + option.getLongOpt() + value, option.getDescription());
    }
    command.notes().lines().forEach(System.out::println);
  }

  private static void show(String option, String description) {
    String left = option;
    if (left.length() > OPTION_COLUMNS) {
      System.out.println("  " + left);
      left = "";
    }
    for (String line : lines(description)) {
      System.out.printf(COLUMNS, left, line);
      left = "";
    }
  }

  private static List<String> lines(String text) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : text.split(" ")) {
      if (!line.isEmpty() && line.length() + 1 + word.length() > DESCRIPTION_COLUMNS) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    lines.add(line.toString());
    return lines;
  }
}

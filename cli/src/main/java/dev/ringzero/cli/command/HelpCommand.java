package dev.ringzero.cli.command;

import dev.ringzero.cli.ExitStatus;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;

/** {@code rz help}. */
final class HelpCommand implements Command {
  private static final String COLUMNS = "  %-26s %s%n";

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
    for (String name : Commands.NAMES) {
      Command command = Commands.named(name);
      System.out.printf(COLUMNS, (name + " " + command.operands()).strip(), command.summary());
    }
    System.out.printf(
        "%n'rz run' alone boots Debian's kernel to a shell. 'rz help run' tells more.%n");
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
      System.out.printf(
          COLUMNS, letter + "--" + option.getLongOpt() + value, option.getDescription());
    }
    command.notes().lines().forEach(System.out::println);
  }
}

package dev.ringzero.cli;

import dev.ringzero.cli.command.Arguments;
import dev.ringzero.cli.command.Command;
import dev.ringzero.cli.command.Commands;
import java.util.List;

/** The command {@code rz}. */
public final class Main {
  private Main() {}

  public static void main(String[] words) {
    ProcessEnd.with(run(List.of(words)));
  }

  private static int run(List<String> words) {
    try {
      Command command = Commands.named(words.isEmpty() ? "help" : words.getFirst());
      List<String> rest = words.isEmpty() ? words : words.subList(1, words.size());
      if (rest.contains("--help") || rest.contains("-h")) {
        command = Commands.named("help");
        rest = words.subList(0, 1);
      }
      return command.run(Arguments.parse(command, rest));
    } catch (Exception | StackOverflowError | OutOfMemoryError e) {
      return Complaint.about(e, System.err);
    }
  }
}

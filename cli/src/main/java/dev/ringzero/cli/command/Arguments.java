package dev.ringzero.cli.command;

import dev.ringzero.cli.UsageException;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.cli.AlreadySelectedException;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.DefaultParser;
import org.apache.commons.cli.MissingArgumentException;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.apache.commons.cli.ParseException;
import org.apache.commons.cli.UnrecognizedOptionException;

/** Reads a command line, and says in one line what is wrong with it. */
public final class Arguments {
  private Arguments() {}

  /** Reads what follows the command's name. */
  public static CommandLine parse(Command command, List<String> words) {
    Options options = command.options();
    CommandLine line = parse(command, options, words);
    List<String> operands = line.getArgList();
    if (operands.size() > command.maximumOperands()) {
      throw new UsageException(
          "unexpected: " + operands.get(command.maximumOperands()) + hint(command));
    }
    return line;
  }

  private static CommandLine parse(Command command, Options options, List<String> words) {
    try {
      DefaultParser parser =
          DefaultParser.builder()
              .setAllowPartialMatching(false)
              .setStripLeadingAndTrailingQuotes(false)
              .get();
      return parser.parse(options, words.toArray(String[]::new));
    } catch (UnrecognizedOptionException e) {
      throw new UsageException(
          "unknown option " + e.getOption() + nearest(options, e.getOption()) + hint(command));
    } catch (MissingArgumentException e) {
      throw new UsageException(
          "--" + e.getOption().getLongOpt() + " needs a value: " + e.getOption().getArgName());
    } catch (AlreadySelectedException e) {
      throw new UsageException(
          "--"
              + e.getOption().getLongOpt()
              + " does not go with --"
              + e.getOptionGroup().getSelected());
    } catch (ParseException e) {
      throw new UsageException(e.getMessage() + hint(command));
    }
  }

  private static String nearest(Options options, String wrong) {
    List<String> names = new ArrayList<>();
    for (Option option : options.getOptions()) {
      names.add("--" + option.getLongOpt());
    }
    String bare = wrong.contains("=") ? wrong.substring(0, wrong.indexOf('=')) : wrong;
    return Nearest.to(bare, names).map(name -> "; did you mean " + name + "?").orElse("");
  }

  private static String hint(Command command) {
    return " (see rz help " + command.name() + ")";
  }
}

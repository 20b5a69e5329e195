package dev.ringzero.cli.command;

import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;

/** The options of a command, in the order in which help shows them. */
public final class OptionTable {
  private final Options options = new Options();

  /** Adds an option without a value. */
  public OptionTable flag(String name, String description) {
    options.addOption(Option.builder().longOpt(name).desc(description).get());
    return this;
  }

  /** Adds an option without a value and with a second name of one letter. */
  public OptionTable flag(String letter, String name, String description) {
    options.addOption(Option.builder(letter).longOpt(name).desc(description).get());
    return this;
  }

  /** Adds an option with a value. */
  public OptionTable value(String name, String valueName, String description) {
    options.addOption(
        Option.builder().longOpt(name).hasArg().argName(valueName).desc(description).get());
    return this;
  }

  /** Adds an option with a value and a second name of one letter. */
  public OptionTable value(String letter, String name, String valueName, String description) {
    options.addOption(
        Option.builder(letter).longOpt(name).hasArg().argName(valueName).desc(description).get());
    return this;
  }

  public Options options() {
    return options;
  }
}

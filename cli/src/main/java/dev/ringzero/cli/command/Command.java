package dev.ringzero.cli.command;

import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;

/** One of the words that may follow {@code rz}. */
public interface Command {
  /** The word. */
  String name();

  /** What it does, in a few words. */
  String summary();

  /** What follows it besides options, as shown in the usage line. */
  default String operands() {
    return "";
  }

  /** Most words that may follow it besides options. */
  default int maximumOperands() {
    return operands().isEmpty() ? 0 : 1;
  }

  default Options options() {
    return new Options();
  }

  /** What help says behind the options. */
  default String notes() {
    return "";
  }

  /**
   * Does it.
   *
   * @return the status with which {@code rz} ends
   */
  int run(CommandLine line) throws Exception;
}

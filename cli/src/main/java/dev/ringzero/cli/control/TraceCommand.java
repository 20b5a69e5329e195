package dev.ringzero.cli.control;

import dev.ringzero.cli.ExitStatus;
import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.command.OptionTable;
import dev.ringzero.control.protocol.MessageChannel;
import java.io.IOException;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;

/** {@code rz trace}. */
public final class TraceCommand extends MachineCommand {
  private static final Pattern ADDRESS = Pattern.compile("(0x)?[0-9a-fA-F]{1,16}");
  private static final int HEXADECIMAL = 16;

  @Override
  public String name() {
    return "trace";
  }

  @Override
  public String summary() {
    return "show what a machine does, until Ctrl-C";
  }

  @Override
  public Options options() {
    return new OptionTable()
        .value("what", "WHAT", "exits (if left out), interrupts or instructions[:FIRST-LAST]")
        .flag("exits", "as --what exits: those to RingZero, and of inner guests to their monitors")
        .value("translation", "ADDRESS", "once: the host code made from the instruction there")
        .flag("slices", "the time slices of its host's physical CPUs, all machines on them")
        .value("html", "FILE", "with --slices: the slices of a while as a timeline")
        .value("for", "TIME", "with --html: how long to look, up to 1m (2s)")
        .options();
  }

  @Override
  int talk(MessageChannel channel, CommandLine line) throws IOException {
    if (line.hasOption("slices")) {
      new SliceTrace(channel).show(line);
      return ExitStatus.OK;
    }
    if (line.hasOption("html") || line.hasOption("for")) {
      throw new UsageException("--html and --for go with --slices");
    }
    if (line.hasOption("exits") && (line.hasOption("what") || line.hasOption("translation"))) {
      throw new UsageException("--exits goes without --what and --translation");
    }
    channel.ask(
        line.hasOption("translation")
            ? Map.of("do", "translation", "address", address(line.getOptionValue("translation")))
            : Map.of("do", "trace", "what", line.getOptionValue("what", "exits")));
    for (String text = channel.readLine(); text != null; text = channel.readLine()) {
      System.out.println(text);
    }
    return ExitStatus.OK;
  }

  private static long address(String address) {
    if (!ADDRESS.matcher(address).matches()) {
      throw new UsageException("--translation takes an address in hexadecimal, not " + address);
    }
    return Long.parseUnsignedLong(address.replaceFirst("^0x", ""), HEXADECIMAL);
  }
}

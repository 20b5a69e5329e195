package dev.ringzero.cli.registry;

import dev.ringzero.cli.ExitStatus;
import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.command.Command;
import dev.ringzero.cli.command.OptionTable;
import dev.ringzero.cli.command.Quantity;
import dev.ringzero.control.registry.RegisteredVm;
import dev.ringzero.control.registry.Registry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;

/** {@code rz logs}. */
public final class LogsCommand implements Command {
  private static final int ALL_BYTES = 1 << 22;
  private static final int MOST_LINES = 1_000_000;

  @Override
  public String name() {
    return "logs";
  }

  @Override
  public String summary() {
    return "show what the console of a created machine said, also when it has ended";
  }

  @Override
  public String operands() {
    return "NAME";
  }

  @Override
  public Options options() {
    return new OptionTable()
        .value("tail", "N", "the last N lines only")
        .flag("monitor", "what RingZero itself said of it")
        .options();
  }

  @Override
  public String notes() {
    return """

    The last one to two MiB are kept. rz attach NAME follows a console that lives.
    """;
  }

  @Override
  public int run(CommandLine line) throws IOException {
    if (line.getArgList().isEmpty()) {
      throw new UsageException("logs of which machine? rz ls shows those that were created");
    }
    RegisteredVm vm = Registry.ofUser().get(line.getArgList().getFirst());
    byte[] bytes = line.hasOption("monitor") ? monitor(vm) : vm.console().tail(ALL_BYTES);
    int from =
        line.hasOption("tail")
            ? lineFromEnd(
                bytes, Quantity.number("--tail", line.getOptionValue("tail"), 0, MOST_LINES))
            : 0;
    System.out.write(bytes, from, bytes.length - from);
    System.out.flush();
    return ExitStatus.OK;
  }

  private static byte[] monitor(RegisteredVm vm) throws IOException {
    return Files.exists(vm.monitorLog())
        ? Files.readAllBytes(vm.monitorLog())
        : "".getBytes(StandardCharsets.UTF_8);
  }

  private static int lineFromEnd(byte[] bytes, int lines) {
    int left = lines;
    int at = bytes.length;
    boolean ended = at > 0 && bytes[at - 1] == '\n';
    for (int i = at - (ended ? 2 : 1); i >= 0 && left > 0; i--) {
      if (bytes[i] == '\n' && --left == 0) {
        return i + 1;
      }
    }
    return lines == 0 ? at : 0;
  }
}

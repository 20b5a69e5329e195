package dev.ringzero.cli.control;

import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.command.Command;
import dev.ringzero.cli.command.OptionTable;
import dev.ringzero.cli.command.Quantity;
import dev.ringzero.cli.terminal.Terminal;
import dev.ringzero.control.agent.AgentCommand.Window;
import dev.ringzero.control.agent.RemoteCommand;
import dev.ringzero.control.directory.ControlDirectory;
import dev.ringzero.control.protocol.MessageChannel;
import java.io.IOException;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;

/** {@code rz exec}. */
public final class ExecCommand implements Command {
  private static final int MOST_WORDS = 1000;
  private static final String USUAL_LIMIT = "60s";

  @Override
  public String name() {
    return "exec";
  }

  @Override
  public String summary() {
    return "run a command in a running guest, beside its shell";
  }

  @Override
  public String operands() {
    return "VM COMMAND [WORD...]";
  }

  @Override
  public int maximumOperands() {
    return MOST_WORDS;
  }

  @Override
  public Options options() {
    return new OptionTable()
        .flag("i", "input", "give it what this command reads")
        .flag("t", "terminal", "give it a terminal: this one")
        .value("timeout", "TIME", "how long to wait for the guest to boot (60s), and for the end")
        .options();
  }

  @Override
  public String notes() {
    return """

    For RingZero's own guests and images. COMMAND alone is text for the guest's shell, as in
    rz exec vm1 'ip -br address; ping -c 1 10.0.0.2'; with words behind it, a program and its words:
    rz exec -it vm1 top, rz exec vm1 -- ls -l /. Output and errors come as they are written, apart,
    and the exit status is its own. Ctrl-C, or what else ends rz, ends it too (SIGHUP). What it left
    running is not waited for. Without --timeout it may take as long as it wants.
    A guest without RingZero's agent (direct paging, a kernel without vsock) runs one command at a
    time, without input or terminal, for at most 60 s, and gives back at most the last 48 KiB.
    """;
  }

  @Override
  public int run(CommandLine line) throws Exception {
    List<String> words = line.getArgList();
    if (words.size() < 2) {
      throw new UsageException("exec takes a machine and a command, as in rz exec vm1 'uname -a'");
    }
    String machine = words.getFirst();
    String command = command(words.subList(1, words.size()));
    Duration limit = Quantity.duration("--timeout", line.getOptionValue("timeout", USUAL_LIMIT));
    boolean bounded = line.hasOption("timeout");
    boolean wantsTerminal = line.hasOption("terminal");
    Optional<Terminal> terminal = wantsTerminal ? Terminal.take() : Optional.empty();
    if (wantsTerminal && terminal.isEmpty()) {
      throw new UsageException("-t needs a terminal here: input and output");
    }
    Runtime.getRuntime().addShutdownHook(new Thread(() -> terminal.ifPresent(Terminal::close)));
    Optional<Window> window = terminal.map(Terminal::size).map(RunningCommand::window);
    try (MessageChannel channel = MachineCommand.connect(ControlDirectory.ofUser(), machine)) {
      Optional<RemoteCommand> remote =
          RemoteCommand.start(channel, terminalType(terminal) + command, window, limit);
      if (remote.isPresent()) {
        boolean input = line.hasOption("input") || wantsTerminal;
        return new RunningCommand(remote.get(), terminal)
            .run(input, bounded ? Optional.of(limit) : Optional.empty());
      }
      if (wantsTerminal || line.hasOption("input")) {
        throw new UsageException(
            machine + " has no agent of RingZero's: leave -i and -t out, or use rz attach");
      }
      return without(channel, command, limit);
    } catch (IOException e) {
      throw new UsageException(machine + ": " + e.getMessage());
    }
  }

  /** One word is for the shell; several are a program and its words. */
  private static String command(List<String> words) {
    return words.size() == 1
        ? words.getFirst()
        : words.stream()
            .map(word -> "'" + word.replace("'", "'\\''") + "'")
            .collect(Collectors.joining(" ", "exec ", ""));
  }

  private static String terminalType(Optional<Terminal> terminal) {
    String type = System.getenv().getOrDefault("TERM", "vt100").replaceAll("[^A-Za-z0-9.+-]", "");
    return terminal.isPresent() ? "export TERM=" + type + "; " : "";
  }

  /** By the guest's line of commands. */
  private static int without(MessageChannel channel, String command, Duration limit)
      throws IOException {
    Map<String, Object> request = new LinkedHashMap<>();
    request.put("do", "exec");
    request.put("command", command);
    request.put("millis", limit.toMillis());
    Map<String, Object> answer = channel.ask(request);
    System.out.write(Base64.getDecoder().decode(String.valueOf(answer.get("output"))));
    System.out.flush();
    return answer.get("status") instanceof Long status ? status.intValue() : 1;
  }
}

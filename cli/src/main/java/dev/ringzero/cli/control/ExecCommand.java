package dev.ringzero.cli.control;

import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.command.Command;
import dev.ringzero.cli.command.OptionTable;
import dev.ringzero.cli.command.Quantity;
import dev.ringzero.control.directory.ControlDirectory;
import dev.ringzero.control.protocol.MessageChannel;
import java.io.IOException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;

/** {@code rz exec}. */
public final class ExecCommand implements Command {
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
    return "VM COMMAND";
  }

  @Override
  public int maximumOperands() {
    return 2;
  }

  @Override
  public Options options() {
    return new OptionTable().value("timeout", "TIME", "how long to wait for it (60s)").options();
  }

  @Override
  public String notes() {
    return """

    For RingZero's own guests and images. COMMAND is one word for the guest's shell, as in
    rz exec vm1 'ip -br address; ping -c 1 10.0.0.2'. What it printed is shown when it has ended, at
    most the last 48 KiB; the exit status is its own.
    """;
  }

  @Override
  public int run(CommandLine line) throws Exception {
    List<String> words = line.getArgList();
    if (words.size() < 2) {
      throw new UsageException("exec takes a machine and a command, as in rz exec vm1 'uname -a'");
    }
    String limit = line.getOptionValue("timeout", "60s");
    Map<String, Object> request = new LinkedHashMap<>();
    request.put("do", "exec");
    request.put("command", words.get(1));
    request.put("millis", Quantity.duration("--timeout", limit).toMillis());
    try (MessageChannel channel =
        MachineCommand.connect(ControlDirectory.ofUser(), words.getFirst())) {
      Map<String, Object> answer = channel.ask(request);
      System.out.write(Base64.getDecoder().decode(String.valueOf(answer.get("output"))));
      System.out.flush();
      return answer.get("status") instanceof Long status ? status.intValue() : 1;
    } catch (IOException e) {
      throw new UsageException(words.getFirst() + ": " + e.getMessage());
    }
  }
}

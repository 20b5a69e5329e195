package dev.ringzero.cli.control;

import dev.ringzero.cli.ExitStatus;
import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.command.OptionTable;
import dev.ringzero.cli.command.Quantity;
import dev.ringzero.control.protocol.Json;
import dev.ringzero.control.protocol.MessageChannel;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;

/** {@code rz balloon}. */
public final class BalloonCommand extends MachineCommand {
  private static final String PATIENCE = "30s";
  private static final long LOOK_AGAIN_MILLIS = 100;
  private static final int MEBIBYTE_SHIFT = 20;

  @Override
  public String name() {
    return "balloon";
  }

  @Override
  public String summary() {
    return "let a guest make do with less memory, or show what it has";
  }

  @Override
  public String operands() {
    return "VM [SIZE]";
  }

  @Override
  public int maximumOperands() {
    return 2;
  }

  @Override
  public Options options() {
    return new OptionTable()
        .value("wait", "TIME", "how long to wait for the guest (" + PATIENCE + ")")
        .flag("zeros", "give back the frames of pages that are zero")
        .flag("json", "as one JSON object")
        .options();
  }

  @Override
  public String notes() {
    return """

    SIZE is what the guest may have, up to what it was started with. A guest that runs out of
    memory takes some back by itself. Pages of zeros share one frame of the host's, until the
    guest writes them: --zeros looks for more of them.
    """;
  }

  @Override
  int talk(MessageChannel channel, CommandLine line) throws IOException, InterruptedException {
    Map<String, Object> request =
        new HashMap<>(Map.of("do", "memory", "statistics", line.getArgList().size() < 2));
    List<String> words = line.getArgList();
    request.put("zeros", line.hasOption("zeros"));
    if (words.size() > 1) {
      request.put("bytes", Quantity.bytes("balloon", words.get(1)));
    }
    Map<String, Object> memory = channel.ask(request);
    if (words.size() > 1) {
      memory = await(channel, memory, line.getOptionValue("wait", PATIENCE));
    }
    memory.remove("ok");
    System.out.print(line.hasOption("json") ? Json.write(memory) + "\n" : MemoryTable.text(memory));
    return ExitStatus.OK;
  }

  private static Map<String, Object> await(
      MessageChannel channel, Map<String, Object> first, String patience)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + Quantity.duration("--wait", patience).toNanos();
    Map<String, Object> memory = first;
    while (!memory.get("balloonBytes").equals(memory.get("balloonTargetBytes"))) {
      if (System.nanoTime() > deadline) {
        throw new UsageException(
            "the guest does without %d MiB so far, of %d asked for"
                .formatted(
                    mebibytes(memory, "balloonBytes"), mebibytes(memory, "balloonTargetBytes")));
      }
      Thread.sleep(Duration.ofMillis(LOOK_AGAIN_MILLIS));
      memory = channel.ask(Map.of("do", "memory"));
    }
    return channel.ask(Map.of("do", "memory", "statistics", true));
  }

  private static long mebibytes(Map<String, Object> memory, String name) {
    return (Long) memory.get(name) >> MEBIBYTE_SHIFT;
  }
}

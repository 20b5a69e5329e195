package dev.ringzero.cli.network;

import dev.ringzero.cli.ExitStatus;
import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.command.Command;
import dev.ringzero.cli.command.OptionTable;
import dev.ringzero.control.protocol.MessageChannel;
import dev.ringzero.network.capture.PcapngReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;

/** {@code rz capture}. */
public final class CaptureCommand implements Command {
  private static final int BUFFER_BYTES = 1 << 16;

  @Override
  public String name() {
    return "capture";
  }

  @Override
  public String summary() {
    return "show the frames of a switch or of a machine's card, until Ctrl-C";
  }

  @Override
  public String operands() {
    return "SWITCH|VM:eth0";
  }

  @Override
  public Options options() {
    return new OptionTable()
        .value("w", "write", "FILE", "write a pcapng file; - for standard output")
        .options();
  }

  @Override
  public String notes() {
    return """

    Without -w there is a line for each frame. Into another program:
      rz capture lan0 -w - | tcpdump -n -r -
      rz capture vm1:eth0 -w - | wireshark -k -i -
    Long TCP segments are shown as machines pass them to each other, before a card cuts them.
    """;
  }

  @Override
  public int run(CommandLine line) throws Exception {
    List<String> words = line.getArgList();
    if (words.isEmpty()) {
      throw new UsageException("capture what? a switch such as lan0, or a card such as vm1:eth0");
    }
    String where = words.getFirst();
    Map<String, Object> request = new LinkedHashMap<>();
    request.put("do", "capture");
    CardName card = CardName.parse(where);
    boolean ofCard = where.contains(":");
    if (ofCard) {
      request.put("card", card.card());
    }
    try (MessageChannel channel = ofCard ? card.connect() : SwitchCommand.connect(where)) {
      channel.ask(request);
      String file = line.getOptionValue("w");
      if (file == null) {
        summarize(channel);
      } else {
        copy(channel, file);
      }
    } catch (IOException e) {
      throw new UsageException(e.getMessage());
    }
    return ExitStatus.OK;
  }

  private static void summarize(MessageChannel channel) throws IOException {
    PcapngReader reader = new PcapngReader(channel.input());
    for (String text = reader.nextLine(); text != null; text = reader.nextLine()) {
      System.out.println(text);
    }
  }

  private static void copy(MessageChannel channel, String file) throws IOException {
    boolean standard = file.equals("-");
    byte[] bytes = new byte[BUFFER_BYTES];
    try (OutputStream out =
        standard ? new FileOutputStream(FileDescriptor.out) : new FileOutputStream(file)) {
      for (int count = channel.read(bytes); count >= 0; count = channel.read(bytes)) {
        try {
          out.write(bytes, 0, count);
        } catch (IOException e) {
          if (standard) {
            return;
          }
          throw new IOException("cannot write " + file + ": " + e.getMessage(), e);
        }
      }
    }
  }
}

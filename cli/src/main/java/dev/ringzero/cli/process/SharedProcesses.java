package dev.ringzero.cli.process;

import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.command.Nearest;
import dev.ringzero.control.process.ProcessDirectory;
import dev.ringzero.control.protocol.MessageChannel;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The user's processes of one kind that several machines share, as commands ask them.
 *
 * @param kind the word for one of them, which is also the command that makes it, such as switch
 */
public record SharedProcesses(String kind, ProcessDirectory directory) {
  /**
   * Connects to one.
   *
   * @throws UsageException if none of that name runs
   */
  public MessageChannel connect(String name) {
    return directory
        .connect(name)
        .map(MessageChannel::new)
        .orElseThrow(() ->
            new UsageException(
                "no %s named %s runs".formatted(kind, name)
                    + Nearest.to(name, directory.names())
                        .map(near -> "; did you mean " + near + "?")
                        .orElse("; rz %s create %s makes it".formatted(kind, name))));
  }

  /** Asks one; see {@link MessageChannel#ask}. */
  public Map<String, Object> ask(String name, Map<String, Object> request) throws IOException {
    try (MessageChannel channel = connect(name)) {
      return channel.ask(request);
    }
  }

  /** What one shows of itself. */
  public Map<String, Object> show(String name) throws IOException {
    Map<String, Object> shown = ask(name, Map.of("do", "show"));
    shown.remove("ok");
    return shown;
  }

  /** What each that runs shows of itself, by name. */
  public List<Map<String, Object>> showAll() {
    List<Map<String, Object>> all = new ArrayList<>();
    for (String name : directory.names()) {
      Optional<SocketChannel> connection = directory.connect(name);
      if (connection.isPresent()) {
        try (MessageChannel channel = new MessageChannel(connection.get())) {
          Map<String, Object> shown = channel.ask(Map.of("do", "show"));
          shown.remove("ok");
          all.add(shown);
        } catch (IOException e) {
          // It ended while it was asked.
        }
      }
    }
    return all;
  }
}

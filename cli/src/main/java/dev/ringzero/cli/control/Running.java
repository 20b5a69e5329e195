package dev.ringzero.cli.control;

import dev.ringzero.control.directory.ControlDirectory;
import dev.ringzero.control.protocol.MessageChannel;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The machines of this user that run now. */
final class Running {
  private Running() {}

  static List<String> names(ControlDirectory directory) {
    return statuses(directory).stream().map(status -> status.get("name").toString()).toList();
  }

  static List<Map<String, Object>> statuses(ControlDirectory directory) {
    List<Map<String, Object>> statuses = new ArrayList<>();
    for (String name : directory.names()) {
      Optional<SocketChannel> connection = directory.connect(name);
      if (connection.isPresent()) {
        try (MessageChannel channel = new MessageChannel(connection.get())) {
          Map<String, Object> status = channel.ask(Map.of("do", "status"));
          status.remove("ok");
          statuses.add(status);
        } catch (IOException e) {
          // It ended while it was asked.
        }
      }
    }
    return statuses;
  }
}

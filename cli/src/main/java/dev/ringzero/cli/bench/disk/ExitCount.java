package dev.ringzero.cli.bench.disk;

import dev.ringzero.control.directory.ControlDirectory;
import dev.ringzero.control.protocol.MessageChannel;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** How often the guest of a running machine has left to the monitor. */
final class ExitCount {
  private ExitCount() {}

  static OptionalLong of(String machine) {
    Optional<SocketChannel> connection = ControlDirectory.ofUser().connect(machine);
    if (connection.isEmpty()) {
      return OptionalLong.empty();
    }
    try (MessageChannel channel = new MessageChannel(connection.get())) {
      Map<String, Object> answer = channel.ask(Map.of("do", "inspect"));
      Map<?, ?> statistics = (Map<?, ?>) answer.get("statistics");
      long count = 0;
      for (Object exits : ((Map<?, ?>) statistics.get("exits")).values()) {
        count += (Long) ((Map<?, ?>) exits).get("count");
      }
      return OptionalLong.of(count);
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }
}

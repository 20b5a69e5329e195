package dev.ringzero.cli.bench.network;

import dev.ringzero.control.directory.ControlDirectory;
import dev.ringzero.control.protocol.MessageChannel;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.Optional;

/**
 * What a running machine has counted so far.
 *
 * @param exits from the guest to the monitor
 * @param frames through all of its cards, both ways; up to 64 KiB each
 */
record MachineCounts(long exits, long frames) {
  static Optional<MachineCounts> of(String machine) {
    Optional<SocketChannel> connection = ControlDirectory.ofUser().connect(machine);
    if (connection.isEmpty()) {
      return Optional.empty();
    }
    try (MessageChannel channel = new MessageChannel(connection.get())) {
      Map<?, ?> statistics = (Map<?, ?>) channel.ask(Map.of("do", "inspect")).get("statistics");
      long exits = 0;
      for (Object of : ((Map<?, ?>) statistics.get("exits")).values()) {
        exits += (Long) ((Map<?, ?>) of).get("count");
      }
      long frames = 0;
      for (Object of : (Iterable<?>) channel.ask(Map.of("do", "link")).get("cards")) {
        Map<?, ?> card = (Map<?, ?>) of;
        frames += (Long) card.get("framesReceived") + (Long) card.get("framesSent");
      }
      return Optional.of(new MachineCounts(exits, frames));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}

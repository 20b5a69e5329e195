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
 * @param bytes in them
 * @param doorbells by drivers of its cards
 * @param callbacks of the models of its cards
 * @param interrupts of its cards
 */
record MachineCounts(
    long exits, long frames, long bytes, long doorbells, long callbacks, long interrupts) {
  static final MachineCounts NONE = new MachineCounts(0, 0, 0, 0, 0, 0);

  MachineCounts plus(MachineCounts other) {
    return combined(other, 1);
  }

  MachineCounts minus(MachineCounts other) {
    return combined(other, -1);
  }

  private MachineCounts combined(MachineCounts other, int sign) {
    return new MachineCounts(
        exits + sign * other.exits,
        frames + sign * other.frames,
        bytes + sign * other.bytes,
        doorbells + sign * other.doorbells,
        callbacks + sign * other.callbacks,
        interrupts + sign * other.interrupts);
  }

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
      MachineCounts all = new MachineCounts(exits, 0, 0, 0, 0, 0);
      for (Object of : (Iterable<?>) channel.ask(Map.of("do", "link")).get("cards")) {
        Map<?, ?> card = (Map<?, ?>) of;
        all =
            all.plus(
                new MachineCounts(
                    0,
                    (Long) card.get("framesReceived") + (Long) card.get("framesSent"),
                    (Long) card.get("bytesReceived") + (Long) card.get("bytesSent"),
                    (Long) card.get("doorbells"),
                    (Long) card.get("callbacks"),
                    (Long) card.get("interrupts")));
      }
      return Optional.of(all);
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}

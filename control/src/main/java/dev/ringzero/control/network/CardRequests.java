package dev.ringzero.control.network;

import dev.ringzero.control.protocol.MessageChannel;
import dev.ringzero.network.MacAddress;
import dev.ringzero.network.capture.CaptureStream;
import dev.ringzero.network.capture.CapturedPort;
import dev.ringzero.network.link.Impairments;
import dev.ringzero.vmm.machine.Machine;
import dev.ringzero.vmm.machine.NetworkCard;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What may be asked of a machine's network cards. */
public final class CardRequests {
  private final Machine machine;

  public CardRequests(Machine machine) {
    this.machine = machine;
  }

  /**
   * Changes the cable of one card, if it is told to, and shows it, or all.
   *
   * @throws IllegalArgumentException with a message for the user
   */
  public Map<String, Object> link(Map<String, Object> request) {
    List<NetworkCard> cards = machine.cards();
    if (request.get("card") != null) {
      cards = List.of(card(request.get("card").toString()));
    }
    if (request.get("set") instanceof Map<?, ?> set) {
      NetworkCard card = cards.getFirst();
      card.impair(changed(card.impairments(), set));
    }
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("ok", true);
    answer.put("cards", cards.stream().map(CardRequests::show).toList());
    return answer;
  }

  private NetworkCard card(String name) {
    return machine.cards().stream()
        .filter(card -> card.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                machine.cards().isEmpty()
                    ? "the machine has no network card; see rz help run, --net"
                    : "the machine has no card %s; it has: %s"
                        .formatted(
                            name,
                            String.join(
                                ", ", machine.cards().stream().map(NetworkCard::name).toList()))));
  }

  private static Impairments changed(Impairments now, Map<?, ?> set) {
    Impairments from = Boolean.TRUE.equals(set.get("good")) ? Impairments.NONE : now;
    return new Impairments(
        set.get("delayNanos") instanceof Long delay ? delay : from.delayNanos(),
        set.get("jitterNanos") instanceof Long jitter ? jitter : from.jitterNanos(),
        set.get("loss") instanceof Number loss ? loss.doubleValue() : from.loss(),
        set.get("bitsPerSecond") instanceof Long rate ? rate : from.bitsPerSecond(),
        set.get("down") instanceof Boolean down ? down : from.down());
  }

  private static Map<String, Object> show(NetworkCard card) {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("name", card.name());
    shown.put("network", card.network().description());
    shown.put("mac", MacAddress.format(card.mac()));
    shown.put("mtu", card.mtu());
    shown.put("up", card.isUp());
    shown.put("line", line(card));
    NetworkCard.Traffic traffic = card.traffic();
    shown.put("framesReceived", traffic.framesReceived());
    shown.put("bytesReceived", traffic.bytesReceived());
    shown.put("framesSent", traffic.framesSent());
    shown.put("bytesSent", traffic.bytesSent());
    shown.put("dropped", traffic.dropped());
    shown.put("lost", card.losses());
    shown.put("doorbells", card.doorbells());
    shown.put("callbacks", card.callbacks());
    shown.put("interrupts", card.interrupts());
    return shown;
  }

  private static String line(NetworkCard card) {
    Impairments line = card.impairments();
    StringBuilder text = new StringBuilder(line.down() ? "down" : card.isUp() ? "up" : "no switch");
    if (line.delayNanos() > 0) {
      text.append(" delay=").append(line.delayNanos() / 1e6).append("ms");
    }
    if (line.jitterNanos() > 0) {
      text.append(" jitter=").append(line.jitterNanos() / 1e6).append("ms");
    }
    if (line.loss() > 0) {
      text.append(" loss=").append(line.loss() * 100).append('%');
    }
    if (line.bitsPerSecond() > 0) {
      text.append(" rate=").append(line.bitsPerSecond() / 1e6).append("mbit");
    }
    return text.toString();
  }

  /** Streams a capture of a card until the client goes. */
  public void capture(String name, MessageChannel channel)
      throws IOException, InterruptedException {
    NetworkCard card = card(name);
    channel.write(Map.of("ok", true));
    try (CaptureStream capture = new CaptureStream(channel.stream(), name)) {
      CapturedPort.Observer observer = capture::add;
      card.observe(observer);
      channel.whenEnded(capture::close);
      try {
        capture.run();
      } finally {
        card.forget(observer);
      }
    }
  }
}

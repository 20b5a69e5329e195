package dev.ringzero.control.network;

import dev.ringzero.control.protocol.MessageChannel;
import dev.ringzero.network.MacAddress;
import dev.ringzero.network.capture.CaptureStream;
import dev.ringzero.network.capture.PcapngWriter.Direction;
import dev.ringzero.network.switching.AddressTable;
import dev.ringzero.network.switching.Switch;
import dev.ringzero.network.switching.SwitchPort;
import dev.ringzero.network.switching.VlanMode;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** What may be asked of a switch. */
final class SwitchRequests implements AutoCloseable {
  private static final int MOST_PORTS = 256;
  private static final int LOOKS = 20;
  private static final int LOOK_AGAIN_MILLIS = 50;
  private static final long NANOS_A_SECOND = 1_000_000_000L;

  private final String name;
  private final Switch lan;
  private final Uplinks uplinks;
  private final SwitchServer server;

  SwitchRequests(String name, Switch lan, Uplinks uplinks, SwitchServer server) {
    this.name = name;
    this.lan = lan;
    this.uplinks = uplinks;
    this.server = server;
  }

  /** Ports to which cards of machines are plugged. */
  int cards() {
    return (int) lan.ports().stream().filter(port -> !uplinks.isUplink(port)).count();
  }

  /** Answers; false if the connection now belongs to a port. */
  boolean answer(Map<String, Object> request, MessageChannel channel, SocketChannel connection)
      throws IOException, InterruptedException {
    switch (String.valueOf(request.get("do"))) {
      case "join" -> {
        join(request, channel, connection);
        return false;
      }
      case "show" -> channel.write(show());
      case "set" -> {
        set(request);
        channel.write(Map.of("ok", true));
      }
      case "keep" -> {
        server.keep();
        channel.write(Map.of("ok", true));
      }
      case "capture" -> capture(text(request, "port"), channel);
      case "end" -> end(request, channel);
      default -> channel.write(Map.of("error", "unknown request: " + request.get("do")));
    }
    return true;
  }

  private static Optional<String> text(Map<String, Object> request, String key) {
    return Optional.ofNullable(request.get(key)).map(Object::toString);
  }

  private void join(Map<String, Object> request, MessageChannel channel, SocketChannel connection)
      throws IOException, InterruptedException {
    String portName = text(request, "port").orElseThrow();
    long mac = MacAddress.parse(text(request, "mac").orElseThrow());
    VlanMode mode = VlanMode.parse(text(request, "mode").orElseThrow());
    awaitFree(portName);
    SwitchPort port;
    synchronized (this) {
      check(portName, mac);
      port = lan.open(portName, mode, OptionalLong.of(mac));
    }
    channel.write(Map.of("ok", true));
    server.loop().add(connection, port);
  }

  /** A machine that comes back at once may meet its old port, which is about to go. */
  private void awaitFree(String portName) throws InterruptedException {
    for (int i = 0; i < LOOKS && has(portName); i++) {
      Thread.sleep(LOOK_AGAIN_MILLIS);
    }
  }

  private boolean has(String portName) {
    return lan.ports().stream().anyMatch(port -> port.name().equals(portName));
  }

  private void check(String portName, long mac) {
    if (cards() >= MOST_PORTS) {
      throw new IllegalArgumentException("all of its " + MOST_PORTS + " ports are in use");
    }
    if (has(portName)) {
      throw new IllegalArgumentException("a port " + portName + " exists already");
    }
    for (SwitchPort port : lan.ports()) {
      if (port.mac().isPresent() && port.mac().getAsLong() == mac) {
        throw new IllegalArgumentException(
            "the address %s is taken by %s: choose another with mac="
                .formatted(MacAddress.format(mac), port.name()));
      }
    }
  }

  private SwitchPort port(String wanted) {
    return lan.ports().stream()
        .filter(port -> port.name().equals(wanted))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "switch %s has no port %s; it has: %s"
                    .formatted(
                        name,
                        wanted,
                        String.join(", ", lan.ports().stream().map(SwitchPort::name).toList()))));
  }

  private void set(Map<String, Object> request) {
    text(request, "floods").ifPresent(floods -> lan.floodsASecond(Long.parseLong(floods)));
    text(request, "port")
        .ifPresent(port -> port(port).mode(VlanMode.parse(text(request, "mode").orElseThrow())));
    text(request, "mirror")
        .ifPresent(mirror -> lan.mirrorTo(mirror.equals("off") ? null : port(mirror)));
    if (request.containsKey("uplink")) {
      List<String> published = new ArrayList<>();
      if (request.get("publish") instanceof List<?> ports) {
        ports.forEach(port -> published.add(port.toString()));
      }
      setUplink(request, published);
    }
  }

  private void setUplink(Map<String, Object> request, List<String> published) {
    try {
      uplinks.set(
          text(request, "uplink").orElseThrow(),
          VlanMode.parse(text(request, "uplinkMode").orElse("vlan=1")),
          Boolean.TRUE.equals(request.get("allowHost")),
          published);
    } catch (IOException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private void end(Map<String, Object> request, MessageChannel channel) throws IOException {
    List<String> used =
        lan.ports().stream().filter(port -> !uplinks.isUplink(port)).map(SwitchPort::name).toList();
    if (!used.isEmpty() && !Boolean.TRUE.equals(request.get("force"))) {
      throw new IllegalArgumentException(
          "switch " + name + " is in use by " + String.join(", ", used) + "; --force unplugs them");
    }
    channel.write(Map.of("ok", true));
    server.finish();
  }

  private Map<String, Object> show() {
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("ok", true);
    answer.put("name", name);
    answer.put("pid", ProcessHandle.current().pid());
    answer.put("kept", server.isKept());
    answer.put("uplink", uplinks.kind());
    answer.put("floodsASecond", lan.floodsASecond());
    SwitchPort mirror = lan.mirror();
    answer.put("mirror", mirror == null ? "off" : mirror.name());
    answer.put("ports", lan.ports().stream().map(SwitchRequests::show).toList());
    answer.put(
        "addresses",
        lan.addresses().stream()
            .sorted(
                Comparator.comparing(AddressTable.Known::vlan)
                    .thenComparing(AddressTable.Known::mac))
            .map(SwitchRequests::show)
            .toList());
    return answer;
  }

  private static Map<String, Object> show(SwitchPort port) {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("name", port.name());
    shown.put("mode", port.mode().toString());
    port.mac().ifPresent(mac -> shown.put("mac", MacAddress.format(mac)));
    shown.put("framesIn", port.framesIn());
    shown.put("bytesIn", port.bytesIn());
    shown.put("framesOut", port.framesOut());
    shown.put("bytesOut", port.bytesOut());
    shown.put("refused", port.refusals());
    shown.put("dropped", port.drops());
    return shown;
  }

  private static Map<String, Object> show(AddressTable.Known known) {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("vlan", known.vlan());
    shown.put("mac", MacAddress.format(known.mac()));
    shown.put("port", known.port().name());
    shown.put("ageSeconds", known.ageNanos() / NANOS_A_SECOND);
    return shown;
  }

  /** Streams a capture of one port, or of all, until the client goes. */
  private void capture(Optional<String> only, MessageChannel channel)
      throws IOException, InterruptedException {
    only.ifPresent(this::port);
    channel.write(Map.of("ok", true));
    try (CaptureStream capture = new CaptureStream(channel.stream(), only.orElse(name))) {
      Switch.Observer observer =
          (from, packet) -> {
            if (only.isEmpty() || only.get().equals(from.name())) {
              capture.add(Direction.INBOUND, packet);
            }
          };
      lan.observe(observer);
      channel.whenEnded(capture::close);
      try {
        capture.run();
      } finally {
        lan.forget(observer);
      }
    }
  }

  @Override
  public void close() {
    uplinks.close();
  }
}

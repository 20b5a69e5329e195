package dev.ringzero.cli.host;

import dev.ringzero.cli.UsageException;
import dev.ringzero.control.network.FunctionMoves;
import dev.ringzero.control.network.SharedNic;
import dev.ringzero.control.process.Linger;
import dev.ringzero.control.process.ProcessDirectory;
import dev.ringzero.control.protocol.Json;
import dev.ringzero.control.protocol.Json.MalformedJsonException;
import dev.ringzero.control.protocol.MessageChannel;
import dev.ringzero.control.run.GuestRun;
import dev.ringzero.vmm.machine.CardModel;
import dev.ringzero.vmm.schedule.PhysicalCpus;
import dev.ringzero.vmm.schedule.VcpuTime;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;

/**
 * A process in which several machines run, whose vCPUs share its physical CPUs. Others of the user
 * ask it by lines of JSON at its socket. Machines in one such process trust each other: who does
 * not gets another process.
 */
public final class HostProcess implements AutoCloseable {
  private static final long LOOK_AGAIN_MILLIS = 10;

  private final ProcessDirectory directory;
  private final String name;
  private final PhysicalCpus physicalCpus;
  private final long sliceNanos;
  private final ServerSocketChannel listener;
  private final Linger linger;
  private final CountDownLatch end = new CountDownLatch(1);
  private final Optional<SharedNic> nic;
  private final Optional<FunctionMoves> moves;
  private final Map<String, SharedNic> nics = new ConcurrentHashMap<>();
  private volatile Map<?, ?> lab = Map.of();
  private final Set<HostedRun> runs = ConcurrentHashMap.newKeySet();

  /**
   * Makes the host and lets it serve.
   *
   * @param nic a network card whose functions its machines may have
   * @param kept whether it stays without machines
   * @throws IOException with a message for the user
   */
  public HostProcess(
      ProcessDirectory directory,
      String name,
      int physicalCpus,
      long sliceNanos,
      Optional<SharedNic> nic,
      boolean kept)
      throws IOException {
    this.nic = nic;
    nic.ifPresent(card -> nics.put(name, card));
    moves = nic.map(card -> new FunctionMoves(card, this::running));
    this.directory = directory;
    this.name = name;
    this.physicalCpus = new PhysicalCpus(physicalCpus, sliceNanos);
    this.sliceNanos = sliceNanos;
    linger = new Linger(directory, name, runs::size, end::countDown, kept);
    listener = directory.listen(name);
    Thread.ofVirtual().name("accept").start(this::accept);
    linger.usersChanged();
  }

  /** Waits until the host is to end. */
  public void await() throws InterruptedException {
    end.await();
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel channel = listener.accept();
        Thread.ofPlatform().name("client").daemon().start(() -> serve(channel));
      }
    } catch (IOException e) {
      end.countDown();
    }
  }

  private void serve(SocketChannel connection) {
    try (MessageChannel channel = new MessageChannel(connection)) {
      for (String line = channel.readLine(); line != null; line = channel.readLine()) {
        answer(Json.read(line), channel);
      }
    } catch (IOException | MalformedJsonException e) {
      // The client went away, or is none of ours.
    }
  }

  private void answer(Map<String, Object> request, MessageChannel channel) throws IOException {
    switch (String.valueOf(request.get("do"))) {
      case "run" -> run(request, channel);
      case "show" -> channel.write(show());
      case "lab" -> {
        lab = request.get("lab") instanceof Map<?, ?> said ? said : Map.of();
        channel.write(Map.of("ok", true));
      }
      case "card" -> channel.write(addCard(request));
      case "move" -> channel.write(moved(request));
      case "keep" -> {
        linger.keep();
        channel.write(Map.of("ok", true));
      }
      case "end" -> end(Boolean.TRUE.equals(request.get("force")), channel);
      default -> channel.write(Map.of("error", "unknown request: " + request.get("do")));
    }
  }

  private void run(Map<String, Object> request, MessageChannel channel) throws IOException {
    HostedRun run = new HostedRun(request, channel, physicalCpus, this::card);
    runs.add(run);
    linger.usersChanged();
    try {
      run.call();
    } finally {
      runs.remove(run);
      linger.usersChanged();
    }
  }

  private Optional<SharedNic> card(String cardName) {
    return Optional.ofNullable(nics.get(cardName));
  }

  private Map<String, Object> addCard(Map<String, Object> request) {
    String cardName = String.valueOf(request.get("name"));
    int functions = request.get("functions") instanceof Long count ? count.intValue() : 0;
    try {
      CardModel model = CardModel.parse(String.valueOf(request.get("model")));
      String uplink = String.valueOf(request.get("uplink"));
      SharedNic card = NicCommand.card(cardName, functions, model, uplink);
      if (nics.putIfAbsent(cardName, card) != null) {
        card.close();
        return Map.of("error", "there is a card " + cardName + " already");
      }
      return Map.of("ok", true);
    } catch (IOException | UsageException | IllegalArgumentException e) {
      return Map.of("error", "network card " + cardName + ": " + e.getMessage());
    }
  }

  private Map<String, Object> moved(Map<String, Object> request) {
    if (moves.isEmpty() || !(request.get("function") instanceof Long function)) {
      return Map.of("error", name + " is no network card, but a host for machines");
    }
    Optional<String> target = Optional.ofNullable(request.get("machine")).map(Object::toString);
    boolean now = Boolean.TRUE.equals(request.get("now"));
    try {
      Optional<String> device = moves.get().move(function.intValue(), target, now);
      return Map.of("ok", true, "device", device.orElse(""));
    } catch (IOException e) {
      return Map.of("error", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Map.of("error", "interrupted");
    }
  }

  private Optional<GuestRun> running(String machine) {
    return runs.stream()
        .filter(run -> run.machine().filter(machine::equals).isPresent())
        .findFirst()
        .flatMap(HostedRun::run);
  }

  private List<String> machines() {
    return runs.stream().flatMap(run -> run.machine().stream()).sorted().toList();
  }

  private void end(boolean force, MessageChannel channel) throws IOException {
    List<String> machines = machines();
    if (!force && !machines.isEmpty()) {
      channel.write(
          Map.of(
              "error",
              "host %s still runs %s: stop them, or use --force"
                  .formatted(name, String.join(", ", machines))));
      return;
    }
    channel.write(Map.of("ok", true));
    end.countDown();
  }

  private Map<String, Object> show() {
    List<Object> times = new ArrayList<>();
    for (VcpuTime time : physicalCpus.times()) {
      Map<String, Object> shown = new LinkedHashMap<>();
      shown.put("vcpu", time.vcpu());
      shown.put("ranMillis", time.ranNanos() / 1_000_000);
      shown.put("waitedMillis", time.waitedNanos() / 1_000_000);
      shown.put("slices", time.slices());
      times.add(shown);
    }
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("ok", true);
    shown.put("name", name);
    shown.put("pid", ProcessHandle.current().pid());
    shown.put("physicalCpus", physicalCpus.count());
    shown.put("sliceMicros", sliceNanos / 1000);
    shown.put("machines", machines());
    shown.put("kept", linger.isKept());
    nic.ifPresent(card -> {
      shown.put("model", card.model().word());
      shown.put("network", card.description());
      shown.put("functions", card.functions().stream().map(HostProcess::show).toList());
    });
    shown.put("vcpus", times);
    shown.put("lab", lab);
    return shown;
  }

  private void endRuns() {
    try {
      while (!runs.isEmpty()) {
        runs.forEach(run -> run.end("its host ends"));
        Thread.sleep(LOOK_AGAIN_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Map<String, Object> show(SharedNic.Function function) {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put(
        "function", function.number() == SharedNic.PHYSICAL ? "pf" : "vf" + function.number());
    shown.put("mac", function.mac());
    shown.put("machine", function.machine());
    return shown;
  }

  @Override
  public void close() throws IOException {
    linger.close();
    endRuns();
    directory.forget(name);
    listener.close();
    nics.values().forEach(SharedNic::close);
    physicalCpus.close();
  }
}

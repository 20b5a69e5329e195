package dev.ringzero.control.server;

import dev.ringzero.control.console.ConsoleHistory.Follower;
import dev.ringzero.control.network.CardRequests;
import dev.ringzero.control.protocol.Json;
import dev.ringzero.control.protocol.MessageChannel;
import dev.ringzero.control.run.GuestRun;
import dev.ringzero.control.run.MachineView;
import dev.ringzero.control.trace.TraceKind;
import dev.ringzero.control.trace.TranslationLines;
import dev.ringzero.vmm.schedule.PhysicalCpus;
import dev.ringzero.vmm.schedule.Slice;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** What may be asked of a machine through its control socket. */
final class Requests {
  private static final int STREAM_BUFFER_BYTES = 1 << 14;

  private final GuestRun run;
  private final SnapshotRequests snapshots;

  Requests(GuestRun run, MachineHost host) {
    this.run = run;
    snapshots = new SnapshotRequests(run, host);
  }

  void answer(Map<String, Object> request, MessageChannel channel)
      throws IOException, InterruptedException {
    switch (String.valueOf(request.get("do"))) {
      case "status" -> channel.write(accepted(MachineView.status(run)));
      case "inspect" -> channel.write(accepted(MachineView.inspect(run)));
      case "statistics" -> channel.write(accepted(MachineView.statistics(run)));
      case "pause" -> {
        run.pause();
        channel.write(accepted(Map.of()));
      }
      case "resume" -> {
        run.resume();
        channel.write(accepted(Map.of()));
      }
      case "stop" -> {
        if (run.isPaused()) {
          channel.write(
              Map.of("error", "the guest is paused: rz resume lets it go on, rz kill ends it"));
          return;
        }
        run.shutDown();
        channel.write(accepted(Map.of()));
      }
      case "kill" -> {
        channel.write(accepted(Map.of()));
        run.machine().stop("killed");
      }
      case "snapshot" -> channel.write(accepted(snapshots.save(request)));
      case "fork" -> channel.write(accepted(snapshots.fork(request)));
      case "size" -> {
        run.resize(number(request, "rows"), number(request, "columns"));
        channel.write(accepted(Map.of()));
      }
      case "memory" -> channel.write(accepted(new MemoryRequests(run).answer(request)));
      case "device" -> channel.write(accepted(new DeviceRequests(run).answer(request)));
      case "pci" -> channel.write(accepted(run.machine().pci().functions()));
      case "iommu" -> channel.write(new IommuRequest(run.machine()).answer(request));
      case "walk" -> channel.write(new WalkRequest(run).answer(request));
      case "attach" -> attach(channel);
      case "ready" -> channel.write(accepted(new ExecRequests(run).ready(request)));
      case "exec" -> channel.write(accepted(new ExecRequests(run).exec(request)));
      case "command" -> new CommandRequests(run).command(request, channel);
      case "copy-in" -> new CopyRequests(run).in(request, channel);
      case "copy-out" -> new CopyRequests(run).out(request, channel);
      case "translation" -> translation(request.get("address"), channel);
      case "trace" -> trace(String.valueOf(request.get("what")), channel);
      case "slices" -> slices(channel);
      case "link" -> channel.write(new CardRequests(run.machine()).link(request));
      case "capture" ->
          new CardRequests(run.machine()).capture(String.valueOf(request.get("card")), channel);
      default -> channel.write(Map.of("error", "unknown request: " + request.get("do")));
    }
  }

  private static Map<String, Object> accepted(Map<String, Object> answer) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("ok", true);
    all.putAll(answer);
    return all;
  }

  private static int number(Map<String, Object> request, String name) {
    return request.get(name) instanceof Long value
        ? (int) Math.clamp(value, 1, Short.MAX_VALUE)
        : 1;
  }

  private void translation(Object address, MessageChannel channel) throws IOException {
    if (!(address instanceof Long gva)) {
      channel.write(Map.of("error", "which address?"));
      return;
    }
    try {
      List<String> lines = TranslationLines.of(run, gva);
      channel.write(accepted(Map.of()));
      for (String line : lines) {
        channel.writeLine(line);
      }
      channel.close();
    } catch (IllegalArgumentException e) {
      channel.write(Map.of("error", e.getMessage()));
    }
  }

  private void attach(MessageChannel channel) throws IOException, InterruptedException {
    channel.write(accepted(Map.of()));
    Follower follower = run.history().follow();
    Thread output =
        Thread.ofVirtual().name("attached-output").start(() -> forward(follower, channel));
    byte[] keys = new byte[STREAM_BUFFER_BYTES];
    try {
      for (int count = channel.read(keys); count >= 0; count = channel.read(keys)) {
        run.type(keys, count);
      }
    } finally {
      output.interrupt();
    }
  }

  private static void forward(Follower follower, MessageChannel channel) {
    byte[] bytes = new byte[STREAM_BUFFER_BYTES];
    try (channel) {
      for (int count = follower.read(bytes); count >= 0; count = follower.read(bytes)) {
        channel.write(bytes, count);
      }
    } catch (IOException e) {
      // The client went away.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void trace(String what, MessageChannel channel) throws IOException, InterruptedException {
    Optional<TraceKind> kind = TraceKind.parse(what);
    if (kind.isEmpty()) {
      channel.write(Map.of("error", "cannot trace " + what));
      return;
    }
    channel.write(accepted(Map.of()));
    LineStream.to(channel, run::ended, lines -> run.trace(kind.get(), lines));
  }

  /** Streams the slices of all vCPUs that share this machine's physical CPUs. */
  private void slices(MessageChannel channel) throws IOException, InterruptedException {
    Optional<PhysicalCpus> cpus = run.machine().physicalCpus();
    if (cpus.isEmpty()) {
      channel.write(Map.of("error", "its vCPUs are threads of the host, whose kernel slices them"));
      return;
    }
    channel.write(accepted(Map.of("physicalCpus", cpus.get().count())));
    LineStream.to(
        channel,
        run::ended,
        lines -> {
          Consumer<Slice> listener = slice -> lines.accept(Json.write(line(slice)));
          cpus.get().addListener(listener);
          return () -> cpus.get().removeListener(listener);
        });
  }

  private static Map<String, Object> line(Slice slice) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("cpu", slice.cpu());
    line.put("vcpu", slice.vcpu());
    line.put("beganNanos", slice.beganNanos());
    line.put("endedNanos", slice.endedNanos());
    line.put("end", slice.end().name());
    return line;
  }
}

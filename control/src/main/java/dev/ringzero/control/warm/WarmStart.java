package dev.ringzero.control.warm;

import dev.ringzero.control.console.TextWatch;
import dev.ringzero.control.run.GuestPreparation;
import dev.ringzero.control.run.GuestPreparation.Prepared;
import dev.ringzero.control.run.GuestRun;
import dev.ringzero.control.run.RunRequest;
import dev.ringzero.control.snapshot.Restoration;
import dev.ringzero.control.snapshot.SnapshotException;
import dev.ringzero.control.snapshot.SnapshotSave;
import dev.ringzero.control.snapshot.SnapshotStore;
import dev.ringzero.images.DefaultGuest;
import dev.ringzero.images.HostFileTrouble;
import dev.ringzero.images.ImageCache;
import dev.ringzero.images.ImageException;
import dev.ringzero.images.Progress;
import dev.ringzero.images.initramfs.DefaultInitramfs;
import dev.ringzero.images.initramfs.DefaultInitramfs.GuestCommand;
import dev.ringzero.vmm.machine.EngineConfiguration;
import dev.ringzero.vmm.machine.HostLinks;
import dev.ringzero.vmm.machine.Machine;
import dev.ringzero.vmm.machine.MachineConfiguration;
import dev.ringzero.vmm.memory.MemoryTechnique;
import dev.ringzero.vmm.schedule.PhysicalCpus;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Starts the default guest from a snapshot that was taken when it first had booted, and takes that
 * snapshot where there is none. The guest waits there for its name, its terminal and what to run,
 * and gets random numbers and the time as every copy does.
 */
public final class WarmStart {
  private static final String WAITING = "waiting\n";
  private static final Duration LONGEST_BOOT = Duration.ofMinutes(5);
  private static final int MOST_KEPT = 4;
  private static final int SCRIPT_PIECE_BYTES = 3000;

  private final ImageCache cache;
  private final Progress progress;
  private final SnapshotStore store;

  public WarmStart(ImageCache cache, Progress progress) {
    this.cache = cache;
    this.progress = progress;
    store = new SnapshotStore(cache.path("warm"));
  }

  /**
   * A guest that waits to be told.
   *
   * @param warm whether it comes from a snapshot; else it was booted, and the snapshot taken
   */
  public record Waiting(
      GuestRun run, boolean warm, RunRequest request, Optional<GuestCommand> command) {

    /** Tells the guest what it is to be; its machine has to run. */
    public void begin() throws InterruptedException {
      run.say("hostname " + run.machine().configuration().name());
      if (request.terminal().isPresent()) {
        DefaultInitramfs.Terminal shape = request.terminal().get();
        run.say("terminal %s %d %d".formatted(shape.plainType(), shape.rows(), shape.columns()));
      }
      if (command.isPresent()) {
        run.say("mark " + command.get().mark());
        byte[] script = command.get().script().getBytes(StandardCharsets.UTF_8);
        for (int at = 0; at < Math.max(1, script.length); at += SCRIPT_PIECE_BYTES) {
          int end = Math.min(script.length, at + SCRIPT_PIECE_BYTES);
          byte[] piece = Arrays.copyOfRange(script, at, end);
          run.say("script " + Base64.getEncoder().encodeToString(piece));
        }
      }
      run.say("run");
    }
  }

  /** Why what is asked for cannot start warm, in words for people; empty if it can. */
  public static Optional<String> whyNot(RunRequest request) {
    if (request.kernel().isPresent()
        || request.initrd().isPresent()
        || request.append().isPresent()
        || !request.modules().isEmpty()) {
      return Optional.of(
          "--warm starts the default guest: leave --kernel, --initrd, --module and"
              + " --append out");
    }
    if (request.image().isPresent()
        || !request.disks().isEmpty()
        || !request.cards().isEmpty()
        || !request.links().equals(HostLinks.NONE)) {
      return Optional.of(
          "--warm starts a guest without devices of this host: leave --image, --disk, --net,"
              + " --share, --vsock, --console and --device out, or see rz help snapshot");
    }
    if (!(request.engine() instanceof EngineConfiguration.Software ours)
        || ours.memory() == MemoryTechnique.DIRECT) {
      return Optional.of("--warm needs --engine software, with ept or shadow");
    }
    return Optional.empty();
  }

  /**
   * Starts a guest that waits.
   *
   * @param name of the machine
   * @throws ImageException if it cannot be
   */
  public Waiting start(RunRequest request, String name, PhysicalCpus cpus)
      throws InterruptedException {
    whyNot(request)
        .ifPresent(why -> {
          throw new ImageException(why);
        });
    Optional<GuestCommand> command =
        request.command().map(script -> new GuestCommand(script, GuestPreparation.mark()));
    Path kernel = DefaultGuest.kernel(cache, progress);
    byte[] initrd = initrd();
    String key = key(request, kernel, initrd);
    Optional<GuestRun> restored = restored(key, name);
    if (restored.isPresent()) {
      restored.get().start(cpus);
      return new Waiting(restored.get(), true, request, command);
    }
    GuestRun run = booted(request, name, initrd, cpus);
    keep(run, key);
    return new Waiting(run, false, request, command);
  }

  private byte[] initrd() {
    Path busybox = DefaultGuest.busybox(cache, progress);
    try {
      return DefaultInitramfs.waiting(
          Files.readAllBytes(busybox), GuestPreparation.agentOfDefault(cache, progress));
    } catch (IOException e) {
      throw new ImageException("cannot read " + busybox + ": " + HostFileTrouble.reason(e), e);
    }
  }

  private static String key(RunRequest request, Path kernel, byte[] initrd) {
    try {
      return WarmKey.of(request, kernel, initrd);
    } catch (IOException e) {
      throw new ImageException("cannot look at " + kernel + ": " + HostFileTrouble.reason(e), e);
    }
  }

  /** One that cannot be restored is taken away, and made again. */
  private Optional<GuestRun> restored(String key, String name) {
    if (!store.has(key)) {
      return Optional.empty();
    }
    try {
      return Optional.of(Restoration.make(store.get(key), name));
    } catch (SnapshotException e) {
      store.remove(key);
      return Optional.empty();
    }
  }

  private GuestRun booted(RunRequest request, String name, byte[] initrd, PhysicalCpus cpus)
      throws InterruptedException {
    Prepared prepared = new GuestPreparation(cache, progress).prepare(plain(request), name);
    MachineConfiguration form = prepared.configuration();
    GuestRun run =
        new GuestRun(
            new Machine(
                new MachineConfiguration(
                    name,
                    form.memoryBytes(),
                    form.cpus(),
                    form.kernel(),
                    Optional.of(initrd),
                    form.commandLine(),
                    List.of(),
                    List.of(),
                    form.links(),
                    form.engine())));
    TextWatch waiting = new TextWatch(WAITING);
    run.machine().channel().addListener(waiting);
    run.start(cpus);
    if (!waiting.await(LONGEST_BOOT)) {
      run.close();
      throw new ImageException("the default guest did not boot within five minutes");
    }
    run.machine().channel().removeListener(waiting);
    return run;
  }

  /** Without what the guest will be told. */
  private static RunRequest plain(RunRequest request) {
    return new RunRequest(
        request.kernel(),
        request.initrd(),
        request.modules(),
        request.append(),
        request.memoryBytes(),
        request.cpus(),
        Optional.empty(),
        Optional.empty(),
        request.image(),
        request.disks(),
        request.cards(),
        request.links(),
        request.engine());
  }

  /** That there is no room for a snapshot does not keep a guest from running. */
  private void keep(GuestRun run, String key) {
    try {
      List<String> oldest =
          store.names().stream().sorted(Comparator.comparing(this::savedAt)).toList();
      for (int i = 0; i <= oldest.size() - MOST_KEPT; i++) {
        store.remove(oldest.get(i));
      }
      new SnapshotSave(store).save(run, key, true);
    } catch (SnapshotException e) {
      progress.at(e.getMessage(), 0, 0);
    }
  }

  private long savedAt(String name) {
    try {
      return store.get(name).savedAt().toEpochMilli();
    } catch (SnapshotException e) {
      return 0;
    }
  }
}

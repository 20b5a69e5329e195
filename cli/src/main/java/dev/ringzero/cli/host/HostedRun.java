package dev.ringzero.cli.host;

import dev.ringzero.cli.Complaint;
import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.command.Arguments;
import dev.ringzero.cli.registry.KeptRun;
import dev.ringzero.cli.run.FunctionOption;
import dev.ringzero.cli.run.Run;
import dev.ringzero.cli.run.RunCommand;
import dev.ringzero.cli.run.RunOptions;
import dev.ringzero.cli.run.RunPlace;
import dev.ringzero.cli.terminal.Terminal;
import dev.ringzero.control.network.SharedNic;
import dev.ringzero.control.protocol.MessageChannel;
import dev.ringzero.control.run.GuestRun;
import dev.ringzero.control.server.MachineHost;
import dev.ringzero.images.initramfs.DefaultInitramfs;
import dev.ringzero.vmm.machine.CardConfiguration;
import dev.ringzero.vmm.schedule.PhysicalCpus;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * A run that another process asked for. What it prints goes there in lines of JSON: {@code {"out":
 * BYTES}} and {@code {"err": BYTES}} in base64, {@code {"started": NAME}}, and at last {@code
 * {"status": NUMBER}}. Unless it was detached its machine ends when that process does.
 */
final class HostedRun implements RunPlace {
  private static final int MOST_ROWS = 4096;

  private final Map<String, Object> request;
  private final MessageChannel channel;
  private final PhysicalCpus physicalCpus;
  private final Function<String, Optional<SharedNic>> nics;
  private final boolean detached;
  private final PrintStream err;
  private volatile GuestRun run;
  private volatile String abandoned;
  private volatile MachineHost copies;
  private volatile String machine;

  HostedRun(
      Map<String, Object> request,
      MessageChannel channel,
      PhysicalCpus physicalCpus,
      Function<String, Optional<SharedNic>> nics) {
    this.nics = nics;
    this.request = request;
    this.channel = channel;
    this.physicalCpus = physicalCpus;
    detached = Boolean.TRUE.equals(request.get("detached"));
    err = new PrintStream(new Frames("err"), true, StandardCharsets.UTF_8);
  }

  /** Runs the machine to its end, and tells who asked. */
  void call() throws IOException {
    if (!detached) {
      channel.whenEnded(() -> stop("its user went away"));
    }
    int status;
    try {
      status =
          request.get("kept") instanceof String kept
              ? KeptRun.call(kept, this)
              : new Run(options(), this).call();
    } catch (Exception | StackOverflowError | OutOfMemoryError e) {
      status = Complaint.about(e, err);
    }
    channel.write(Map.of("status", status));
  }

  private RunOptions options() {
    List<String> words =
        request.get("arguments") instanceof List<?> list
            ? list.stream().map(String::valueOf).toList()
            : List.of();
    return RunOptions.of(Arguments.parse(new RunCommand(), words));
  }

  /** The machine's name, once it runs. */
  Optional<String> machine() {
    return Optional.ofNullable(machine);
  }

  /** The run, once it has begun. */
  Optional<GuestRun> run() {
    return Optional.ofNullable(run);
  }

  /** Ends the machine, also if it does not run yet. */
  void stop(String why) {
    abandoned = why;
    GuestRun now = run;
    if (now != null) {
      now.machine().stop(why);
    }
  }

  /** Ends the machine and its copies. */
  void end(String why) {
    MachineHost its = copies;
    if (its != null) {
      its.close();
    }
    stop(why);
  }

  @Override
  public void copies(MachineHost host) {
    copies = host;
  }

  @Override
  public OutputStream out() {
    return new Frames("out");
  }

  @Override
  public PrintStream err() {
    return err;
  }

  @Override
  public boolean showsProgress() {
    return false;
  }

  @Override
  public PhysicalCpus physicalCpus() {
    return physicalCpus;
  }

  @Override
  public Optional<Terminal> takeTerminal() {
    return Optional.empty();
  }

  @Override
  public Optional<DefaultInitramfs.Terminal> guestTerminal(Optional<Terminal> taken) {
    if (request.get("rows") instanceof Long rows
        && request.get("columns") instanceof Long columns) {
      return Optional.of(
          new DefaultInitramfs.Terminal(
              String.valueOf(request.get("term")),
              (int) Math.clamp(rows, 1, MOST_ROWS),
              (int) Math.clamp(columns, 1, MOST_ROWS)));
    }
    return Optional.empty();
  }

  @Override
  public CardConfiguration card(FunctionOption function) {
    try {
      return nics.apply(function.nic())
          .orElseThrow(() ->
              new UsageException(
                  "%s is no network card, but a host for machines: rz nic create NAME makes one"
                      .formatted(function.nic())))
          .card(function.number(), function.address());
    } catch (IOException e) {
      throw new UsageException("--device " + function + ": " + e.getMessage());
    }
  }

  @Override
  public boolean hasConsole() {
    return false;
  }

  @Override
  public void started(String name, GuestRun started, boolean hasShellOfOurs) {
    run = started;
    machine = name;
    if (abandoned != null) {
      stop(abandoned);
    }
    try {
      if (hasShellOfOurs && Boolean.TRUE.equals(request.get("typesAtOnce"))) {
        started.awaitShell();
      }
      channel.write(Map.of("started", name));
      if (detached) {
        channel.close();
      }
    } catch (IOException e) {
      // It went away; where that matters, it is noticed.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A stream that goes to who asked; when nobody listens any more it goes nowhere. */
  private final class Frames extends OutputStream {
    private final String kind;

    Frames(String kind) {
      this.kind = kind;
    }

    @Override
    public void write(int value) {
      write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int lengthBytes) {
      byte[] part = Arrays.copyOfRange(bytes, offset, offset + lengthBytes);
      try {
        channel.write(Map.of(kind, Base64.getEncoder().encodeToString(part)));
      } catch (IOException e) {
        // Nobody listens.
      }
    }
  }
}

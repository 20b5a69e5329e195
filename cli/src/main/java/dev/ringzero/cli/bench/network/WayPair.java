package dev.ringzero.cli.bench.network;

import dev.ringzero.cli.bench.guest.GuestConsole.Outcome;
import dev.ringzero.cli.bench.guest.Station;
import dev.ringzero.cli.bench.subject.Guest;
import dev.ringzero.cli.bench.subject.GuestException;
import dev.ringzero.cli.bench.subject.RingZero;
import dev.ringzero.cli.bench.subject.Subject;
import dev.ringzero.cli.process.SharedProcesses;
import dev.ringzero.control.process.ProcessDirectory;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Two guests of ours in one process. */
final class WayPair implements PathPair {
  private static final SharedProcesses HOSTS =
      new SharedProcesses("host", ProcessDirectory.ofHosts());

  private final Way way;
  private final String host;
  private final Station first;
  private final Station second;

  WayPair(Way way, Guest guest) {
    this.way = way;
    host = "bench-" + way.key() + "-" + ProcessHandle.current().pid();
    first = new Station(way, command(guest, true));
    second = new Station(way, command(guest, false));
  }

  private List<String> command(Guest guest, boolean isFirst) {
    List<String> command = new ArrayList<>(way.command(guest));
    command.addAll(way.card(host, isFirst));
    command.addAll(List.of("--name", machine(isFirst)));
    return command;
  }

  private String machine(boolean isFirst) {
    return host + (isFirst ? "-a" : "-b");
  }

  @Override
  public Subject subject() {
    return way;
  }

  @Override
  public void start() throws GuestException, InterruptedException {
    if (way.uplink().isPresent()) {
      String model = way.model().word();
      String uplink = way.uplink().get();
      command("nic", "create", host, "--model", model, "--vfs", "2", "--uplink", uplink);
    }
    first.start();
    second.start();
    Outcome serving = second.run(NetworkProgram.SERVE);
    if (serving.status() != 0) {
      throw new GuestException("the second guest does not serve: " + serving.result());
    }
  }

  private static void command(String... words) throws GuestException, InterruptedException {
    try {
      Process process =
          new ProcessBuilder(new RingZero().rz(words)).redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes());
      if (process.waitFor() != 0) {
        throw new GuestException(said.strip());
      }
    } catch (IOException e) {
      throw new GuestException("cannot start rz " + words[0] + ": " + e.getMessage());
    }
  }

  @Override
  public Outcome run(NetworkProgram program) throws GuestException, InterruptedException {
    return first.run(program.program().name());
  }

  @Override
  public Duration cpuTime() {
    try {
      return HOSTS.show(host).get("pid") instanceof Long pid
          ? ProcessHandle.of(pid)
              .flatMap(process -> process.info().totalCpuDuration())
              .orElse(Duration.ZERO)
          : Duration.ZERO;
    } catch (IOException e) {
      return Duration.ZERO;
    }
  }

  @Override
  public MachineCounts counts() {
    return MachineCounts.of(machine(true))
        .orElse(MachineCounts.NONE)
        .plus(MachineCounts.of(machine(false)).orElse(MachineCounts.NONE));
  }

  @Override
  public void close() {
    first.close();
    second.close();
    if (way.uplink().isPresent()) {
      try {
        command("nic", "rm", host, "--force");
      } catch (GuestException e) {
        // It did not start.
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
